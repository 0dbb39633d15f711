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
import type { NamedCopies } from './prepared-checkpoint.js';
import type { PreparedCopies, PreparedCopy } from './prepared-copies.js';
import { decodePrepared } from './prepared-form.js';

interface Logged {
  readonly record: Buffer;
  /** Where its parts are. */
  readonly lsns: readonly Lsn[];
}

/** What is done with the parts that a transaction had stored before it was prepared. */
export interface StoredReplay {
  /** They count. */
  apply(payload: Buffer): Promise<void>;
  /** They are to be there, but do not count yet. */
  hide(payload: Buffer): Promise<void>;
  /** They do not count. */
  remove(payload: Buffer): Promise<void>;
  /** Ids that are in use although nothing of them is there yet. */
  reserve(payload: Buffer): void;
}

export class PreparedReplay {
  /** Those in the KvStore, and of them those that have not ended. */
  private readonly known: ReadonlyMap<number, PreparedCopy>;
  private readonly standing: Set<number>;
  /** Of those in the KvStore, the ones that were rolled back. */
  private readonly aborted: Set<number>;
  private readonly logged = new Map<number, Logged>();
  private readonly parts = new Map<number, Lsn[]>();

  constructor(
    private readonly kv: KvStore,
    private readonly wal: WriteAheadLog,
    private readonly form: StoredForm,
    private readonly copies: PreparedCopies,
    private readonly checkpoint: NamedCopies & { readonly lsn: Lsn },
  ) {
    const { prepared, aborted } = checkpoint;
    this.known = new Map([...prepared, ...aborted].map((copy) => [copy[0], copy]));
    this.standing = new Set(prepared.map(([xid]) => xid));
    this.aborted = new Set(aborted.map(([xid]) => xid));
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
    if (type === ROLLBACK_RECORD) {
      const xid = this.form.readCommit(payload, NO_VISITOR);
      if (this.standing.has(xid)) this.aborted.add(xid);
      this.ended(xid);
    } else {
      const { xid } = decodePrepared(payload);
      this.logged.set(xid, { record: Buffer.from(payload), lsns: this.parts.get(xid) ?? [] });
    }
    return true;
  }

  private ended(xid: number): void {
    this.standing.delete(xid);
    this.logged.delete(xid);
    this.parts.delete(xid);
  }

  /** Whether stored parts of the transaction are found here, and not in the log. */
  has(xid: number): boolean {
    return this.known.has(xid);
  }

  /** Whether it is prepared, or has been. */
  isStanding(xid: number): boolean {
    return this.standing.has(xid) || this.logged.has(xid);
  }

  /** A transaction, prepared or not, has committed. */
  async committed(xid: number, replay: StoredReplay): Promise<void> {
    const copy = this.known.get(xid);
    if (copy !== undefined) for await (const { payload } of this.copies.readStored(copy)) await replay.apply(payload);
    this.ended(xid);
  }

  /**
   * Brings those that are left into the KvStore, and names them. What others had stored is removed. `storedAt`: where the
   * log has parts that a transaction had stored. REQUIRES: the log was read to its end.
   */
  async finish(storedAt: (xid: number) => readonly Lsn[], replay: StoredReplay): Promise<PreparedCopy[]> {
    for (const xid of this.aborted) {
      const copy = this.known.get(xid);
      if (copy !== undefined)
        for await (const { payload } of this.copies.readStored(copy)) await replay.remove(payload);
    }
    const left: PreparedCopy[] = [];
    for (const xid of this.standing) {
      const copy = this.known.get(xid);
      if (copy === undefined) continue;
      left.push(copy);
      const counting = new Set<Lsn>();
      for await (const { lsn } of this.copies.readStored(copy)) counting.add(lsn);
      const cancelled = storedAt(xid).filter((lsn) => !counting.has(lsn));
      for await (const { payload } of recordsAt(this.wal, cancelled)) await replay.remove(payload);
    }
    for (const [xid, logged] of this.logged) left.push(await this.copy(xid, logged, storedAt(xid), replay));
    return left;
  }

  private async copy(
    xid: number,
    { record, lsns }: Logged,
    storedAt: readonly Lsn[],
    replay: StoredReplay,
  ): Promise<PreparedCopy> {
    let parts = 0;
    let stored = 0;
    const cancelled = new Set<Lsn>();
    for await (const { payload } of recordsAt(this.wal, lsns)) {
      replay.reserve(payload);
      this.form.readCommit(payload, { ...NO_VISITOR, cancelled: (lsn) => cancelled.add(lsn) });
      await this.kv.write([this.copies.putPart(xid, parts++, payload)]);
    }
    for await (const { lsn, payload } of recordsAt(this.wal, storedAt)) {
      if (cancelled.has(lsn)) await replay.remove(payload);
      else {
        await replay.hide(payload);
        await this.kv.write([this.copies.putStored(xid, stored++, lsn, payload)]);
      }
    }
    await this.kv.write([this.copies.putRecord(xid, record)]);
    return [xid, parts, stored];
  }

  /** What makes the KvStore have no others than those that are left. */
  async removals(left: readonly PreparedCopy[]): Promise<KvOperation[]> {
    const operations: KvOperation[] = [];
    const xids = new Set(left.map(([xid]) => xid));
    for await (const operation of this.copies.removeOthers(this.kv, xids)) operations.push(operation);
    return operations;
  }
}
