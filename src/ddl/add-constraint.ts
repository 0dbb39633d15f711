/** Adds constraints to tables, for CREATE TABLE and ALTER TABLE alike. */

import { renameObject } from '../catalog/ddl/alter-object.js';
import { updateColumn } from '../catalog/ddl/alter-relation.js';
import { createConstraint } from '../catalog/ddl/create-constraint.js';
import { address } from '../catalog/ddl/dependencies.js';
import type { IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { validateCheck, validateNotNull } from '../exec/validate-constraint.js';
import { coerceToBoolean } from '../sql/binder/coercion.js';
import type { Task } from '../util/task.js';
import { columnOf } from './alter-column.js';
import type { DdlContext } from './ddl-context.js';
import { defineIndex } from './define-index.js';
import { evaluationContext } from './evaluation.js';
import { addForeignKey } from './foreign-key.js';
import { chooseConstraintName } from './object-names.js';
import { positionOf, relationNow } from './relation-names.js';
import { storageParameters } from './storage-parameters.js';
import {
  attributesRead,
  type BoundExpression,
  bindOver,
  PLACES,
  referencesOf,
  storedText,
} from './stored-expression.js';
import type { CheckConstraint, KeyConstraint, TableConstraint } from './table-constraint.js';

/** `others`: names of further constraints of the statement. Returns the OID of the constraint. */
export function* addConstraint(
  cx: DdlContext,
  table: number,
  constraint: TableConstraint,
  others: readonly string[] = [],
): Task<number> {
  switch (constraint.kind) {
    case 'c':
      return yield* addCheck(cx, table, constraint, others);
    case 'f':
      return yield* addForeignKey(cx, table, constraint);
    default:
      return yield* addKey(cx, table, constraint);
  }
}

function* addCheck(cx: DdlContext, table: number, spec: CheckConstraint, others: readonly string[]): Task<number> {
  const relation = relationNow(cx, table);
  const bound = bindCheck(cx, relation, spec.expression);
  const key = attributesRead(bound.expr, bound.columns);
  const column = key.length === 1 ? relation.attributes[key[0] - 1].name : null;
  const name = spec.name ?? chooseConstraintName(cx, relation.name, column, 'check', relation.namespace, others);
  if (!spec.notValid) yield* checkRows(cx, relation, name, bound);
  return yield* createConstraint(cx.writer, {
    name,
    namespace: relation.namespace,
    kind: 'c',
    relation: table,
    key,
    check: storedText(cx, bound.expr),
    noInherit: spec.noInherit,
    validated: !spec.notValid,
    references: referencesOf(cx, bound.expr, table, []),
  });
}

function bindCheck(cx: DdlContext, relation: RelationDesc, expression: CheckConstraint['expression']): BoundExpression {
  const bound = bindOver(cx, relation, expression, PLACES.check);
  return { ...bound, expr: coerceToBoolean(bound.bind, bound.expr, 'CHECK') };
}

function* checkRows(cx: DdlContext, relation: RelationDesc, name: string, bound: BoundExpression): Task<void> {
  const columns = bound.columns.map((column) => column.id);
  yield* validateCheck(evaluationContext(cx), relation, columns, { name, expr: bound.expr });
}

/** VALIDATE CONSTRAINT of a CHECK: its text is that of the catalog. */
export function* validateStoredCheck(cx: DdlContext, relation: RelationDesc, name: string, text: string): Task<void> {
  yield* checkRows(cx, relation, name, bindCheck(cx, relation, text));
}

function* addKey(cx: DdlContext, table: number, spec: KeyConstraint): Task<number> {
  const relation = relationNow(cx, table);
  const primary = spec.kind === 'p';
  // The NOT NULL of primary keys looks for the columns first.
  if (primary) for (const name of spec.columns) columnOf(relation, name);
  if (primary && relation.indexes.some((index) => index.primary)) {
    throw sqlError('invalid_table_definition', `multiple primary keys for table "${relation.name}" are not allowed`);
  }
  const index = spec.index === null ? yield* makeIndex(cx, relation, spec) : yield* takeIndex(cx, relation, spec);
  const desc = cx.view().index(index);
  if (desc === undefined) throw new Error(`index ${index} does not exist`);
  return yield* createConstraint(cx.writer, {
    name: desc.name,
    namespace: relation.namespace,
    kind: spec.kind,
    deferrable: spec.deferrable,
    deferred: spec.deferred,
    relation: table,
    index,
    key: desc.attributes.slice(0, desc.keyColumns),
    including: desc.attributes.slice(desc.keyColumns),
  });
}

function* makeIndex(cx: DdlContext, relation: RelationDesc, spec: KeyConstraint): Task<number> {
  checkKeyColumns(cx, relation, spec);
  if (spec.kind === 'p') yield* forbidNulls(cx, relation, spec.columns);
  return yield* defineIndex(cx, relationNow(cx, relation.oid), {
    name: spec.name,
    keys: spec.columns.map((name) => ({ name })),
    including: spec.including,
    method: 'btree',
    unique: true,
    primary: spec.kind === 'p',
    nullsNotDistinct: spec.nullsNotDistinct,
    immediate: !spec.deferrable,
    predicate: null,
    options: storageParameters([...spec.options], { method: 'btree' }),
    forConstraint: true,
  });
}

function checkKeyColumns(cx: DdlContext, relation: RelationDesc, spec: KeyConstraint): void {
  const seen = new Set<string>();
  for (const name of spec.columns) {
    if (!relation.attributes.some((attribute) => attribute.name === name && !attribute.dropped)) {
      throw sqlError('undefined_column', `column "${name}" named in key does not exist`).at(
        positionOf(cx, spec.location),
      );
    }
    if (seen.has(name)) {
      const what = spec.kind === 'p' ? 'primary key' : 'unique';
      throw sqlError('duplicate_column', `column "${name}" appears twice in ${what} constraint`).at(
        positionOf(cx, spec.location),
      );
    }
    seen.add(name);
  }
}

/** NOT NULL for columns that have become part of a primary key. */
export function* forbidNulls(cx: DdlContext, relation: RelationDesc, names: readonly string[]): Task<void> {
  const nullable = relation.attributes.filter(
    (attribute) => !attribute.dropped && !attribute.notNull && names.includes(attribute.name),
  );
  if (nullable.length === 0) return;
  const numbers = nullable.map((attribute) => attribute.number);
  yield* validateNotNull(evaluationContext(cx), relation, numbers);
  for (const number of numbers) yield* updateColumn(cx.writer, relation.oid, number, { attnotnull: true });
}

/** ADD CONSTRAINT … USING INDEX: the index becomes that of the constraint, and takes its name. */
function* takeIndex(cx: DdlContext, relation: RelationDesc, spec: KeyConstraint): Task<number> {
  const index = relation.indexes.find((candidate) => candidate.name === spec.index);
  if (index === undefined) {
    throw sqlError('undefined_object', `index "${spec.index}" does not exist`).at(positionOf(cx, spec.location));
  }
  checkTakable(index);
  if (spec.kind === 'p') {
    const names = index.attributes.slice(0, index.keyColumns).map((number) => relation.attributes[number - 1].name);
    yield* forbidNulls(cx, relation, names);
  }
  if (spec.name !== null && spec.name !== index.name) {
    cx.notice('NOTICE', `ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "${index.name}" to "${spec.name}"`);
    yield* renameObject(cx.writer, address('pg_class', index.oid), spec.name);
  }
  const row = cx.writer.findOne('pg_index_indexrelid_index', [index.oid]);
  if (row === undefined) throw new Error(`index ${index.oid} has no row`);
  yield* cx.writer.update(row, { indisprimary: spec.kind === 'p', indimmediate: !spec.deferrable });
  return index.oid;
}

function checkTakable(index: IndexDesc): void {
  const refuse = (message: string, detail: string): Error => sqlError('wrong_object_type', message, { detail });
  const purpose = 'Cannot create a primary key or unique constraint using such an index.';
  if (index.constraint !== 0) {
    throw sqlError('object_not_in_prerequisite_state', `index "${index.name}" is already associated with a constraint`);
  }
  if (!index.unique) throw refuse(`"${index.name}" is not a unique index`, purpose);
  if (index.expressionTexts.length > 0) throw refuse(`index "${index.name}" contains expressions`, purpose);
  if (index.predicateText !== null) throw refuse(`"${index.name}" is a partial index`, purpose);
}
