/**
 * Keys of a deferrable unique index that running transactions have written without a check. Whoever announces a key
 * that is announced already has to check it later, and waits then for those who were first. A key whose entry has left memory is
 * not here any more: others find the entry.
 */
import type { KeyTable } from './held.js';
import type { StoreIndex } from './index.js';
import type { StoreTransaction } from './transaction.js';

export class AnnouncedKeys implements KeyTable {
  /** Nearly always there is one. */
  private readonly announcers = new Map<string, StoreTransaction | StoreTransaction[]>();

  constructor(readonly index: StoreIndex) {}

  /** Notes the key until the end of the transaction (or of its subtransaction). Whether it was noted already. */
  add(transaction: StoreTransaction, key: string): boolean {
    const others = this.announcers.get(key);
    if (others === undefined) this.announcers.set(key, transaction);
    else if (Array.isArray(others)) others.push(transaction);
    else this.announcers.set(key, [others, transaction]);
    transaction.holdKey(this, key);
    return others !== undefined;
  }

  hasKeysOf(transaction: StoreTransaction): boolean {
    for (const list of this.announcers.values())
      if (list === transaction || (Array.isArray(list) && list.includes(transaction))) return true;
    return false;
  }

  free(key: string, transaction: StoreTransaction): void {
    const list = this.announcers.get(key);
    if (Array.isArray(list)) {
      const at = list.lastIndexOf(transaction);
      if (at >= 0) list.splice(at, 1);
      if (list.length === 1) this.announcers.set(key, list[0]);
    } else if (list === transaction) this.announcers.delete(key);
  }

  /** Another transaction that has announced the key before this one did; null when there is none. */
  earlier(transaction: StoreTransaction, key: string): StoreTransaction | null {
    const list = this.announcers.get(key);
    const first = Array.isArray(list) ? list[0] : list;
    return first === undefined || first === transaction ? null : first;
  }
}
