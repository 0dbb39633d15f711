/**
 * CREATE TABLE: columns first, then in PostgreSQL's order what hangs on them: defaults, checks, keys, foreign keys.
 */
import type { CreateStmt, OnCommitAction } from '@pgsql/types';
import { createRelation } from '../catalog/ddl/create-relation.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { addConstraint } from './add-constraint.js';
import { makeIdentity, makeSerial, setDefault, setGenerated } from './column-default.js';
import { type ColumnDefinition, columnDefinition, MAX_COLUMNS, tooManyColumns } from './column-definition.js';
import type { DdlContext } from './ddl-context.js';
import { type CreationPlace, creationPlace, positionOf, relationNow } from './relation-names.js';
import { existsAlready } from './skipping.js';
import { storageParameters } from './storage-parameters.js';
import { type KeyConstraint, keyConstraint, type TableConstraint } from './table-constraint.js';
import { type LikeSource, likeChecks, likeColumns, likeExtras, openLike } from './table-like.js';

interface Elements {
  readonly columns: ColumnDefinition[];
  readonly constraints: TableConstraint[];
  readonly likes: LikeSource[];
}

export function* createTableStatement(cx: DdlContext, statement: CreateStmt): Task<string> {
  refuseUnsupported(statement);
  const range = statement.relation ?? {};
  const name = range.relname ?? '';
  const place = yield* creationPlace(cx, range);
  checkOnCommit(statement.oncommit, place);
  if (existsAlready(cx, name, place.namespace, statement.if_not_exists)) return 'CREATE TABLE';
  const elements = yield* readElements(cx, statement, name);
  checkColumns(cx, statement, elements.columns);
  const keys = sortKeys(cx, name, elements.constraints);
  const primary = keys.find((key) => key.kind === 'p');
  const { oid } = yield* createRelation(cx.writer, {
    name,
    namespace: place.namespace,
    owner: cx.role,
    kind: 'r',
    persistence: place.persistence,
    options: storageParameters(statement.options, 'table'),
    columns: elements.columns.map((column) => ({
      ...column,
      notNull: column.notNull || (primary?.columns.includes(column.name) ?? false),
      identity: column.identity === null ? '' : column.identity.always ? 'a' : 'd',
      generated: column.generated === null ? '' : 's',
    })),
  });
  yield* cx.transaction.lockTable(oid, 'AccessExclusiveLock', 'wait');
  yield* addDefaults(cx, oid, elements.columns);
  yield* addConstraints(cx, oid, elements, keys);
  if (statement.oncommit === 'ONCOMMIT_DROP') cx.onCommitAction(oid, 'drop');
  if (statement.oncommit === 'ONCOMMIT_DELETE_ROWS') cx.onCommitAction(oid, 'delete rows');
  cx.log('created table', { table: name, oid });
  return 'CREATE TABLE';
}

function refuseUnsupported(statement: CreateStmt): void {
  if ((statement.inhRelations?.length ?? 0) > 0) {
    throw notSupported(statement.partbound === undefined ? 'table inheritance' : 'PARTITION OF');
  }
  if (statement.partspec !== undefined) throw notSupported('PARTITION BY');
  if (statement.ofTypename !== undefined) throw notSupported('CREATE TABLE OF');
}

export function checkOnCommit(action: OnCommitAction | undefined, place: CreationPlace): void {
  if (action === undefined || action === 'ONCOMMIT_NOOP' || place.persistence === 't') return;
  throw sqlError('invalid_table_definition', 'ON COMMIT can only be used on temporary tables');
}

function* readElements(cx: DdlContext, statement: CreateStmt, table: string): Task<Elements> {
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  const likes: LikeSource[] = [];
  for (const node of [...(statement.tableElts ?? []), ...(statement.constraints ?? [])]) {
    if ('ColumnDef' in node) {
      const column = columnDefinition(cx, node.ColumnDef, table);
      columns.push(column);
      constraints.push(...column.constraints);
    } else if ('Constraint' in node) constraints.push(keyConstraint(node.Constraint));
    else if ('TableLikeClause' in node) {
      const like = yield* openLike(cx, node.TableLikeClause);
      likes.push(like);
      columns.push(...likeColumns(cx, like));
      constraints.push(...likeChecks(like));
    }
  }
  return { columns, constraints, likes };
}

const SYSTEM_NAMES = ['ctid', 'xmin', 'cmin', 'xmax', 'cmax', 'tableoid'];

