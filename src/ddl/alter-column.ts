/** ALTER TABLE: columns added and dropped, their defaults, NOT NULL and identity. */
import type { ColumnDef, Node } from '@pgsql/types';
import { addColumn, dropDefault, updateColumn } from '../catalog/ddl/alter-relation.js';
import { disownSequence } from '../catalog/ddl/create-sequence.js';
import { address } from '../catalog/ddl/dependencies.js';
import type { AttributeDesc, RelationDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { compileStandalone } from '../exec/standalone-expression.js';
import { validateNotNull } from '../exec/validate-constraint.js';
import { relationColumns } from '../sql/binder/table-source.js';
import { defaultExpr, generatedExpr } from '../sql/binder/write-target.js';
import type { Expr } from '../sql/plan/expression.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { bindDefault, makeIdentity, makeSerial, setDefault, setGenerated } from './column-default.js';
import { type ColumnDefinition, columnDefinition, MAX_COLUMNS, tooManyColumns } from './column-definition.js';
import type { DdlContext } from './ddl-context.js';
import { dropAll } from './drop.js';
import { evaluationContext } from './evaluation.js';
import { defElems } from './option-values.js';
import { relationNow } from './relation-names.js';
import { editQueries } from './reprint.js';
import { rewriteTable } from './rewrite-table.js';
import { refuseFieldDrop, refuseRowTypeUsers } from './row-type-users.js';
import { applySequenceOptions, ownedSequences, sequenceParameters } from './sequence.js';
import { sequenceOptions } from './sequence-options.js';
import { skipExisting, skipMissing } from './skipping.js';
import { isVolatile } from './stored-expression.js';
import type { TableConstraint } from './table-constraint.js';

/** Throws 42703. */
export function columnOf(relation: RelationDesc, name: string): AttributeDesc {
  const found = relation.attributes.find((attribute) => attribute.name === name && !attribute.dropped);
  if (found !== undefined) return found;
  throw missingColumn(relation, name);
}

function missingColumn(relation: RelationDesc, name: string): SqlError {
  return sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
}

/** ADD COLUMN. Returns the constraints that are to be added once all columns are there. */
export function* addColumnTo(
  cx: DdlContext,
  table: number,
  def: ColumnDef,
  ifNotExists: boolean,
): Task<readonly TableConstraint[]> {
  const old = relationNow(cx, table);
  const name = def.colname ?? '';
  if (old.attributes.some((attribute) => attribute.name === name && !attribute.dropped) && ifNotExists) {
    skipExisting(cx, true, sqlError('duplicate_column', `column "${name}" of relation "${old.name}" already exists`));
    return [];
  }
  // Dropped columns count: their numbers are never used again.
  if (old.attributes.length >= MAX_COLUMNS) throw tooManyColumns();
  const column = columnDefinition(cx, def, old.name);
  const missing = constantDefault(cx, column);
  if (missing !== null) refuseRowTypeUsers(cx, old);
  const number = yield* addColumn(
    cx.writer,
    table,
    {
      ...column,
      identity: column.identity === null ? '' : column.identity.always ? 'a' : 'd',
      generated: column.generated === null ? '' : 's',
    },
    missing ?? null,
  );
  yield* addColumnDefault(cx, table, column, number);
  if (missing === undefined) yield* fillColumn(cx, old, number);
  if (column.notNull) yield* validateNotNull(evaluationContext(cx), relationNow(cx, table), [number]);
  return column.constraints;
}

/** The value that all rows have without being rewritten; undefined when each needs its own. */
function constantDefault(cx: DdlContext, column: ColumnDefinition): Datum | undefined {
  if (column.serial || column.identity !== null || column.generated !== null) return undefined;
  const domain = cx.view().type(column.type)?.kind === 'd';
  if (column.default === null) return domain ? undefined : null;
  const attribute: AttributeDesc = {
    relation: 0,
    name: column.name,
    type: column.type,
    typmod: column.typmod,
    number: 0,
    notNull: column.notNull,
    defaultText: null,
    identity: '',
    generated: '',
    dropped: false,
    acl: null,
    collation: column.collation ?? 0,
    missing: null,
  };
  const expr = bindDefault(cx, column.default, attribute);
  if (domain || isVolatile(expr)) return undefined;
  return compileStandalone(cx.exec, cx.transaction, expr);
}

function* addColumnDefault(cx: DdlContext, table: number, column: ColumnDefinition, number: number): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = relation.attributes[number - 1];
  if (column.serial) yield* makeSerial(cx, table, attribute);
  if (column.default !== null) yield* setDefault(cx, table, attribute, column.default);
  if (column.identity !== null) yield* makeIdentity(cx, table, attribute, column.identity.options);
  if (column.generated !== null) yield* setGenerated(cx, relation, attribute, column.generated);
}

/** Computes a new column for the rows that are there. */
function* fillColumn(cx: DdlContext, old: RelationDesc, number: number): Task<void> {
  const relation = relationNow(cx, old.oid);
  const attribute = relation.attributes[number - 1];
  const bind = cx.bindContext('');
  const { all } = relationColumns(bind, relation);
  const value =
    attribute.generated === '' ? defaultExpr(bind, relation, attribute) : generatedExpr(bind, relation, attribute, all);
  const values = relation.attributes.map((_, i): Expr | null => (i === number - 1 ? value : null));
  yield* rewriteTable(
    cx,
    relation,
    all.map((column) => column.id),
    values,
  );
}

