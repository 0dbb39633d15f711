/** Reads chosen records of the log in one pass. */
import type { Lsn } from './api.js';
import type { LogRecord, WriteAheadLog } from './stored-form.js';

/** The records that start at the LSNs, in order. REQUIRES: they are on disk. @throws when one is not there */
export async function* recordsAt(wal: WriteAheadLog, lsns: readonly Lsn[]): AsyncGenerator<LogRecord> {
  if (lsns.length === 0) return;
  const wanted = [...lsns].sort((a, b) => a - b);
  let next = 0;
  for await (const record of wal.readFrom(wanted[0])) {
    if (record.lsn !== wanted[next]) continue;
    yield record;
    if (++next === wanted.length) return;
  }
  throw new Error(`the log record at ${wanted[next]} has gone`);
}
