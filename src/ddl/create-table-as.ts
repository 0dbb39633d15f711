/** CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW: tables filled by a query. */
import type { CreateTableAsStmt, IntoClause, Node, SelectStmt } from '@pgsql/types';
import { createRelation } from '../catalog/ddl/create-relation.js';
import { setViewQuery } from '../catalog/ddl/create-view.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { intoOf, nameParts } from '../sql/binder/ast.js';
import { INDETERMINATE } from '../sql/binder/derive-collation.js';
import type { OutputField, PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { refusePseudoType } from './column-definition.js';
import { checkOnCommit } from './create-table.js';
import type { DdlContext } from './ddl-context.js';
import { creationPlace, relationNow } from './relation-names.js';
import { existsAlready } from './skipping.js';
import { storageParameters } from './storage-parameters.js';
import { storedQuery } from './stored-query.js';

export function* createTableAsStatement(cx: DdlContext, statement: CreateTableAsStmt): Task<string> {
  const into = statement.into ?? {};
  const materialized = statement.objtype === 'OBJECT_MATVIEW';
  const { query } = statement;
  if (query === undefined) throw notSupported('CREATE TABLE AS without a query');
  const noData = into.skipData ?? false;
  const tag = materialized ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS';
  const rows = yield* createFilled(cx, query, into, materialized, statement.if_not_exists ?? false);
  if (rows === null) return tag;
  return noData && !('ExecuteStmt' in query) ? tag : `SELECT ${rows}`;
}

/** Null when it exists already. */
function* createFilled(
  cx: DdlContext,
  query: Node,
  into: IntoClause,
  materialized: boolean,
  ifNotExists: boolean,
): Task<number | null> {
  const range = into.rel ?? {};
  const name = range.relname ?? '';
  const { planned, params } = yield* filling(cx, query);
  const noData = into.skipData ?? false;
  if (!noData) cx.exec.requirePrivileges?.(planned.access);
  const place = yield* creationPlace(cx, range);
  checkOnCommit(into.onCommit, place);
  if (existsAlready(cx, name, place.namespace, ifNotExists)) return null;
  const kept = materialized ? storedQuery(cx, query) : null;
  const { oid } = yield* createRelation(cx.writer, {
    name,
    ...place,
    owner: cx.role,
    kind: materialized ? 'm' : 'r',
    columns: resultColumns(cx, planned, nameParts(into.colNames)),
    options: storageParameters(into.options, 'table'),
    populated: !materialized || !noData,
  });
  yield* cx.transaction.lockTable(oid, 'AccessExclusiveLock', 'wait');
  if (kept !== null) yield* setViewQuery(cx.writer, oid, kept.text, kept.references);
  if (into.onCommit === 'ONCOMMIT_DROP') cx.onCommitAction(oid, 'drop');
  if (into.onCommit === 'ONCOMMIT_DELETE_ROWS') cx.onCommitAction(oid, 'delete rows');
  cx.log(materialized ? 'created materialized view' : 'created table', { table: name, oid });
  return noData ? 0 : yield* fill(cx, oid, planned, params);
}

/** The plan of the query, or of the prepared statement that EXECUTE names. */
function* filling(cx: DdlContext, query: Node): Task<{ planned: PlannedStatement; params: readonly Datum[] }> {
  if (!('ExecuteStmt' in query)) return { planned: yield* cx.plan(query), params: cx.params };
  const prepared = yield* cx.planExecute(query.ExecuteStmt);
  if (prepared.planned.command !== 'select') {
    throw sqlError('wrong_object_type', 'prepared statement is not a SELECT');
  }
  return prepared;
}

/** Columns for the result of a query, under the given names as far as they go. Throws 42601, 42701, 42P16. */
export function resultColumns(
  cx: DdlContext,
  planned: PlannedStatement,
  names: readonly string[],
  what = 'CREATE TABLE AS',
) {
  const fields = planned.fields ?? [];
  if (names.length > fields.length) {
    throw sqlError(
      'syntax_error',
      what === 'CREATE VIEW'
        ? 'CREATE VIEW specifies more column names than columns'
        : 'too many column names were specified',
    );
  }
  const columns = fields.map((field, i) => ({
    name: names[i] ?? field.name,
    type: field.type,
    typmod: field.typmod,
    ...derivedCollation(cx, names[i] ?? field.name, field, what),
  }));
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column.name)) throw sqlError('duplicate_column', `column "${column.name}" specified more than once`);
    seen.add(column.name);
    refusePseudoType(cx, column.type, column.name);
  }
  return columns;
}

/** @throws SqlError 42P22 where the parts of an expression disagree */
function derivedCollation(cx: DdlContext, name: string, field: OutputField, what: string): { collation?: number } {
  if (field.collation !== INDETERMINATE) return field.collation === 0 ? {} : { collation: field.collation };
  const message =
    what === 'CREATE VIEW'
      ? `could not determine which collation to use for view column "${name}"`
      : `no collation was derived for column "${name}" with collatable type ${cx.bindContext().formatType(field.type)}`;
  throw sqlError('indeterminate_collation', message, {
    hint: 'Use the COLLATE clause to set the collation explicitly.',
  });
}

/** Runs the query and stores its rows. Returns their number. */
export function* fill(
  cx: DdlContext,
  oid: number,
  planned: PlannedStatement,
  params: readonly Datum[] = [],
): Task<number> {
  const relation = relationNow(cx, oid);
  const count = yield* storeRows(cx, relation, relation.storage, planned, params);
  const counters = cx.exec.counters?.(oid);
  if (counters !== undefined) {
    counters.use();
    counters.inserted += count;
  }
  return count;
}

/** The same into another heap of the transaction, for rows of the relation. */
export function* storeRows(
  cx: DdlContext,
  relation: RelationDesc,
  storage: number,
  planned: PlannedStatement,
  params: readonly Datum[] = [],
): Task<number> {
  const heap = cx.store.heap(storage, { columns: relation.attributes.length });
  let count = 0;
  const store = function* (rows: readonly Row[], length: number): Task<void> {
    for (let i = 0; i < length; i++) heap.insert(cx.transaction, rows[i].slice(0, relation.attributes.length));
    count += length;
    if (cx.transaction.needsSpill) yield* cx.transaction.spill();
  };
  yield* cx.run(planned, store, params);
  cx.transaction.nextCommand();
  return count;
}

/** SELECT … INTO as CREATE TABLE AS; null for a plain SELECT. */
export function selectInto(statement: SelectStmt): CreateTableAsStmt | null {
  const into = intoOf(statement);
  if (into === undefined) return null;
  return { query: { SelectStmt: withoutInto(statement) }, into, objtype: 'OBJECT_TABLE', is_select_into: true };
}

function withoutInto({ intoClause: _, ...query }: SelectStmt): SelectStmt {
  return query.larg === undefined ? query : { ...query, larg: withoutInto(query.larg) };
}