function checkColumns(cx: DdlContext, statement: CreateStmt, columns: readonly ColumnDefinition[]): void {
  if (columns.length > MAX_COLUMNS) throw tooManyColumns();
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw sqlError('duplicate_column', `column "${name}" specified more than once`);
    seen.add(name);
    if (SYSTEM_NAMES.includes(name)) {
      throw sqlError('duplicate_column', `column name "${name}" conflicts with a system column name`);
    }
  }
  for (const node of [...(statement.tableElts ?? []), ...(statement.constraints ?? [])]) {
    if (!('Constraint' in node)) continue;
    for (const key of [...(node.Constraint.keys ?? []), ...(node.Constraint.including ?? [])]) {
      const name = 'String' in key ? (key.String.sval ?? '') : '';
      if (seen.has(name)) continue;
      throw sqlError('undefined_column', `column "${name}" named in key does not exist`).at(
        positionOf(cx, node.Constraint.location),
      );
    }
  }
}

/** Keys in the order in which their indexes are made: the primary key first; repeated ones count once. */
function sortKeys(cx: DdlContext, table: string, constraints: readonly TableConstraint[]): KeyConstraint[] {
  const keys = constraints.filter(
    (constraint): constraint is KeyConstraint => constraint.kind === 'p' || constraint.kind === 'u',
  );
  const primary = keys.filter((key) => key.kind === 'p');
  if (primary.length > 1) {
    throw sqlError('invalid_table_definition', `multiple primary keys for table "${table}" are not allowed`).at(
      positionOf(cx, primary[1].location),
    );
  }
  const sorted = [...primary, ...keys.filter((key) => key.kind === 'u')];
  const kept: KeyConstraint[] = [];
  for (const key of sorted) {
    const twin = kept.findIndex((other) => sameKey(other, key));
    if (twin < 0) kept.push(key);
    else if (kept[twin].name === null) kept[twin] = { ...kept[twin], name: key.name };
  }
  return kept;
}

function sameKey(a: KeyConstraint, b: KeyConstraint): boolean {
  return (
    a.columns.join('\u0000') === b.columns.join('\u0000') &&
    a.including.join('\u0000') === b.including.join('\u0000') &&
    a.deferrable === b.deferrable &&
    a.deferred === b.deferred &&
    a.nullsNotDistinct === b.nullsNotDistinct
  );
}

function* addDefaults(cx: DdlContext, table: number, columns: readonly ColumnDefinition[]): Task<void> {
  for (const [i, column] of columns.entries()) {
    const relation = relationNow(cx, table);
    const attribute = relation.attributes[i];
    if (column.serial) yield* makeSerial(cx, table, attribute);
    if (column.default !== null) yield* setDefault(cx, table, attribute, column.default);
    if (column.identity !== null) yield* makeIdentity(cx, table, attribute, column.identity.options);
  }
  for (const [i, column] of columns.entries()) {
    if (column.generated === null) continue;
    const relation = relationNow(cx, table);
    yield* setGenerated(cx, relation, relation.attributes[i], column.generated);
  }
}

function refuseRepeatedChecks(constraints: readonly TableConstraint[]): void {
  const seen = new Set<string>();
  for (const { kind, name } of constraints) {
    if (kind !== 'c' || name === null) continue;
    if (seen.has(name)) throw sqlError('duplicate_object', `check constraint "${name}" already exists`);
    seen.add(name);
  }
}

function* addConstraints(
  cx: DdlContext,
  table: number,
  elements: Elements,
  keys: readonly KeyConstraint[],
): Task<void> {
  const { constraints, likes } = elements;
  const names = constraints.flatMap((constraint) => constraint.name ?? []);
  refuseRepeatedChecks(constraints);
  for (const constraint of constraints) {
    if (constraint.kind === 'c') yield* addConstraint(cx, table, constraint, names);
  }
  for (const key of keys) yield* addConstraint(cx, table, key);
  for (const like of likes) {
    yield* likeExtras(cx, table, like, function* (kind, columns, including, nullsNotDistinct) {
      const common = { name: null, deferrable: false, deferred: false, location: undefined, index: null, options: [] };
      yield* addConstraint(cx, table, { ...common, kind, columns, including, nullsNotDistinct });
    });
  }
  for (const constraint of constraints) {
    if (constraint.kind === 'f') yield* addConstraint(cx, table, constraint);
  }
}
