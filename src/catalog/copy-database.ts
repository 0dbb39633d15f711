/**
 * CREATE DATABASE from a template that has contents of its own: every system table, and every table, index and sequence
 * of users, is copied into new storages within one transaction. OIDs stay as they are; only pg_class.relfilenode, which
 * names the storage, is another. REQUIRES: nobody writes to the template meanwhile.
 */
import type { Index, RowId, StorageId, Transaction } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { Catalog } from './catalog.js';
import { CatalogEntry } from './catalog-writer.js';
import type { CatalogView } from './descriptors.js';
import { SystemAccess } from './system-access.js';
import type { SystemTable } from './system-tables.js';

/** Row ids of a copy by those of the original; runs of rows that follow each other in both. */
class RowMap {
  private readonly runs: { readonly from: RowId; readonly to: RowId; count: number }[] = [];

  /** REQUIRES: rows are added in order. */
  add(from: RowId, to: RowId): void {
    const last = this.runs.at(-1);
    if (last !== undefined && from - last.from === last.count && to - last.to === last.count) last.count++;
    else this.runs.push({ from, to, count: 1 });
  }

  get(from: RowId): RowId | undefined {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.runs[middle].from <= from) low = middle + 1;
      else high = middle;
    }
    const run = this.runs[low - 1];
    return run !== undefined && from - run.from < run.count ? run.to + from - run.from : undefined;
  }
}

interface StoredRelation {
  readonly oid: number;
  readonly kind: string;
  readonly storage: StorageId;
}

/** Copies what `source` sees into the storages of a new database. `storages`: of its system tables and indexes. */
export function* copyDatabase(
  source: Catalog,
  transaction: Transaction,
  storages: ReadonlyMap<number, StorageId>,
): Task<void> {
  const { store, tables, codecs } = source.access;
  const target = new SystemAccess(store, tables, codecs, (relation) => storages.get(relation));
  const view = source.view(transaction, { names: [], user: '', temporary: 0 });
  const copy = new DatabaseCopy(source.access, view, target, transaction);
  yield* copy.copyRelations();
  for (const table of tables.own()) yield* copy.copySystemTable(table);
}

class DatabaseCopy {
  /** Storages of users' relations: the new one by the old one. */
  private readonly moved = new Map<StorageId, StorageId>();

  constructor(
    private readonly source: SystemAccess,
    private readonly view: CatalogView,
    private readonly target: SystemAccess,
    private readonly transaction: Transaction,
  ) {}

  *copySystemTable(table: SystemTable): Task<void> {
    const { target, transaction } = this;
    const heap = target.heap(table);
    const place = table.name === 'pg_class' ? table.position('relfilenode') : -1;
    const builders = table.indexes.map((index) => target.index(index).build(transaction));
    for (const { row } of this.source.scan(transaction, table)) {
      const copied = place < 0 ? row : this.withNewStorage(row, place);
      const rowId = heap.insert(transaction, copied);
      for (const [i, builder] of builders.entries()) {
        builder.add(target.keyOfRow(table.indexes[i], copied), rowId);
        if (builder.isFull) yield* builder.endRun();
      }
    }
    for (const builder of builders) yield* builder.finish(null);
    yield* this.makeRoom();
  }

  private withNewStorage(row: Row, place: number): Row {
    const storage = this.moved.get(Number(row[place]));
    if (storage === undefined) return row;
    const copied = row.slice();
    copied[place] = storage;
    return copied;
  }

  *copyRelations(): Task<void> {
    const relations = this.storedRelations();
    const heapOf = new Map<number, number>();
    for (const row of this.rows('pg_index')) heapOf.set(row.number('indexrelid'), row.number('indrelid'));
    const rowMaps = new Map<number, RowMap>();
    for (const relation of relations) {
      if (relation.kind === 'S') this.copySequence(relation);
      else if (relation.kind !== 'i') rowMaps.set(relation.oid, yield* this.copyHeap(relation));
    }
    for (const relation of relations) {
      const rows = rowMaps.get(heapOf.get(relation.oid) ?? 0);
      if (relation.kind === 'i' && rows !== undefined) yield* this.copyIndex(relation, rows);
    }
  }

  private rows(name: string): CatalogEntry[] {
    const table = this.source.tables.table(name);
    return this.source.scan(this.transaction, table).map((stored) => new CatalogEntry(table, stored));
  }

  private storedRelations(): StoredRelation[] {
    return this.rows('pg_class')
      .map((row) => ({
        oid: row.number('oid'),
        kind: row.text('relkind'),
        storage: row.number('relfilenode'),
      }))
      .filter(({ oid, storage }) => storage !== 0 && !this.source.tables.isSystem(oid));
  }

  private create(kind: 'heap' | 'index' | 'sequence', old: StorageId): StorageId {
    const storage = this.source.store.create(this.transaction, kind);
    this.moved.set(old, storage);
    return storage;
  }

  private copySequence({ storage }: StoredRelation): void {
    const { store } = this.source;
    const copy = this.create('sequence', storage);
    const state = store.readSequence(storage);
    if (state !== undefined) store.writeSequence(copy, state, this.transaction);
  }

  private *copyHeap({ oid, storage }: StoredRelation): Task<RowMap> {
    const { store } = this.source;
    const { transaction } = this;
    const attributes = this.view.relation(oid)?.attributes ?? [];
    const columns = attributes.length;
    const missing = attributes.map((attribute) => attribute.missing);
    const copy = store.heap(this.create('heap', storage), { columns });
    const rows = new RowMap();
    const scan = store.heap(storage, { columns, missing }).scan(transaction.latest());
    try {
      for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
        for (let i = 0; i < batch.length; i++) rows.add(batch.rowIds[i], copy.insert(transaction, batch.rows[i]));
        yield* this.makeRoom();
      }
    } finally {
      scan.close();
    }
    return rows;
  }

  private *copyIndex({ storage }: StoredRelation, rows: RowMap): Task<void> {
    const { store } = this.source;
    const { transaction } = this;
    const original: Index = store.index(storage);
    const builder = store.index(this.create('index', storage)).build(transaction);
    const scan = original.scan(transaction.latest(), { lo: null, hi: null }, false);
    try {
      for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
        for (let i = 0; i < batch.length; i++) {
          const rowId = rows.get(batch.rowIds[i]);
          if (rowId === undefined || original.isSuperseded(batch.keys[i], batch.rowIds[i])) continue;
          if (builder.isFull) yield* builder.endRun();
          builder.add(batch.keys[i], rowId);
        }
        yield* this.makeRoom();
      }
    } finally {
      scan.close();
    }
    yield* builder.finish(null);
  }

  private *makeRoom(): Task<void> {
    if (this.transaction.needsSpill) yield* this.transaction.spill();
    yield GIVE_WAY;
  }
}
