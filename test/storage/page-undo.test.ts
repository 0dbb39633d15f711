/** The undo of a page, as one layer and as chains, against a plain list of versions; and its changes by slot. */
import t from 'tap';
import { PageUndo, UndoVersion } from '../../src/storage/page-undo.js';
import { SlotChanges } from '../../src/storage/slot-changes.js';
import type { Row } from '../../src/types/datum.js';
import { allRows, inTransaction, openMemoryStore } from './support.js';

const SLOTS = [0, 3, 4, 200, 255];
const rowAt = (slot: number): Row | null => (slot === 4 ? null : [slot]);
const layer = (): PageUndo => new PageUndo({ lsn: 10, slots: SLOTS, rows: SLOTS.map(rowAt) });

function versions(undo: PageUndo, slot: number): [lsn: number, row: Row | null][] {
  const found: [number, Row | null][] = [];
  for (let version = undo.get(slot); version !== null; version = version.next) found.push([version.lsn, version.row]);
  return found;
}

t.test('one commit is a layer', async (t) => {
  const undo = layer();
  t.same(
    SLOTS.map((slot) => versions(undo, slot)),
    SLOTS.map((slot) => [[10, rowAt(slot)]]),
  );
  t.same([undo.get(1), undo.changedAt(1), undo.changedAt(3)], [null, 0, 10]);
  const seen: number[] = [];
  undo.forEach((slot, { lsn }) => seen.push(slot, lsn));
  t.same(
    seen,
    SLOTS.flatMap((slot) => [slot, 10]),
  );
  t.notOk(undo.trim(SLOTS, 9));
  t.ok(undo.trim([], 10), 'all of it goes at once');
  t.notOk(layer().forgetCommit(9));
  t.ok(layer().forgetCommit(10));
});

t.test('a second commit makes chains of it', async (t) => {
  const undo = layer();
  undo.set(3, new UndoVersion(20, ['new'], undo.get(3)));
  undo.set(7, new UndoVersion(20, null, undo.get(7)));
  t.same(versions(undo, 3), [
    [20, ['new']],
    [10, [3]],
  ]);
  t.same(versions(undo, 7), [[20, null]]);
  t.same(versions(undo, 255), [[10, [255]]]);
  t.same([undo.changedAt(3), undo.changedAt(0), undo.changedAt(1)], [20, 10, 0]);
  t.notOk(undo.forgetCommit(10), 'what is behind a later version stays');
  t.same([versions(undo, 3).length, versions(undo, 255)], [2, []]);
  t.notOk(undo.trim([3, 7], 10));
  t.same(versions(undo, 3), [[20, ['new']]]);
  t.ok(undo.trim([3, 7], 20));
});

t.test('snapshots before, between and after a large and a small commit', async (t) => {
  const store = await openMemoryStore();
  t.teardown(() => store.close());
  const heap = await inTransaction(store, (tx) => store.heap(store.create(tx, 'heap'), { columns: 1 }));
  const ids = await inTransaction(store, (tx) => Array.from({ length: 300 }, () => heap.insert(tx, [0])));
  const reader = store.begin('read committed');
  const change = (rowIds: readonly number[], value: number): Promise<void> =>
    inTransaction(store, function* (tx) {
      for (const rowId of rowIds) {
        yield* heap.lockRow(tx, tx.latest(), rowId, 'update', 'wait');
        heap.update(tx, rowId, [value]);
      }
    });
  const snapshots = [reader.snapshot()];
  await change(ids, 1);
  snapshots.push(reader.snapshot());
  await change(ids.slice(4, 5), 2);
  snapshots.push(reader.snapshot());
  const sums = async (): Promise<number[]> => {
    const all = await Promise.all(snapshots.map((snapshot) => allRows(heap, snapshot)));
    return all.map((rows) => [...rows.values()].reduce((sum, [value]) => sum + Number(value), 0));
  };
  t.same(await sums(), [0, 300, 301]);
  reader.releaseSnapshot(snapshots[0]);
  snapshots.shift();
  t.same(await sums(), [300, 301]);
  reader.releaseSnapshot(snapshots[0]);
  snapshots.shift();
  t.same(await sums(), [301]);
  reader.releaseSnapshot(snapshots[0]);
  reader.rollback();
});

t.test('changes by slot', async (t) => {
  for (const count of [3, 12, 13, 256]) {
    const changes = new SlotChanges();
    const expected = new Map<number, Row | null>();
    for (let i = 0; i < count; i++) {
      // In no order, each slot twice.
      for (const row of [[i, 'old'], i % 3 === 0 ? null : [i]]) {
        const slot = (i * 101) % 256;
        changes.set(slot, row);
        expected.set(slot, row);
      }
    }
    const found = new Map<number, Row | null>();
    changes.forEach((slot, row) => {
      t.notOk(found.has(slot));
      found.set(slot, row);
    });
    t.equal(changes.size, count);
    t.same([...found].sort(bySlot), [...expected].sort(bySlot));
  }
});

function bySlot([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number {
  return a - b;
}
