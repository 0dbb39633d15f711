/**
 * Keys of a deferrable unique index that running transactions have written without a check. Whoever announces a key
 * that is announced already has to check it later, and waits then for those who were first.
 */
import type { StoreTransaction } from './transaction.js';

export class AnnouncedKeys {
  private readonly announcers = new Map<string, StoreTransaction[]>();

  /** Notes the key until the end of the transaction (or of its subtransaction). Whether it was noted already. */
  add(transaction: StoreTransaction, key: string): boolean {
    const others = this.announcers.get(key);
    if (others === undefined) this.announcers.set(key, [transaction]);
    else others.push(transaction);
    transaction.hold({ release: () => this.remove(transaction, key) });
    return others !== undefined;
  }

  hasKeysOf(transaction: StoreTransaction): boolean {
    for (const list of this.announcers.values()) if (list.includes(transaction)) return true;
    return false;
  }

  private remove(transaction: StoreTransaction, key: string): void {
    const list = this.announcers.get(key);
    if (list === undefined) return;
    list.splice(list.lastIndexOf(transaction), 1);
    if (list.length === 0) this.announcers.delete(key);
  }

  /** Another transaction that has announced the key before this one did; null when there is none. */
  earlier(transaction: StoreTransaction, key: string): StoreTransaction | null {
    const [first] = this.announcers.get(key) ?? [];
    return first === undefined || first === transaction ? null : first;
  }
}
