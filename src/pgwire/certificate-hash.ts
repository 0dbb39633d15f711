/**
 * The hash that binds a SCRAM exchange to a certificate (RFC 5929, tls-server-end-point): over the whole certificate, with
 * the digest of its signature, SHA-256 where that is MD5 or SHA-1.
 */
import { createHash, X509Certificate } from 'node:crypto';

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

/** Digests by the signature algorithm's identifier in hexadecimal. */
const DIGESTS: Readonly<Record<string, string>> = {
  // RSA with MD5, SHA-1, SHA-256, SHA-384, SHA-512, SHA-224
  '2a864886f70d010104': 'sha256',
  '2a864886f70d010105': 'sha256',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a864886f70d01010e': 'sha224',
  // ECDSA with SHA-1, SHA-224, SHA-256, SHA-384, SHA-512
  '2a8648ce3d0401': 'sha256',
  '2a8648ce3d040301': 'sha224',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  // DSA with SHA-1, SHA-256
  '2a8648ce380403': 'sha256',
  '608648016503040302': 'sha256',
};

/** `pem`: the certificate, the first one where there are several. Null for signatures without a digest (Ed25519). */
export function certificateHash(pem: Buffer): Buffer | null {
  const { raw } = new X509Certificate(pem);
  const digest = DIGESTS[signatureAlgorithm(raw)];
  return digest === undefined ? null : createHash(digest).update(raw).digest();
}

/** The identifier in hexadecimal. A certificate is SEQUENCE { contents, SEQUENCE { identifier, … }, signature }. */
function signatureAlgorithm(certificate: Buffer): string {
  const outer = element(certificate, 0, SEQUENCE);
  const contents = element(certificate, outer.start, SEQUENCE);
  const algorithm = element(certificate, contents.end, SEQUENCE);
  const identifier = element(certificate, algorithm.start, OBJECT_IDENTIFIER);
  return certificate.toString('hex', identifier.start, identifier.end);
}

/** Where the contents of the DER element at `at` are. */
function element(bytes: Buffer, at: number, tag: number): { start: number; end: number } {
  if (bytes[at] !== tag) throw new Error('the certificate is not laid out as X.509 has it');
  const short = bytes[at + 1];
  if (short < 0x80) return { start: at + 2, end: at + 2 + short };
  const size = short & 0x7f;
  const start = at + 2 + size;
  return { start, end: start + bytes.readUIntBE(at + 2, size) };
}
