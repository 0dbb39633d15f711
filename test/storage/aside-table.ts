/**
 * A table for tests of transactions that do not fit into memory: two columns and four indexes, of which two have keys that
 * change with the row. The budget is tiny.
 */
import type { Heap, Index, RowId, Snapshot, Store, Transaction } from '../../src/storage/api.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import type { Row } from '../../src/types/datum.js';
import { runTask, type Task } from '../../src/util/task.js';
import { allRows, candidates, inTransaction, testSettings } from './support.js';
import { type TestDisk, TestKv, TestWal } from './test-disk.js';

export const ROWS = 2000;
const COLUMNS = { columns: 2 };

export const openAside = (
  disk: TestDisk,
  dataDir: string,
  changeSetMemory = 3200,
  blockCacheSize = 100_000,
): Promise<Store> =>
  openPersistentStore(
    testSettings({ provider: 'level', writeSetMemory: 100, changeSetMemory, blockCacheSize, dataDir }),
    {
      kv: new TestKv(disk),
      wal: new TestWal(disk),
      form: binaryForm,
    },
  );

/** Of the row's place and of its first column: a key for each row, and few keys. */
export const KEYS: readonly ((rowId: RowId, row: Row) => string)[] = [
  (rowId) => String(rowId).padStart(6, '0'),
  (rowId) => `k${rowId % 40}`,
  (_, [n]) => `v${n}`,
  (_, [n]) => `m${Number(n) % 30}`,
];
/** The position of the index with unique keys that change. */
export const UNIQUE = 2;

const indexes = new WeakMap<Heap, readonly Index[]>();

export function indexesOf(heap: Heap): readonly Index[] {
  return indexes.get(heap) ?? [];
}

export function table(store: Store, id: number): Heap {
  const heap = store.heap(id, COLUMNS);
  const own = KEYS.map((_, i) => store.index(id + 1 + i));
  for (const index of own) index.heap = id;
  indexes.set(heap, own);
  return heap;
}

function* reserve(tx: Transaction, heap: Heap, rowId: RowId, row: Row): Task<void> {
  const index = indexesOf(heap)[UNIQUE];
  const key = KEYS[UNIQUE](rowId, row);
  if (index.tryReserve(tx, key)) return;
  const conflict = yield* index.checkUnique(tx, heap, key, (other) => KEYS[UNIQUE](0, other), rowId);
  if (conflict !== 0) throw new Error(`row ${conflict} has the key ${key} already`);
}

export function* insertRow(tx: Transaction, heap: Heap, row: Row): Task<RowId> {
  yield* reserve(tx, heap, 0, row);
  const rowId = heap.insert(tx, row);
  for (const [i, index] of indexesOf(heap).entries()) index.insert(tx, KEYS[i](rowId, row), rowId, true);
  return rowId;
}

/** Changes a row that is locked (null: deletes it), and its entries. Throws when another row has its key. */
export function* replaceRow(tx: Transaction, heap: Heap, rowId: RowId, old: Row, row: Row | null): Task<void> {
  if (row === null) {
    const isFirst = heap.delete(tx, rowId);
    for (const [i, index] of indexesOf(heap).entries()) {
      if (isFirst) index.remove(tx, KEYS[i](rowId, old), rowId);
      else index.delete(tx, KEYS[i](rowId, old), rowId);
    }
    return;
  }
  for (const [i, index] of indexesOf(heap).entries()) {
    const before = KEYS[i](rowId, old);
    const after = KEYS[i](rowId, row);
    if (before === after) continue;
    if (i === UNIQUE) yield* reserve(tx, heap, rowId, row);
    index.delete(tx, before, rowId);
    index.insert(tx, after, rowId);
  }
  heap.update(tx, rowId, row);
}

/** One command: changes the rows (null: deletes), spilling as statements do. Returns how often it had to. */
export function* change(
  tx: Transaction,
  heap: Heap,
  ids: Iterable<RowId>,
  next: (row: Row) => Row | null,
): Task<number> {
  const snapshot = tx.snapshot();
  let spills = 0;
  let done = 0;
  for (const id of ids) {
    const locked = yield* heap.lockRow(tx, snapshot, id, 'update', 'wait');
    if (locked.status !== 'locked') throw new Error(`row ${id} is ${locked.status}`);
    yield* replaceRow(tx, heap, id, locked.row, next(locked.row));
    if (++done % 50 === 0 && tx.needsSpill) {
      yield* tx.spill();
      spills++;
    }
  }
  tx.releaseSnapshot(snapshot);
  tx.nextCommand();
  return spills;
}

/** The other one of two first columns, and so of two keys. */
export function toggled(n: unknown): number {
  return -Number(n) - 1;
}

export function same(found: Map<RowId, Row>, expected: Map<RowId, Row>, what: string): void {
  if (found.size !== expected.size) throw new Error(`${what}: ${found.size} rows, not ${expected.size}`);
  for (const [id, row] of expected) {
    const other = found.get(id);
    if (other === undefined || other[0] !== row[0] || other[1] !== row[1])
      throw new Error(`${what}: row ${id} is ${other}, not ${row}`);
  }
}

/** The rows that the snapshot sees through each of the indexes are `expected`. */
export async function sameThroughIndexes(
  heap: Heap,
  snapshot: Snapshot,
  expected: Map<RowId, Row>,
  what: string,
): Promise<void> {
  for (const [i, index] of indexesOf(heap).entries()) {
    const found = new Map<RowId, Row>();
    const up = await candidates(index, snapshot);
    for (const [key, rowId] of up) {
      const row = await runTask(heap.fetch(snapshot, rowId));
      if (row === null) continue;
      if (key === KEYS[i](rowId, row)) {
        if (found.has(rowId)) throw new Error(`${what}: row ${rowId} is found twice under ${key}`);
        found.set(rowId, row);
      } else if (!heap.recheck) throw new Error(`${what}: row ${rowId} under ${key}`);
    }
    same(found, expected, `${what}, by index ${i}`);
    const down = await candidates(index, snapshot, null, null, true);
    const known = new Set(down.map(String));
    for (const entry of up)
      if (
        expected.has(entry[1]) &&
        !known.has(String(entry)) &&
        KEYS[i](entry[1], expected.get(entry[1]) ?? []) === entry[0]
      )
        throw new Error(`${what}: ${entry} is not found from the upper end of index ${i}`);
  }
}

export async function prepareTable(store: Store): Promise<{ heap: Heap; rows: Map<RowId, Row> }> {
  const rows = new Map<RowId, Row>();
  const heap = await inTransaction(store, function* (tx) {
    const id = store.create(tx, 'heap');
    for (const _ of KEYS) store.create(tx, 'index');
    const made = table(store, id);
    for (let i = 0; i < ROWS; i++) rows.set(yield* insertRow(tx, made, [i, 'old']), [i, 'old']);
    return made;
  });
  return { heap, rows };
}

export async function now(store: Store, heap: Heap): Promise<Map<RowId, Row>> {
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  const rows = await allRows(heap, snapshot);
  tx.releaseSnapshot(snapshot);
  tx.rollback();
  return rows;
}
