/** Adding foreign keys: the referenced key, comparison operators, the constraint's row, and a check of the rows. */
import { updateRelation } from '../catalog/ddl/alter-relation.js';
import { createConstraint } from '../catalog/ddl/create-constraint.js';
import type { AttributeDesc, IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { validateForeignKey } from '../exec/validate-constraint.js';
import { baseType, canCoerce } from '../sql/binder/coercion-pathway.js';
import type { Task } from '../util/task.js';
import { requireReferences } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { evaluationContext } from './evaluation.js';
import { chooseConstraintName, joinedNames } from './object-names.js';
import { openRelation, relationNow } from './relation-names.js';
import type { ForeignKeyConstraint } from './table-constraint.js';

const EQUAL = 3;

/** Returns the OID. REQUIRES: the referencing table is locked. Throws 42830, 42704, 42804, 23503 and others. */
export function* addForeignKey(cx: DdlContext, table: number, spec: ForeignKeyConstraint): Task<number> {
  const parent = yield* openRelation(cx, { ...spec.table, location: undefined }, 'ShareRowExclusiveLock');
  const relation = relationNow(cx, table);
  checkParent(relation, parent);
  const columns = spec.columns.map((name) => column(relation, name));
  const { index, key } = referencedKey(parent, spec, columns.length);
  requireReferences(cx, parent, key);
  const setColumns = spec.setColumns.map((name) => setColumn(columns, name));
  const first = joinedNames(spec.columns);
  const name = spec.name ?? chooseConstraintName(cx, relation.name, first, 'fkey', relation.namespace);
  const operators = columns.map((attribute, i) =>
    comparison(cx, name, index, parent.attributes[key[i] - 1], attribute),
  );
  const oid = yield* createConstraint(cx.writer, {
    name,
    namespace: relation.namespace,
    kind: 'f',
    deferrable: spec.deferrable,
    deferred: spec.deferred,
    validated: !spec.notValid,
    relation: table,
    index: index.oid,
    key: columns.map((attribute) => attribute.number),
    foreign: {
      relation: parent.oid,
      key,
      onUpdate: spec.onUpdate,
      onDelete: spec.onDelete,
      match: spec.match,
      setColumns: setColumns.length === 0 ? undefined : setColumns,
      pfOperators: operators.map(({ pf }) => pf),
      ppOperators: operators.map(({ pp }) => pp),
      ffOperators: operators.map(({ ff }) => ff),
    },
  });
  // Clients look for foreign keys only where there are triggers, by which PostgreSQL implements them.
  yield* updateRelation(cx.writer, table, { relhastriggers: true });
  yield* updateRelation(cx.writer, parent.oid, { relhastriggers: true });
  if (!spec.notValid) yield* checkForeignKey(cx, table, oid);
  return oid;
}

/** Checks the rows of the table. Throws 23503. */
export function* checkForeignKey(cx: DdlContext, table: number, constraint: number): Task<void> {
  const relation = relationNow(cx, table);
  const desc = relation.constraints.find((candidate) => candidate.oid === constraint);
  if (desc === undefined) throw new Error(`relation ${table} has no constraint ${constraint}`);
  yield* validateForeignKey(evaluationContext(cx), relation, desc);
}

function checkParent(relation: RelationDesc, parent: RelationDesc): void {
  if (parent.kind !== 'r') throw sqlError('wrong_object_type', `referenced relation "${parent.name}" is not a table`);
  if (parent.oid < 16384)
    throw sqlError('insufficient_privilege', `permission denied: "${parent.name}" is a system catalog`);
  const refuse = (own: string, others: string): SqlError =>
    sqlError('invalid_table_definition', `constraints on ${own} tables may reference only ${others} tables`);
  if (relation.persistence === 'p' && parent.persistence !== 'p') throw refuse('permanent', 'permanent');
  if (relation.persistence === 'u' && parent.persistence === 't') throw refuse('unlogged', 'permanent or unlogged');
  if (relation.persistence === 't' && parent.persistence !== 't') throw refuse('temporary', 'temporary');
}

function column(relation: RelationDesc, name: string): AttributeDesc {
  const found = relation.attributes.find((candidate) => candidate.name === name && !candidate.dropped);
  if (found !== undefined) return found;
  throw sqlError('undefined_column', `column "${name}" referenced in foreign key constraint does not exist`);
}

function setColumn(columns: readonly AttributeDesc[], name: string): number {
  const found = columns.find((candidate) => candidate.name === name);
  if (found !== undefined) return found.number;
  throw sqlError(
    'invalid_column_reference',
    `column "${name}" referenced in ON DELETE SET action must be part of foreign key`,
  );
}

function referencedKey(
  parent: RelationDesc,
  spec: ForeignKeyConstraint,
  count: number,
): { readonly index: IndexDesc; readonly key: readonly number[] } {
  if (spec.foreignColumns.length === 0) {
    const primary = parent.indexes.find((index) => index.primary);
    if (primary === undefined) {
      throw sqlError('undefined_object', `there is no primary key for referenced table "${parent.name}"`);
    }
    checkDeferrable(parent, primary, 'primary key');
    const key = primary.attributes.slice(0, primary.keyColumns);
    if (key.length !== count) throw countsDisagree();
    return { index: primary, key };
  }
  const key = spec.foreignColumns.map((name) => column(parent, name).number);
  if (key.length !== count) throw countsDisagree();
  const candidates = parent.indexes.filter((index) => isKeyOver(index, key));
  const index = candidates.find((candidate) => candidate.immediate) ?? candidates[0];
  if (index === undefined) {
    throw sqlError(
      'invalid_foreign_key',
      `there is no unique constraint matching given keys for referenced table "${parent.name}"`,
    );
  }
  checkDeferrable(parent, index, 'unique constraint');
  return { index, key };
}

function countsDisagree(): SqlError {
  return sqlError('invalid_foreign_key', 'number of referencing and referenced columns for foreign key disagree');
}

function checkDeferrable(parent: RelationDesc, index: IndexDesc, what: string): void {
  if (index.immediate) return;
  throw sqlError(
    'object_not_in_prerequisite_state',
    `cannot use a deferrable ${what} for referenced table "${parent.name}"`,
  );
}

function isKeyOver(index: IndexDesc, key: readonly number[]): boolean {
  if (!index.unique || !index.valid || index.predicateText !== null || index.keyColumns !== key.length) return false;
  const attributes = index.attributes.slice(0, index.keyColumns);
  return attributes.every((number) => number !== 0 && key.includes(number)) && new Set(key).size === key.length;
}

/** Equality of the operator family of the index: parent = child, parent = parent, child = child. */
export function comparison(
  cx: DdlContext,
  name: string,
  index: IndexDesc,
  parent: AttributeDesc,
  child: AttributeDesc,
) {
  const view = cx.view();
  const bind = cx.bindContext();
  const position = index.attributes.indexOf(parent.number);
  const opclass = view.opclass(index.opclasses[position]);
  if (opclass === undefined) throw new Error(`index ${index.oid} has no operator class`);
  const equal = (left: number, right: number): number => view.familyOperator(opclass.family, left, right, EQUAL);
  const input = opclass.inputType;
  const childType = baseType(bind, child.type);
  const pp = equal(input, input);
  const pf = equal(input, childType);
  if (pf !== 0) return { pf, pp, ff: equal(childType, childType) || pf };
  if (pp !== 0 && canCoerce(bind, [child.type], [input], 'implicit') && sameKind(cx, parent, child, input)) {
    return { pf: pp, pp, ff: pp };
  }
  throw sqlError('datatype_mismatch', `foreign key constraint "${name}" cannot be implemented`, {
    detail: `Key columns "${child.name}" and "${parent.name}" are of incompatible types: ${bind.formatType(child.type)} and ${bind.formatType(parent.type)}.`,
  });
}

/** Under a polymorphic operator class (enums, arrays, records) both columns must be of one type. */
function sameKind(cx: DdlContext, parent: AttributeDesc, child: AttributeDesc, input: number): boolean {
  if (cx.view().type(input)?.kind !== 'p') return true;
  const bind = cx.bindContext();
  return baseType(bind, parent.type) === baseType(bind, child.type);
}
