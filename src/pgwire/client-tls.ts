/** What TLS tells of a client once the handshake is over: version and cipher, and the certificate that it has shown. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ClientTls } from '../session/wire-session.js';

/** The certificate of a client. */
export interface ClientCertificate {
  /** Whether a trusted authority vouches for it, and it is valid today. */
  readonly isVerified: boolean;
  /** Why not, for the log. */
  readonly fault: string | null;
  readonly commonName: string | null;
  /** As RFC 2253 writes it: the last part of the name first. */
  readonly distinguishedName: string;
}

export interface TlsPeer extends ClientTls {
  /** The application protocol that was agreed on, null when the client named none. */
  readonly protocol: string | null;
  readonly certificate: ClientCertificate | null;
}

/** REQUIRES: the handshake is over. */
export function readTlsPeer(socket: TLSSocket): TlsPeer {
  const { standardName, name } = socket.getCipher();
  const certificate = socket.getPeerX509Certificate();
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getProtocol() === 'TLSv1.3' ? standardName : name,
    bits: keyBits(standardName),
    clientDn: certificate === undefined ? null : slashed(certificate.subject),
    clientSerial: certificate === undefined ? null : BigInt(`0x${certificate.serialNumber}`).toString(),
    issuerDn: certificate === undefined ? null : slashed(certificate.issuer),
    protocol: socket.alpnProtocol === false ? null : socket.alpnProtocol,
    certificate: certificate === undefined ? null : describe(certificate, verificationFault(socket)),
  };
}

function describe(certificate: X509Certificate, fault: string | null): ClientCertificate {
  const parts = certificate.subject.split('\n');
  return {
    isVerified: fault === null,
    fault,
    commonName: commonName(parts),
    distinguishedName: parts.reverse().join(','),
  };
}

/** The first CN; null when there is none, or one with a zero byte, which is made to be read differently by others. */
function commonName(parts: readonly string[]): string | null {
  const part = parts.find((text) => text.startsWith('CN='));
  if (part === undefined) return null;
  const name = unescaped(part.slice('CN='.length));
  return name === '' || name.includes('\0') ? null : name;
}

/** Undoes RFC 2253's escapes. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-9A-Fa-f]{2}|.)/g, (_whole, code: string) =>
    code.length === 2 ? String.fromCharCode(Number.parseInt(code, 16)) : code,
  );
}

function slashed(name: string): string {
  return name
    .split('\n')
    .map((part) => `/${part}`)
    .join('');
}

/**
 * What OpenSSL has found wrong with the client's certificate; null: nothing. Node tells it only to sockets that a tls.Server
 * has accepted, so the handle is asked; one that cannot tell has verified nothing.
 */
function verificationFault(socket: TLSSocket): string | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null || !('verifyError' in handle)) return 'it could not be verified';
  const { verifyError } = handle;
  if (typeof verifyError !== 'function') return 'it could not be verified';
  const error: unknown = verifyError.call(handle);
  if (error === null || error === undefined) return null;
  return error instanceof Error ? error.message : 'it could not be verified';
}

/** The length of a cipher's key, from its name. */
function keyBits(cipher: string): number {
  const digits = /_(128|256)_/.exec(cipher);
  if (digits !== null) return Number(digits[1]);
  return cipher.includes('CHACHA20') ? 256 : cipher.includes('3DES') ? 168 : 0;
}
