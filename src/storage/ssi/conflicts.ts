/**
 * When rw-antidependencies become dangerous. A history of snapshots that is not serializable has T1 -rw-> T2 -rw-> T3
 * in which T3 was the first of the three to commit, and, if T1 is read-only, committed before T1's snapshot (Ports and
 * Grittner, VLDB 2012). Whoever completes such a structure has to make one of them fail: T2, the pivot, if it can still
 * fail, as it can then be retried with success.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { SerialTransaction } from './serial-transaction.js';
import { NOT_COMMITTED } from './serial-transaction.js';

/** 40001 with the reason that PostgreSQL gives. */
export function serializationFailure(reason: string): SqlError {
  return sqlError(
    'serialization_failure',
    'could not serialize access due to read/write dependencies among transactions',
    { detail: `Reason code: ${reason}`, hint: 'The transaction might succeed if retried.' },
  );
}

/** `reader` has just not seen a change of the concurrent `writer`. @throws SqlError 40001 */
export function conflictOut(reader: SerialTransaction, writer: SerialTransaction): void {
  if (writer.doomed) return;
  // A snapshot taken after nothing that the committed writer has missed: the writer comes after the reader, no harm.
  if (reader.readOnly && writer.committed && writer.earliestOut > reader.snapshotLsn) return;
  flagConflict(reader, writer, reader);
}

/** Notes reader -rw-> writer; `self` is the one that is running. @throws SqlError 40001 */
export function flagConflict(reader: SerialTransaction, writer: SerialTransaction, self: SerialTransaction): void {
  if (isPivot(reader, writer) || readerIsPivot(reader, writer)) {
    if (self === writer) throw serializationFailure('Canceled on identification as a pivot, during write.');
    if (writer.committed) {
      throw serializationFailure(`Canceled on conflict out to pivot ${writer.transaction.xid}, during read.`);
    }
    writer.doomed = true;
  }
  reader.writers.add(writer);
  writer.readers.add(reader);
}

/** reader -> writer -> T3 */
function isPivot(reader: SerialTransaction, writer: SerialTransaction): boolean {
  if (writer.committed && writer.earliestOut !== NOT_COMMITTED) return true;
  for (const last of writer.writers) {
    if (!last.committed || last.commitLsn > reader.visibleLsn || last.commitLsn > writer.visibleLsn) continue;
    if (!reader.readOnly || last.commitLsn <= reader.snapshotLsn) return true;
  }
  return false;
}

/** T1 -> reader -> writer, where the writer has committed. */
function readerIsPivot(reader: SerialTransaction, writer: SerialTransaction): boolean {
  if (!writer.committed || reader.readOnly) return false;
  for (const first of reader.readers) {
    if (first.doomed || first.visibleLsn < writer.commitLsn) continue;
    if (!first.readOnly || first.snapshotLsn >= writer.commitLsn) return true;
  }
  return false;
}

function preparedPivot(): SqlError {
  return serializationFailure('Canceled on commit attempt with conflict in from prepared pivot.');
}

/**
 * The last thing before the commit record: makes those fail that this commit would turn into pivots of T1 -> T2 ->
 * self. @throws SqlError 40001 when the transaction itself has to fail
 */
export function checkBeforeCommit(self: SerialTransaction): void {
  if (self.doomed) throw serializationFailure('Canceled on identification as a pivot, during commit attempt.');
  for (const pivot of self.readers) {
    if (pivot.visibleLsn !== NOT_COMMITTED || pivot.doomed) continue;
    if (pivot.hadReaders) throw preparedPivot();
    for (const first of pivot.readers) {
      if (first !== self && (first.visibleLsn !== NOT_COMMITTED || first.readOnly || first.doomed)) continue;
      if (pivot.committed) throw preparedPivot();
      pivot.doomed = true;
      break;
    }
  }
}
