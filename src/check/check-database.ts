/**
 * Checks an opened database that nobody works on: catalogs, every row, every index against its table, keys and foreign
 * keys. Collects what is wrong as lines of text; nothing is changed. What cannot be checked is said as a note.
 */
import type { Catalog } from '../catalog/catalog.js';
import type { CatalogView, RelationDesc } from '../catalog/descriptors.js';
import type { Heap, Store, Transaction } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { checkCatalogs } from './check-catalogs.js';
import { checkForeignKeys } from './check-foreign-keys.js';
import { checkIndex } from './check-index.js';
import type { RulesOf, TableRules } from './table-rules.js';

/** Messages about one thing; the rest is counted. */
export const MAX_TOLD = 10;

export interface CheckReport {
  /** What is wrong. */
  readonly faults: string[];
  /** What was not checked. */
  readonly notes: string[];
  relations: number;
  rows: number;
}

export interface CheckContext {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly view: CatalogView;
  readonly transaction: Transaction;
  readonly report: CheckReport;
  readonly rulesOf: RulesOf;
}

/** A relation with its rows. */
export interface CheckedTable {
  readonly relation: RelationDesc;
  /** Null for tables of the system. */
  readonly rules: TableRules | null;
  readonly heap: Heap;
  readonly rowCount: number;
}

/**
 * Adds to `report`. REQUIRES: no sessions. A fault of one relation does not keep the others from being checked. Of several
 * databases only the first is to be checked with `shared`: the tables that all have are then checked once.
 */
export function* checkDatabase(catalog: Catalog, rulesOf: RulesOf, report: CheckReport, shared: boolean): Task<void> {
  const { store } = catalog;
  const transaction = store.begin('read committed');
  const view = catalog.view(transaction, { names: [], user: '', temporary: 0 });
  const cx: CheckContext = { store, catalog, view, transaction, report, rulesOf };
  for (const { gid, database } of store.twoPhase.list()) {
    if ((database || store.homeDatabase) === catalog.database)
      report.notes.push(`transaction "${gid}" is prepared: its changes were not checked`);
  }
  try {
    for (const relation of checkCatalogs(cx)) {
      if (relation.storage === 0 || (relation.kind !== 'r' && relation.kind !== 'm')) continue;
      if (!shared && catalog.tables.sharedRelations.has(relation.oid)) continue;
      yield* guarded(cx, relation.name, checkTable(cx, relation));
    }
  } finally {
    transaction.rollback();
  }
}

/** What cannot even be read is a fault too. */
function* guarded(cx: CheckContext, name: string, work: Task<void>): Task<void> {
  try {
    yield* work;
  } catch (error) {
    cx.report.faults.push(`relation "${name}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The heap of a table, with its rows as the catalog tells their columns. */
export function heapOf(cx: CheckContext, relation: RelationDesc): Heap {
  const missing = relation.attributes.map((attribute) => attribute.missing);
  return cx.store.heap(relation.storage, { columns: relation.attributes.length, missing, relation: relation.oid });
}

function* checkTable(cx: CheckContext, relation: RelationDesc): Task<void> {
  const heap = heapOf(cx, relation);
  // Some rows of system tables are made without texts that only PostgreSQL itself reads (pg_rewrite.ev_qual).
  const isSystem = cx.catalog.tables.tableByOid(relation.oid) !== undefined;
  const required = isSystem ? [] : relation.attributes.filter(({ dropped, notNull }) => notNull && !dropped);
  const rules = isSystem ? null : cx.rulesOf(relation);
  let rowCount = 0;
  let broken = 0;
  yield* eachRow(cx, heap, (row, rowId) => {
    rowCount++;
    const check = rules?.brokenCheck(row) ?? null;
    if (check !== null && broken++ < MAX_TOLD)
      cx.report.faults.push(`table "${relation.name}", row ${rowId}: check constraint "${check}" is violated`);
    for (const { number, name } of required) {
      if (row[number - 1] === null)
        cx.report.faults.push(`table "${relation.name}", row ${rowId}: column "${name}" is null`);
    }
    return null;
  });
  cx.report.relations++;
  cx.report.rows += rowCount;
  if (rowCount !== heap.rowCount)
    cx.report.faults.push(`table "${relation.name}" has ${rowCount} rows, its counter says ${heap.rowCount}`);
  if (broken > MAX_TOLD)
    cx.report.faults.push(`table "${relation.name}": ${broken - MAX_TOLD} more rows violate check constraints`);
  const table = { relation, rules, heap, rowCount };
  for (const index of relation.indexes) yield* guarded(cx, index.name, checkIndex(cx, table, index));
  yield* checkForeignKeys(cx, table);
}

/** Calls `visit` with every row; what it returns is run before the next one. */
export function* eachRow(
  cx: CheckContext,
  heap: Heap,
  visit: (row: Row, rowId: number) => Task<void> | null,
): Task<void> {
  const scan = heap.scan(cx.transaction.latest());
  try {
    for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
      // The arrays of a batch are used again for the next one.
      const rows = batch.rows.slice(0, batch.length);
      const rowIds = batch.rowIds.slice(0, batch.length);
      for (let i = 0; i < rows.length; i++) {
        const task = visit(rows[i], rowIds[i]);
        if (task !== null) yield* task;
      }
    }
  } finally {
    scan.close();
  }
}
