/**
 * What the random histories work on: a table of lists and a table of rows in groups, each with an index, through the
 * storage engine's face. Every method is one command of the transaction, or several where it says so.
 */
import { SqlError } from '../../../src/errors/sql-error.js';
import type { Heap, Index, RowId, Snapshot, Store, Transaction } from '../../../src/storage/api.js';
import type { Row } from '../../../src/types/datum.js';
import type { Task, Wait } from '../../../src/util/task.js';

/** Lets the scheduler choose who goes on: between commands, and in the middle of reads. */
export const PAUSE: Wait = {
  subscribe(resume) {
    resume();
  },
};

interface Found {
  readonly rowId: RowId;
  readonly row: Row;
}

class Table {
  readonly heap: Heap;
  readonly index: Index;

  constructor(store: Store, id: number) {
    this.heap = store.heap(id, { columns: 2 });
    this.index = store.index(id + 1);
  }

  /** Rows that the snapshot sees, with index keys from `lo` to before `hi`, or of the whole heap. */
  protected *rowsOf(snapshot: Snapshot, lo: string, hi: string, descending = false): Task<Found[]> {
    const found: Found[] = [];
    const scan = this.index.scan(snapshot, { lo, hi }, descending);
    for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
      for (const rowId of batch.rowIds.slice(0, batch.length)) {
        const row = yield* this.heap.fetch(snapshot, rowId);
        if (row !== null) found.push({ rowId, row });
        yield PAUSE;
      }
    }
    return found;
  }

  protected *allRows(snapshot: Snapshot): Task<Row[]> {
    const found: Row[] = [];
    const scan = this.heap.scan(snapshot);
    for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next())
      found.push(...batch.rows.slice(0, batch.length));
    return found;
  }

  protected *withSnapshot<T>(tx: Transaction, work: (snapshot: Snapshot) => Task<T>): Task<T> {
    const snapshot = tx.snapshot();
    try {
      return yield* work(snapshot);
    } finally {
      tx.releaseSnapshot(snapshot);
    }
  }

  /** The newest version, locked; null when it is deleted. */
  protected *lock(tx: Transaction, rowId: RowId, mode: 'update' | 'no key update'): Task<Row | null> {
    const locked = yield* this.withSnapshot(tx, (snapshot) => this.heap.lockRow(tx, snapshot, rowId, mode, 'wait'));
    if (locked.status === 'deleted') return null;
    if (locked.status !== 'locked') throw new Error(locked.status);
    return locked.row;
  }
}

const listKey = (key: number): string => `k${key}.`;
export const listOf = (row: Row): number[] => (row[1] === '' ? [] : String(row[1]).split(',').map(Number));

export class ListTable extends Table {
  /** The row of the key that the snapshot sees. */
  private *find(tx: Transaction, key: number): Task<Found | null> {
    return yield* this.withSnapshot(
      tx,
      function* (this: ListTable, snapshot: Snapshot): Task<Found | null> {
        const rowId = this.index.tryGet(snapshot, listKey(key));
        if (rowId < 0) {
          const rows = yield* this.rowsOf(snapshot, listKey(key), listKey(key + 1));
          if (rows.length > 1) throw new Error(`${rows.length} rows of key ${key}`);
          return rows[0] ?? null;
        }
        const row = rowId === 0 ? null : yield* this.heap.fetch(snapshot, rowId);
        return row === null ? null : { rowId, row };
      }.bind(this),
    );
  }

  *read(tx: Transaction, key: number): Task<number[]> {
    const found = yield* this.find(tx, key);
    return found === null ? [] : listOf(found.row);
  }

  /** All lists through the heap, or those of keys `from` <= key < `to` through the index. */
  *readMany(tx: Transaction, from: number, to: number, wholeHeap: boolean): Task<Map<number, number[]>> {
    const rows = yield* this.withSnapshot(
      tx,
      function* (this: ListTable, snapshot: Snapshot): Task<Row[]> {
        if (wholeHeap) return yield* this.allRows(snapshot);
        const found = yield* this.rowsOf(snapshot, listKey(from), listKey(to), (from & 1) === 1);
        return found.map(({ row }) => row);
      }.bind(this),
    );
    const lists = new Map<number, number[]>();
    for (let key = from; key < to; key++) lists.set(key, []);
    for (const row of rows) lists.set(Number(row[0]), listOf(row));
    return lists;
  }

  /** By an update, or by a deletion and an insertion: two commands. @throws SqlError when it is not to go on */
  *append(tx: Transaction, key: number, value: number, replace: boolean): Task<void> {
    const found = yield* this.find(tx, key);
    if (found === null) return yield* this.insert(tx, key, [value]);
    const row = yield* this.lock(tx, found.rowId, replace ? 'update' : 'no key update');
    // Who has replaced it has inserted another row, which this command does not see.
    if (row === null) throw new SqlError('unique_violation', 'replaced');
    const list = [...listOf(row), value];
    if (!replace) {
      this.heap.update(tx, found.rowId, [key, list.join(',')]);
      return;
    }
    this.heap.delete(tx, found.rowId);
    this.index.delete(tx, listKey(key), found.rowId);
    tx.nextCommand();
    yield* this.insert(tx, key, list);
  }

  private *insert(tx: Transaction, key: number, list: readonly number[]): Task<void> {
    const keyOf = (row: Row): string => listKey(Number(row[0]));
    const conflict = yield* this.index.checkUnique(tx, this.heap, listKey(key), keyOf, 0);
    if (conflict !== 0) throw new SqlError('unique_violation', 'duplicate');
    const rowId = this.heap.insert(tx, [key, list.join(',')]);
    this.index.insert(tx, listKey(key), rowId);
  }
}

const groupKey = (group: number): string => `m${group}.`;
const memberKey = (group: number, value: number): string => `${groupKey(group)}${String(value).padStart(6, '0')}`;

export class MemberTable extends Table {
  insert(tx: Transaction, group: number, value: number): void {
    this.index.insert(tx, memberKey(group, value), this.heap.insert(tx, [group, value]));
  }

  /** Values of the rows of groups `low` to before `high`. */
  *read(tx: Transaction, low: number, high: number, wholeHeap: boolean): Task<number[]> {
    return yield* this.withSnapshot(
      tx,
      function* (this: MemberTable, snapshot: Snapshot): Task<number[]> {
        const rows = wholeHeap
          ? (yield* this.allRows(snapshot)).filter(([group]) => Number(group) >= low && Number(group) < high)
          : (yield* this.rowsOf(snapshot, groupKey(low), groupKey(high))).map(({ row }) => row);
        return rows.map((row) => Number(row[1]));
      }.bind(this),
    );
  }

  /** Deletes the first row of the group, and returns its value; null when there is none, or it is there no more. */
  *deleteFirst(tx: Transaction, group: number): Task<number | null> {
    const [first] = yield* this.withSnapshot(tx, (snapshot) =>
      this.rowsOf(snapshot, groupKey(group), groupKey(group + 1)),
    );
    if (first === undefined || (yield* this.lock(tx, first.rowId, 'update')) === null) return null;
    const value = Number(first.row[1]);
    this.heap.delete(tx, first.rowId);
    this.index.delete(tx, memberKey(group, value), first.rowId);
    return value;
  }
}
