/** The server's certificate and key, read and checked before anything else is started. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type Config, ConfigError } from '../config/config.js';

/** Undefined when TLS is not configured. @throws ConfigError naming the setting that cannot be used */
export function tlsContext(tls: Config['tls']): SecureContext | undefined {
  if (tls === null) return undefined;
  const cert = readSetting('cert_path', tls.certPath);
  const key = readSetting('key_path', tls.keyPath);
  try {
    return createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new ConfigError(`[security] cert_path and key_path: ${messageOf(error)}`);
  }
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
