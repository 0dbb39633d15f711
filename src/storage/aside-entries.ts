/** Index entries of deleted rows, which leave memory together with the rows (aside.ts). */
import { GIVE_WAY, type Task } from '../util/task.js';
import type { StorageId } from './api.js';
import { pageOf, slotOf } from './heap-page.js';
import type { PageWrites, RemovedEntry } from './page-writes.js';
import type { StoreTransaction } from './transaction.js';
import type { IndexWrite } from './write-set.js';

/** Keys looked at before the event loop gets a turn. */
const KEYS_AT_ONCE = 4096;

/**
 * Takes the entries that go with deleted rows of the pages out of the transaction's index changes; by page. Others stay: until
 * the commit a row that has only been changed needs its old entry, and whoever follows an entry to a deleted row finds none.
 */
export function* takeRemovedEntries(
  transaction: StoreTransaction,
  heap: StorageId,
  pages: ReadonlyMap<number, PageWrites>,
): Task<Map<number, RemovedEntry[]>> {
  const found = new Map<number, RemovedEntry[]>();
  for (const writes of transaction.indexWrites?.values() ?? []) {
    const { id, heap: ofHeap } = writes.index;
    if (ofHeap !== heap) continue;
    const taken: string[] = [];
    let work = 0;
    for (const [key, first] of writes.byKey) {
      if (++work % KEYS_AT_ONCE === 0) yield GIVE_WAY;
      if (!goesWithRows(first, pages)) continue;
      taken.push(key);
      for (let write: IndexWrite | null = first; write !== null; write = write.next) {
        if (write.op === 'none') continue;
        const pageNo = pageOf(write.rowId);
        const entry = { index: id, key, slot: slotOf(write.rowId) };
        const list = found.get(pageNo);
        if (list === undefined) found.set(pageNo, [entry]);
        else list.push(entry);
      }
    }
    for (const key of taken) {
      if (++work % KEYS_AT_ONCE === 0) yield GIVE_WAY;
      writes.takeDeleted(key);
    }
  }
  return found;
}

/** Whether all entries of a key are to be deleted with rows that are deleted. */
function goesWithRows(first: IndexWrite, pages: ReadonlyMap<number, PageWrites>): boolean {
  for (let write: IndexWrite | null = first; write !== null; write = write.next) {
    if (write.op === 'put' || write.isNew) return false;
    if (pages.get(pageOf(write.rowId))?.entry(slotOf(write.rowId))?.row !== null) return false;
  }
  return true;
}
