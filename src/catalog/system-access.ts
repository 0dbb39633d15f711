/**
 * The system tables as heaps and indexes of one store: synchronous reads through real index entries, and key
 * building. All of it is pinned in memory, so that no read ever waits.
 */
import type { Heap, Index, RowId, Snapshot, StorageId, Store, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import { runSync, type Task } from '../util/task.js';
import { keyOfValues, prefixRange } from './index-keys.js';
import type { SystemRow } from './system-row.js';
import { relationsOf, type SystemIndex, type SystemTable, type SystemTables } from './system-tables.js';

/** The types that occur in keys of system indexes, and the codec that orders each. */
const KEY_TYPES: Readonly<Record<number, string>> = {
  16: 'bool',
  18: 'char',
  19: 'name',
  21: 'int2',
  23: 'int4',
  24: 'oid',
  25: 'text',
  26: 'oid',
  30: 'oidvector',
  700: 'float4',
};

/** A row with its place, as writers need it. */
export interface StoredRow {
  readonly rowId: RowId;
  readonly row: Row;
}

export class SystemAccess {
  /** Tables and indexes by their OIDs. */
  private readonly heaps = new Map<number, Heap>();
  private readonly indexes = new Map<number, Index>();
  private readonly keyCodecs = new Map<number, TypeCodec>();

  constructor(
    readonly store: Store,
    readonly tables: SystemTables,
    /** Codecs of built-in types by typname. */
    readonly codecs: ReadonlyMap<string, TypeCodec>,
    /** Where a system table or index of this database is; undefined: it has none. */
    private readonly findStorage: (relation: number) => StorageId | undefined,
  ) {
    for (const [type, name] of Object.entries(KEY_TYPES)) {
      const codec = codecs.get(name);
      if (codec === undefined) throw new Error(`the catalog needs a codec for type ${name}`);
      this.keyCodecs.set(Number(type), codec);
    }
    for (const table of tables.all()) {
      const storage = findStorage(table.oid);
      if (storage === undefined) continue;
      this.heaps.set(table.oid, store.heap(storage, { columns: table.columns.length }));
      for (const index of table.indexes) this.indexes.set(index.oid, store.index(this.storageOf(index.oid)));
    }
  }

  /** Loads all system tables and indexes for good. */
  *pin(): Task<void> {
    for (const { id } of this.heaps.values()) yield* this.store.pin(id);
    for (const { id } of this.indexes.values()) yield* this.store.pin(id);
  }

  /** The tables of the database itself may leave memory. Nothing may be read any more. */
  unpin(): void {
    for (const relation of this.tables.own().flatMap(relationsOf)) {
      const storage = this.findStorage(relation);
      if (storage !== undefined) this.store.unpin(storage);
    }
  }

  /** The storage of a system table or index. */
  storageOf(relation: number): StorageId {
    return required(this.findStorage(relation), `relation ${relation}`);
  }

  /** The storage of any relation that has one, by its pg_class row: that of a system table is not told by the row. */
  relationStorage(row: SystemRow): StorageId {
    const oid = row.number('oid');
    return this.tables.isSystem(oid) ? this.storageOf(oid) : row.number('relfilenode');
  }

  /** The tables that this database has. */
  present(): SystemTable[] {
    return [...this.tables.all()].filter(({ oid }) => this.heaps.has(oid));
  }

  heap(table: SystemTable): Heap {
    return required(this.heaps.get(table.oid), table.name);
  }

  index(index: SystemIndex): Index {
    return required(this.indexes.get(index.oid), index.name);
  }

  /** The key of a row; null values are encoded too. */
  keyOfRow(index: SystemIndex, row: Row): string {
    return this.key(
      index,
      index.columns.map((position) => row[position]),
    );
  }

  /** The key, or the prefix of keys, for values of the first columns of an index. */
  key(index: SystemIndex, values: readonly Datum[]): string {
    return keyOfValues(
      values,
      values.map((_, position) => required(this.keyCodecs.get(index.types[position]), index.name)),
    );
  }

  /** Visible rows whose first index columns equal `values`, in index order. */
  find(transaction: Transaction, indexName: string, values: readonly Datum[]): StoredRow[] {
    const { table, index } = this.tables.index(indexName);
    const heap = this.heap(table);
    const snapshot = transaction.latest();
    const key = this.key(index, values);
    if (index.unique && values.length === index.columns.length) {
      const rowId = this.index(index).tryGet(snapshot, key);
      if (rowId === 0) return [];
      if (rowId > 0) {
        const row = this.fetchMatching(snapshot, heap, index, rowId, key);
        return row === null ? [] : [{ rowId, row }];
      }
    }
    const found: StoredRow[] = [];
    const scan = this.index(index).scan(snapshot, prefixRange(key), false);
    for (let batch = runSync(scan.next()); batch !== null; batch = runSync(scan.next())) {
      for (let i = 0; i < batch.length; i++) {
        const row = this.fetchMatching(snapshot, heap, index, batch.rowIds[i], batch.keys[i]);
        if (row !== null) found.push({ rowId: batch.rowIds[i], row });
      }
    }
    scan.close();
    return found;
  }

  /** Every visible row of a table, in storage order. */
  scan(transaction: Transaction, table: SystemTable): StoredRow[] {
    const found: StoredRow[] = [];
    const scan = this.heap(table).scan(transaction.latest());
    for (let batch = runSync(scan.next()); batch !== null; batch = runSync(scan.next())) {
      for (let i = 0; i < batch.length; i++) found.push({ rowId: batch.rowIds[i], row: batch.rows[i] });
    }
    scan.close();
    return found;
  }

  /** The visible version of a row, unless it no longer has the key by which an index entry led here. */
  private fetchMatching(snapshot: Snapshot, heap: Heap, index: SystemIndex, rowId: RowId, key: string): Row | null {
    let row = heap.tryFetch(snapshot, rowId);
    if (row === undefined) row = runSync(heap.fetch(snapshot, rowId));
    if (row === null) return null;
    return heap.recheck && this.keyOfRow(index, row) !== key ? null : row;
  }
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is not part of the system catalog`);
  return value;
}
