/**
 * The server's certificate, key and authorities of clients, read and checked before anything else is started, and again when
 * the settings are reloaded or a file changes. Files that do not fit together leave what was there before in use: between
 * the writing of a certificate and of its key they do not.
 */
import { constants } from 'node:crypto';
import { readFileSync, type Stats, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../config/config-error.js';
import type { TlsFiles } from '../config/security-settings.js';
import { certificateHash } from '../pgwire/certificate-hash.js';
import type { ServerTls } from '../pgwire/wire-options.js';

/** How often files are looked at: milliseconds. */
const LOOK_INTERVAL_MS = 2_000;

/** @throws ConfigError naming the setting that cannot be used */
export function readServerTls(files: TlsFiles): ServerTls {
  const cert = readSetting('cert_path', files.certPath);
  const key = readSetting('key_path', files.keyPath);
  const ca = files.clientCaPath === null ? undefined : readSetting('client_ca_path', files.clientCaPath);
  const crl = files.crlPath === null ? undefined : readSetting('crl_path', files.crlPath);
  try {
    // Without authorities of its own OpenSSL would trust those that vouch for web sites.
    const context = createSecureContext({
      cert,
      key,
      ca: ca ?? [],
      crl,
      minVersion: files.minVersion,
      // As in PostgreSQL every connection proves itself anew, so that a certificate that was revoked is of no use at once.
      secureOptions: constants.SSL_OP_NO_TICKET,
      sessionIdContext: 'orbit-server',
    });
    return { context, asksCertificates: ca !== undefined, binding: certificateHash(cert) };
  } catch (error) {
    throw new ConfigError(`[security] ${settingsOf(files)}: ${messageOf(error)}`);
  }
}

/** Calls back when one of the files has changed; the result ends that. Does not keep the process alive. */
export function watchTlsFiles(files: TlsFiles, changed: () => void, interval = LOOK_INTERVAL_MS): () => void {
  const paths = [files.certPath, files.keyPath, files.clientCaPath, files.crlPath].filter((path) => path !== null);
  const look = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) changed();
  };
  for (const path of paths) watchFile(path, { interval, persistent: false }, look);
  return () => {
    for (const path of paths) unwatchFile(path, look);
  };
}

function settingsOf(files: TlsFiles): string {
  const names = ['cert_path', 'key_path'];
  if (files.clientCaPath !== null) names.push('client_ca_path');
  if (files.crlPath !== null) names.push('crl_path');
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

function readSetting(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(`[security] ${name}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
