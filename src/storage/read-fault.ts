/** What a statement is told when something cannot be read from the KvStore. Other statements, and other tables, go on. */
import { RowCorruption } from '../encoding/datum-codec.js';
import { sqlError } from '../errors/sql-error.js';
import { KvError } from '../kv/kv-error.js';

const HINT =
  'Stop the server and run "orbit-server check" to see what is damaged. Restore the data directory from a backup.';

/** `what` names the place, as in "page 7 of the table with OID 16390". Errors of other kinds are returned as they are. */
export function readFault(error: unknown, what: string): unknown {
  if (error instanceof RowCorruption || (error instanceof KvError && error.kind === 'corrupt'))
    return sqlError('data_corrupted', `${what} is damaged: ${error.message}`, { hint: HINT });
  if (error instanceof KvError && error.kind === 'crowded')
    return sqlError('insufficient_resources', `could not read ${what}: ${error.message}`);
  if (error instanceof KvError) return sqlError('io_error', `could not read ${what}: ${error.message}`);
  return error;
}