export function* dropColumn(
  cx: DdlContext,
  table: number,
  name: string,
  missingOk: boolean,
  cascade: boolean,
): Task<void> {
  const relation = relationNow(cx, table);
  const found = relation.attributes.find((attribute) => attribute.name === name && !attribute.dropped);
  if (found === undefined) {
    return skipMissing(cx, missingOk, missingColumn(relation, name));
  }
  refuseFieldDrop(cx, relation, name);
  const position = relation.attributes.filter(({ dropped }) => !dropped).indexOf(found);
  yield* dropAll(cx, [address('pg_class', table, found.number)], cascade);
  const schema = cx.view().namespace(relation.namespace)?.name;
  yield* editQueries(cx, relation.name, (range) => {
    // Column aliases count positions, one of which is gone.
    if (range.relname === relation.name && range.schemaname === schema) range.alias?.colnames?.splice(position, 1);
  });
}

/** SET DEFAULT with a node, DROP DEFAULT without. */
export function* alterDefault(cx: DdlContext, table: number, name: string, node: Node | undefined): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  const refuse = (what: string, hint?: string): SqlError =>
    sqlError('syntax_error', `column "${name}" of relation "${relation.name}" is ${what}`, { hint });
  if (attribute.identity !== '') {
    const hint = node === undefined ? 'Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.' : undefined;
    throw refuse('an identity column', hint);
  }
  if (attribute.generated !== '') {
    const hint = node === undefined ? 'Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.' : undefined;
    throw refuse('a generated column', hint);
  }
  if (node === undefined) yield* dropDefault(cx.writer, table, attribute.number);
  else yield* setDefault(cx, table, attribute, node);
}

export function* setNotNull(cx: DdlContext, table: number, name: string): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  if (attribute.notNull) return;
  yield* validateNotNull(evaluationContext(cx), relation, [attribute.number]);
  yield* updateColumn(cx.writer, table, attribute.number, { attnotnull: true });
}

export function* dropNotNull(cx: DdlContext, table: number, name: string): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  if (!attribute.notNull) return;
  if (attribute.identity !== '') {
    throw sqlError('syntax_error', `column "${name}" of relation "${relation.name}" is an identity column`);
  }
  if (relation.indexes.some((index) => index.primary && index.attributes.includes(attribute.number))) {
    throw sqlError('invalid_table_definition', `column "${name}" is in a primary key`);
  }
  yield* updateColumn(cx.writer, table, attribute.number, { attnotnull: false });
}

/** DROP EXPRESSION: values stay, the column becomes a plain one. */
export function* dropExpression(cx: DdlContext, table: number, name: string, missingOk: boolean): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  if (attribute.generated === '') {
    const message = `column "${name}" of relation "${relation.name}" is not a stored generated column`;
    return skipMissing(cx, missingOk, sqlError('object_not_in_prerequisite_state', message));
  }
  yield* dropDefault(cx.writer, table, attribute.number);
  yield* updateColumn(cx.writer, table, attribute.number, { attgenerated: '' });
}

export function* addIdentity(cx: DdlContext, table: number, name: string, def: Node | undefined): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  const constraint = def !== undefined && 'Constraint' in def ? def.Constraint : {};
  const prefix = `column "${name}" of relation "${relation.name}"`;
  const refuse = (message: string): SqlError => sqlError('object_not_in_prerequisite_state', message);
  sequenceOptions(cx, constraint.options, null, attribute.type);
  if (!attribute.notNull) throw refuse(`${prefix} must be declared NOT NULL before identity can be added`);
  if (attribute.identity !== '') throw refuse(`${prefix} is already an identity column`);
  if (attribute.defaultText !== null) throw refuse(`${prefix} already has a default value`);
  const always = constraint.generated_when === 'a';
  yield* updateColumn(cx.writer, table, attribute.number, { attidentity: always ? 'a' : 'd' });
  yield* makeIdentity(cx, table, attribute, constraint.options ?? []);
}

/** SET GENERATED, SET <sequence option>, RESTART. */
export function* setIdentity(cx: DdlContext, table: number, name: string, def: Node | undefined): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  if (attribute.identity === '') throw notIdentity(relation, name);
  const nodes = def !== undefined && 'List' in def ? (def.List.items ?? []) : [];
  const generated = defElems(nodes).find((option) => option.defname === 'generated');
  if (generated !== undefined) {
    const value = generated.arg !== undefined && 'Integer' in generated.arg ? generated.arg.Integer.ival : 0;
    yield* updateColumn(cx.writer, table, attribute.number, { attidentity: value === 'a'.charCodeAt(0) ? 'a' : 'd' });
  }
  const rest = nodes.filter((node) => 'DefElem' in node && node.DefElem.defname !== 'generated');
  const [sequence] = ownedSequences(cx, table, attribute.number);
  if (rest.length === 0 || sequence === undefined) return;
  yield* applySequenceOptions(cx, sequence, sequenceOptions(cx, rest, sequenceParameters(cx, sequence)));
}

function notIdentity(relation: RelationDesc, name: string): SqlError {
  return sqlError(
    'object_not_in_prerequisite_state',
    `column "${name}" of relation "${relation.name}" is not an identity column`,
  );
}

export function* dropIdentity(cx: DdlContext, table: number, name: string, missingOk: boolean): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = columnOf(relation, name);
  if (attribute.identity === '') return skipMissing(cx, missingOk, notIdentity(relation, name));
  yield* updateColumn(cx.writer, table, attribute.number, { attidentity: '' });
  for (const sequence of ownedSequences(cx, table, attribute.number)) {
    yield* disownSequence(cx.writer, sequence.oid);
    yield* dropAll(cx, [address('pg_class', sequence.oid)], false);
  }
}
