/**
 * Changes rows of system tables within one transaction: keeps every index in step, checks unique indexes, and tells
 * the catalog, so that views forget what changed. Each change ends a command: the next step of a DDL statement sees it.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Store, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { StoredRow, SystemAccess } from './system-access.js';
import { SystemRow } from './system-row.js';
import type { SystemIndex, SystemTable } from './system-tables.js';

export type ColumnValues = Readonly<Record<string, Datum>>;

/** What a writer needs of the catalog. */
export interface CatalogHost {
  readonly access: SystemAccess;
  /** OID of the database that this store is. */
  readonly database: number;
  allocateOid(): number;
  noteChange(transaction: Transaction, table: string): void;
}

/** A row of a system table with its place. */
export class CatalogEntry extends SystemRow {
  constructor(
    readonly table: SystemTable,
    readonly stored: StoredRow,
  ) {
    super(table, stored.row);
  }
}

export class CatalogWriter {
  private readonly access: SystemAccess;

  constructor(
    readonly catalog: CatalogHost,
    readonly transaction: Transaction,
  ) {
    this.access = catalog.access;
  }

  get store(): Store {
    return this.access.store;
  }

  allocateOid(): number {
    return this.catalog.allocateOid();
  }

  /** Rows as this transaction sees them whose first columns of `index` equal `values`. */
  find(index: string, values: readonly Datum[]): CatalogEntry[] {
    const { table } = this.access.tables.index(index);
    return this.access.find(this.transaction, index, values).map((stored) => new CatalogEntry(table, stored));
  }

  findOne(index: string, values: readonly Datum[]): CatalogEntry | undefined {
    return this.find(index, values)[0];
  }

  /** Every row that this transaction sees. */
  scan(table: string): CatalogEntry[] {
    const layout = this.access.tables.table(table);
    return this.access.scan(this.transaction, layout).map((stored) => new CatalogEntry(layout, stored));
  }

  /** Adds a row; columns not given are NULL. Throws 23505 when a unique index has the key already. */
  *insert(tableName: string, values: ColumnValues): Task<void> {
    const table = this.access.tables.table(tableName);
    const row = table.row(values);
    for (let i = 0; i < table.columns.length; i++) {
      if (row[i] === null && table.columns[i].notNull) {
        throw new Error(`no value for column ${table.columns[i].name} of ${tableName}`);
      }
    }
    for (const index of table.indexes) yield* this.checkUnique(table, index, row, 0);
    const rowId = this.access.heap(table).insert(this.transaction, row);
    for (const index of table.indexes) {
      this.access.index(index).insert(this.transaction, this.access.keyOfRow(index, row), rowId);
    }
    this.changed(table);
  }

  /** Replaces the given columns of a row. Throws 23505 as `insert`, XX000 when somebody else has just changed the row. */
  *update(entry: CatalogEntry, values: ColumnValues): Task<void> {
    const { table } = entry;
    const { rowId } = entry.stored;
    const old = yield* this.lock(entry);
    const row = old.slice();
    for (const name of Object.keys(values)) row[table.position(name)] = values[name];
    const moved = table.indexes.filter(
      (index) => this.access.keyOfRow(index, old) !== this.access.keyOfRow(index, row),
    );
    for (const index of moved) yield* this.checkUnique(table, index, row, rowId);
    this.access.heap(table).update(this.transaction, rowId, row);
    for (const index of moved) {
      const storage = this.access.index(index);
      storage.delete(this.transaction, this.access.keyOfRow(index, old), rowId);
      storage.insert(this.transaction, this.access.keyOfRow(index, row), rowId);
    }
    this.changed(table);
  }

  *delete(entry: CatalogEntry): Task<void> {
    const { table } = entry;
    const { rowId } = entry.stored;
    const old = yield* this.lock(entry);
    this.access.heap(table).delete(this.transaction, rowId);
    for (const index of table.indexes) {
      this.access.index(index).delete(this.transaction, this.access.keyOfRow(index, old), rowId);
    }
    this.changed(table);
  }

  /** Deletes all rows that `find` gives. Returns how many. */
  *deleteAll(index: string, values: readonly Datum[]): Task<number> {
    const entries = this.find(index, values);
    for (const entry of entries) yield* this.delete(entry);
    return entries.length;
  }

  private *lock(entry: CatalogEntry): Task<Row> {
    const heap = this.access.heap(entry.table);
    const snapshot = this.transaction.latest();
    const result = yield* heap.lockRow(this.transaction, snapshot, entry.stored.rowId, 'update', 'wait');
    if (result.status === 'locked' && !result.moved) return result.row;
    const what = result.status === 'deleted' ? 'deleted' : 'updated';
    throw sqlError('internal_error', `tuple concurrently ${what}`);
  }

  private *checkUnique(table: SystemTable, index: SystemIndex, row: Row, own: number): Task<void> {
    if (!index.unique) return;
    const key = this.access.keyOfRow(index, row);
    const keyOf = (other: Row): string => this.access.keyOfRow(index, other);
    const heap = this.access.heap(table);
    const conflict = yield* this.access.index(index).checkUnique(this.transaction, heap, key, keyOf, own);
    if (conflict === 0) return;
    const columns = index.columns.map((position) => table.columns[position].name).join(', ');
    const values = index.columns.map((position) => String(row[position])).join(', ');
    throw sqlError('unique_violation', `duplicate key value violates unique constraint "${index.name}"`, {
      detail: `Key (${columns})=(${values}) already exists.`,
      schema: 'pg_catalog',
      table: table.name,
      constraint: index.name,
    });
  }

  private changed(table: SystemTable): void {
    this.transaction.nextCommand();
    this.catalog.noteChange(this.transaction, table.name);
  }
}
