/**
 * What a checkpoint does for prepared transactions: those that were prepared before it are copied to the KvStore, and
 * copies of those that have ended before it are removed together with the record that no longer names them. What a
 * transaction had stored (spill.ts) is copied too; so a rollback reads from there what it has to remove.
 */
import type { KvOperation, KvStore } from '../../kv/kv-store.js';
import { failpoint } from '../../util/failpoint.js';
import { nextTurn } from '../../util/task.js';
import type { Lsn } from '../api.js';
import { ownChanges } from '../commit.js';
import type { StoredRecord } from '../commit-log.js';
import type { StoredCopies } from '../spill-cleaner.js';
import type { StoreEngine } from '../store.js';
import type { StoredForm } from '../stored-form.js';
import type { StoreTransaction } from '../transaction.js';
import { PART_SIZE } from '../wal-log.js';
import type { PreparedCopies, PreparedCopy } from './prepared-copies.js';

/** A transaction that was prepared where the checkpoint began. */
export interface Standing {
  readonly xid: number;
  readonly transaction: StoreTransaction;
  /** The payload of its record; null: the KvStore has it. */
  readonly record: Buffer | null;
}

/** What the record of a checkpoint names. */
export interface NamedCopies {
  readonly prepared: readonly PreparedCopy[];
  /** They were rolled back, and what they had stored is not removed yet. */
  readonly aborted: readonly PreparedCopy[];
}

export class PreparedCheckpoints {
  /** By transaction id: what the KvStore has. */
  private known: Map<number, PreparedCopy>;
  /** Transactions that were rolled back, and whose copies are still read. */
  private readonly aborted = new Set<number>();
  /** Transactions that have ended while they were copied: what follows in the log is all that recovery needs. */
  private readonly cutOff = new Set<number>();

  constructor(
    private readonly engine: StoreEngine,
    private readonly kv: KvStore,
    private readonly form: StoredForm,
    private readonly copies: PreparedCopies,
    named: readonly PreparedCopy[],
  ) {
    this.known = new Map(named.map((copy) => [copy[0], copy]));
  }

  /** To be called at the moment that the checkpoint stands for. */
  begin(lsn: Lsn): readonly Standing[] {
    const standing = this.engine.twoPhase.standingAt(lsn, (xid) => this.known.has(xid));
    for (const { transaction } of standing) {
      // The copy that is about to be made is all that recovery needs; but what was stored is read from the log for it.
      if (transaction.spilled === null) this.engine.releaseLog(transaction);
    }
    return standing;
  }

  /**
   * Copies what the KvStore does not have. Without the checkpoint's record the copies mean nothing. A transaction that ends
   * meanwhile is left out: the record must not be written before the log is on disk up to there.
   */
  async copy(standing: readonly Standing[]): Promise<void> {
    for (const { xid, transaction, record } of standing) {
      if (record === null) continue;
      const copy = await this.copyChanges(xid, transaction, record);
      this.known.set(xid, copy);
      failpoint('after-prepared-copy');
      if (transaction.state !== 'prepared') this.cutOff.add(xid);
      else if (transaction.spilled !== null) {
        transaction.spilled.copies = this.source(copy);
        this.engine.releaseLog(transaction);
      }
    }
  }

  private async copyChanges(xid: number, transaction: StoreTransaction, record: Buffer): Promise<PreparedCopy> {
    let parts = 0;
    let stored = 0;
    const lsns = transaction.spilled?.lsns ?? [];
    for (const value of this.payloadsOf(transaction)) {
      await this.kv.write([this.copies.putPart(xid, parts++, value)]);
      await nextTurn();
      if (transaction.state !== 'prepared') break;
    }
    for await (const { lsn, payload } of this.engine.log.readStored(lsns)) {
      if (transaction.state !== 'prepared') break;
      await this.kv.write([this.copies.putStored(xid, stored++, lsn, payload)]);
    }
    await this.kv.write([this.copies.putRecord(xid, record)]);
    return [xid, parts, stored];
  }

  /** All changes but those that are stored. */
  private *payloadsOf(transaction: StoreTransaction): Iterable<Buffer> {
    const { aside, xid } = transaction;
    for (const part of aside?.parts() ?? []) yield this.form.encodeAside(xid, part);
    yield* this.form.encodeCommit(ownChanges(transaction), PART_SIZE);
  }

  /** For a transaction whose copy the KvStore has: how a rollback reads again what was stored. */
  source(copy: PreparedCopy): StoredCopies {
    const [xid] = copy;
    const read = (): AsyncIterable<StoredRecord> => this.copies.readStored(copy);
    return {
      async *readStored(lsns) {
        const wanted = new Set(lsns);
        for await (const record of read()) if (wanted.has(record.lsn)) yield record;
      },
      hold: () => this.aborted.add(xid),
      release: () => this.aborted.delete(xid),
    };
  }

  /** What belongs into the batch of the checkpoint's record, and what the record has to name. */
  end(standing: readonly Standing[]): NamedCopies & { readonly operations: KvOperation[] } {
    const prepared = this.pick(standing.map(({ xid }) => xid).filter((xid) => !this.cutOff.has(xid)));
    const left = new Map(prepared.map((copy) => [copy[0], copy]));
    const aborted = this.pick([...this.aborted].filter((xid) => !left.has(xid)));
    for (const copy of aborted) left.set(copy[0], copy);
    const operations: KvOperation[] = [];
    for (const copy of this.known.values()) if (!left.has(copy[0])) operations.push(...this.copies.remove(copy));
    this.known = left;
    this.cutOff.clear();
    return { prepared, aborted, operations };
  }

  private pick(xids: readonly number[]): PreparedCopy[] {
    return xids.flatMap((xid) => {
      const copy = this.known.get(xid);
      return copy === undefined ? [] : [copy];
    });
  }
}
