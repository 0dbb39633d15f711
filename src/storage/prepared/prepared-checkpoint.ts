/**
 * What a checkpoint does for prepared transactions: those that were prepared before it are copied to the KvStore, and
 * copies of those that have ended before it are removed together with the record that no longer names them.
 */
import type { KvOperation, KvStore } from '../../kv/kv-store.js';
import { failpoint } from '../../util/failpoint.js';
import { nextTurn } from '../../util/task.js';
import type { Lsn } from '../api.js';
import type { CommitChanges } from '../commit-log.js';
import type { StoreEngine } from '../store.js';
import type { StoredForm } from '../stored-form.js';
import { PART_SIZE } from '../wal-log.js';
import { type PreparedCopy, partKey, recordKey, removeCopy } from './prepared-copies.js';

/** A transaction that was prepared where the checkpoint began. */
export interface Standing {
  readonly xid: number;
  /** The payload of its record and its changes; null: the KvStore has them. */
  readonly fresh: { readonly record: Buffer; readonly changes: CommitChanges } | null;
}

export class PreparedCheckpoints {
  /** By transaction id: what the KvStore has. */
  private copies: Map<number, PreparedCopy>;

  constructor(
    private readonly engine: StoreEngine,
    private readonly kv: KvStore,
    private readonly form: StoredForm,
    copies: readonly PreparedCopy[],
  ) {
    this.copies = new Map(copies.map((copy) => [copy[0], copy]));
  }

  /** To be called at the moment that the checkpoint stands for. */
  begin(lsn: Lsn): readonly Standing[] {
    return this.engine.twoPhase.standingAt(lsn, (xid) => this.copies.has(xid));
  }

  /** Copies what the KvStore does not have. Without the checkpoint's record the copies mean nothing. */
  async copy(standing: readonly Standing[]): Promise<void> {
    for (const { xid, fresh } of standing) {
      if (fresh === null) continue;
      let parts = 0;
      for (const value of this.form.encodeCommit(fresh.changes, PART_SIZE)) {
        await this.kv.write([{ type: 'put', key: partKey(this.form, xid, parts++), value }]);
        await nextTurn();
      }
      await this.kv.write([{ type: 'put', key: recordKey(this.form, xid), value: fresh.record }]);
      this.copies.set(xid, [xid, parts]);
      failpoint('after-prepared-copy');
    }
  }

  /** What belongs into the batch of the checkpoint's record, and what the record has to name. */
  end(standing: readonly Standing[]): { readonly named: PreparedCopy[]; readonly operations: KvOperation[] } {
    const named: PreparedCopy[] = [];
    const left = new Map<number, PreparedCopy>();
    for (const { xid } of standing) {
      const copy = this.copies.get(xid);
      if (copy === undefined) continue;
      named.push(copy);
      left.set(xid, copy);
    }
    const operations: KvOperation[] = [];
    for (const copy of this.copies.values()) if (!left.has(copy[0])) operations.push(...removeCopy(this.form, copy));
    this.copies = left;
    return { named, operations };
  }
}
