/**
 * Snapshots and the registry of those in use. The registry knows the oldest one, below which undo can be freed.
 * Snapshots with the same LSN share a node; nodes are kept in LSN order, and new ones nearly always go to the end.
 */
import type { Lsn, Snapshot } from './api.js';
import type { StoreTransaction } from './transaction.js';

/** The LSN of a snapshot that sees whatever is installed. Needs no registration: the newest version is always there. */
export const LATEST_LSN: Lsn = Number.MAX_SAFE_INTEGER;

export class SnapshotNode {
  count = 1;
  prev: SnapshotNode | null = null;
  next: SnapshotNode | null = null;

  constructor(readonly lsn: Lsn) {}
}

export class StoreSnapshot implements Snapshot {
  constructor(
    readonly lsn: Lsn,
    readonly transaction: StoreTransaction,
    readonly commandId: number,
    /** Null when there is nothing to release. */
    public node: SnapshotNode | null,
  ) {}
}

export class SnapshotRegistry {
  private oldest: SnapshotNode | null = null;
  private newest: SnapshotNode | null = null;

  /** The LSN of the oldest snapshot in use, or LATEST_LSN when there is none. */
  get oldestLsn(): Lsn {
    return this.oldest === null ? LATEST_LSN : this.oldest.lsn;
  }

  acquire(lsn: Lsn): SnapshotNode {
    let after = this.newest;
    while (after !== null && after.lsn > lsn) after = after.prev;
    if (after !== null && after.lsn === lsn) {
      after.count++;
      return after;
    }
    const node = new SnapshotNode(lsn);
    node.prev = after;
    node.next = after === null ? this.oldest : after.next;
    if (node.prev === null) this.oldest = node;
    else node.prev.next = node;
    if (node.next === null) this.newest = node;
    else node.next.prev = node;
    return node;
  }

  /** Returns true when the oldest LSN has moved. */
  release(node: SnapshotNode): boolean {
    if (--node.count > 0) return false;
    if (node.next === null) this.newest = node.prev;
    else node.next.prev = node.prev;
    if (node.prev !== null) {
      node.prev.next = node.next;
      return false;
    }
    this.oldest = node.next;
    return true;
  }
}
