/** What went wrong at start, told so that an operator knows what to do. */
import type { Config } from '../config/config.js';
import { SqlError } from '../errors/sql-error.js';

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function kindOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'kind' in error ? String(error.kind) : '';
}

/** What is said when the store fails while it is in use. */
export function failureMessage(error: Error, config: Config): string {
  const told = kindOf(error) === 'corrupt' ? startErrorMessage(error, config) : null;
  return told ?? `the store has failed: ${error.message}. Start the server again: it recovers from its log`;
}

/** A message for known faults; null for others, which are logged with their stack. */
export function startErrorMessage(error: unknown, config: Config): string | null {
  const text = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `port ${config.port} on ${config.host} is already in use: stop the other server or choose another port with --port`;
    case 'EADDRNOTAVAIL':
      return `the address ${config.host} does not belong to this machine`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `no permission: ${text}. Check the owner and mode of ${config.dataDir}`;
    case 'EMFILE':
    case 'ENFILE':
      return `too many open files: raise the limit (ulimit -n), or close others: ${text}`;
    case 'ENOSPC':
      return `no space left on the device of ${config.dataDir}`;
  }
  switch (kindOf(error)) {
    case 'locked':
      return `the data directory ${config.dataDir} is in use by another server`;
    case 'unwritable':
      return `the data directory ${config.dataDir} cannot be written: ${text}`;
    case 'full':
      return `no space left on the device of ${config.dataDir}: ${text}`;
    case 'crowded':
      return `too many open files: raise the limit (ulimit -n), or close others: ${text}`;
    case 'corrupt':
      return `the data in ${config.dataDir} is damaged: ${text}. Restore it from a backup (see docs/operations.md)`;
  }
  if (!(error instanceof Error)) return null;
  if (error.name === 'WalCorruption' || error.name === 'ConfigError') return text;
  if (error.name === 'NewerFormatError' || error.name === 'WalVersionError')
    return `the data in ${config.dataDir} cannot be read: ${text}. Use the version of the server that wrote it`;
  return error instanceof SqlError ? error.message : null;
}
