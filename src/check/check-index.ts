/**
 * An index against its table and back: every entry must lead to a row with that key, and there must be as many entries
 * as rows have keys; so no row is without its entries. In a unique index, no key without NULLs occurs twice.
 */
import type { IndexDesc } from '../catalog/descriptors.js';
import type { Heap } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { type CheckContext, type CheckedTable, eachRow, MAX_TOLD } from './check-database.js';

/** The keys of a row, none when it is not in the index. */
type KeysOf = (row: Row) => readonly string[];

function keysOfRows(cx: CheckContext, { relation, rules }: CheckedTable, index: IndexDesc): KeysOf {
  if (rules !== null) return rules.keysOf(index);
  const system = cx.catalog.tables.tableByOid(relation.oid)?.indexes.find(({ oid }) => oid === index.oid);
  if (system === undefined) throw new Error('the catalog does not know it');
  return (row) => [cx.catalog.access.keyOfRow(system, row)];
}

/** A prepared transaction may have stored entries before its end. */
function isPrepared({ store }: CheckContext, heap: Heap, rowId: number): boolean {
  for (const transaction of store.twoPhase.transactions()) if (transaction.hasWritten(heap.id, rowId)) return true;
  return false;
}

export function* checkIndex(cx: CheckContext, table: CheckedTable, index: IndexDesc): Task<void> {
  const { relation, heap, rules } = table;
  const { faults } = cx.report;
  if (index.method !== 'btree' && (rules === null || !rules.hasEntries(index))) return;
  const keysOf = keysOfRows(cx, table, index);
  const what = `index "${index.name}" of table "${relation.name}"`;
  const keyColumns = index.attributes.slice(0, index.keyColumns);
  let count = 0;
  let wrong = 0;
  let previous: string | null = null;
  const tell = (message: string): void => {
    if (wrong++ < MAX_TOLD) faults.push(`${what}: ${message}`);
  };
  const snapshot = cx.transaction.latest();
  const scan = cx.store.index(index.storage).scan(snapshot, { lo: null, hi: null }, false);
  try {
    for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
      const keys = batch.keys.slice(0, batch.length);
      const rowIds = batch.rowIds.slice(0, batch.length);
      for (let i = 0; i < keys.length; i++) {
        const row = yield* heap.fetch(snapshot, rowIds[i]);
        if (row === null && isPrepared(cx, heap, rowIds[i])) continue;
        count++;
        if (row === null) tell(`an entry leads to row ${rowIds[i]}, which does not exist`);
        else if (!keysOf(row).includes(keys[i])) tell(`an entry of row ${rowIds[i]} has another key than the row`);
        const isDistinct =
          row === null || (!index.nullsNotDistinct && keyColumns.some((n) => n > 0 && row[n - 1] === null));
        if (index.unique && !isDistinct && keys[i] === previous) tell(`the key of row ${rowIds[i]} occurs twice`);
        previous = keys[i];
      }
    }
  } finally {
    scan.close();
  }
  if (wrong > MAX_TOLD) faults.push(`${what}: ${wrong - MAX_TOLD} more faults`);
  let wanted = table.rowCount;
  if (index.predicateText !== null || index.method === 'gin') {
    wanted = 0;
    yield* eachRow(cx, heap, (row) => {
      wanted += keysOf(row).length;
      return null;
    });
  }
  if (count !== wanted)
    faults.push(`${what} has ${count} entries for ${wanted} ${index.method === 'gin' ? 'items' : 'rows'}`);
}
