/**
 * Prepared transactions during recovery: which of them the last checkpoint and the log behind it leave unended, and the
 * records that say what they are. At the end all of them are in the KvStore, so that nothing of the log is needed.
 */
import type { KvOperation, KvStore } from '../../kv/kv-store.js';
import type { Lsn } from '../api.js';
import { recordsAt } from '../records-at.js';
import { NO_VISITOR } from '../spill-cleaner.js';
import {
  type LogRecord,
  PREPARED_PART_RECORD,
  PREPARED_RECORD,
  ROLLBACK_RECORD,
  type StoredForm,
  type WriteAheadLog,
} from '../stored-form.js';
import { type PreparedCopy, type PreparedPayloads, putCopy, readCopy, removeCopy } from './prepared-copies.js';
import { decodePrepared } from './prepared-form.js';

interface Logged {
  readonly record: Buffer;
  /** Where its parts are. */
  readonly lsns: readonly Lsn[];
}

export class PreparedReplay {
  /** Those in the KvStore, and of them those that have not ended. */
  private readonly copies: ReadonlyMap<number, PreparedCopy>;
  private readonly standing: Set<number>;
  private readonly logged = new Map<number, Logged>();
  private readonly parts = new Map<number, Lsn[]>();

  constructor(
    private readonly kv: KvStore,
    private readonly wal: WriteAheadLog,
    private readonly form: StoredForm,
    private readonly checkpoint: { readonly lsn: Lsn; readonly prepared: readonly PreparedCopy[] },
  ) {
    this.copies = new Map(checkpoint.prepared.map((copy) => [copy[0], copy]));
    this.standing = new Set(this.copies.keys());
  }

  /** Takes note of a record, if it is of a kind that only prepared transactions have; false otherwise. */
  see({ type, lsn, endLsn, payload }: LogRecord): boolean {
    if (type === PREPARED_PART_RECORD) {
      const xid = this.form.readCommit(payload, NO_VISITOR);
      const others = this.parts.get(xid);
      if (others === undefined) this.parts.set(xid, [lsn]);
      else others.push(lsn);
      return true;
    }
    if (type !== PREPARED_RECORD && type !== ROLLBACK_RECORD) return false;
    // What was before the checkpoint is known from there.
    if (endLsn <= this.checkpoint.lsn) return true;
    if (type === ROLLBACK_RECORD) this.ended(this.form.readCommit(payload, NO_VISITOR));
    else {
      const { xid } = decodePrepared(payload);
      this.logged.set(xid, { record: Buffer.from(payload), lsns: this.parts.get(xid) ?? [] });
    }
    return true;
  }

  /** A transaction, prepared or not, has committed or was rolled back. */
  ended(xid: number): void {
    this.standing.delete(xid);
    this.logged.delete(xid);
    this.parts.delete(xid);
  }

  /** Those that are left. REQUIRES: the log was read to its end. */
  async left(): Promise<Map<number, PreparedPayloads>> {
    const left = new Map<number, PreparedPayloads>();
    for (const xid of this.standing) {
      const copy = this.copies.get(xid);
      if (copy !== undefined) left.set(xid, readCopy(this.kv, this.form, copy));
    }
    for (const [xid, { record, lsns }] of this.logged) {
      const parts: Buffer[] = [];
      for await (const { payload } of recordsAt(this.wal, lsns)) parts.push(Buffer.from(payload));
      left.set(xid, { record, parts });
    }
    return left;
  }

  /** What makes the KvStore have those that are left, and no others. */
  *operations(left: ReadonlyMap<number, PreparedPayloads>): Iterable<KvOperation> {
    for (const copy of this.copies.values()) if (!left.has(copy[0])) yield* removeCopy(this.form, copy);
    for (const [xid, payloads] of left) if (!this.standing.has(xid)) yield* putCopy(this.form, xid, payloads);
  }
}
