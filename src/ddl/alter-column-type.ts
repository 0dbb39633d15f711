/**
 * ALTER COLUMN TYPE: the stored rows are converted, then everything that is built on the column is bound again:
 * default, checks, indexes, foreign keys.
 */
import type { ColumnDef } from '@pgsql/types';
import { setColumnType, updateColumn } from '../catalog/ddl/alter-relation.js';
import type { AttributeDesc, IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { formatExpressionList } from '../catalog/expression-list.js';
import { CLASS } from '../catalog/known-oids.js';
import { oidvector } from '../catalog/system-tables.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { tryCoerce } from '../sql/binder/coercion.js';
import { columnExpr } from '../sql/binder/scope.js';
import { relationColumns } from '../sql/binder/table-source.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import { rowScope } from '../sql/binder/write-target.js';
import type { Expr } from '../sql/plan/expression.js';
import { PgArray } from '../types/datum.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import { validateStoredCheck } from './add-constraint.js';
import { columnOf } from './alter-column.js';
import { setDefault } from './column-default.js';
import { columnCollation, refusePseudoType } from './column-definition.js';
import { rebuildStatistics } from './copy-statistics.js';
import type { DdlContext } from './ddl-context.js';
import { operatorClass } from './define-index.js';
import { checkForeignKey, comparison } from './foreign-key.js';
import { relationNow } from './relation-names.js';
import { rebuildIndex, rewriteTable } from './rewrite-table.js';
import { refuseRowTypeUsers } from './row-type-users.js';
import { applySequenceOptions, ownedSequences, sequenceParameters } from './sequence.js';
import { sequenceOptions } from './sequence-options.js';
import { bindInScope, bindOver, PLACES, storedText } from './stored-expression.js';

export function* alterColumnType(cx: DdlContext, table: number, name: string, def: ColumnDef): Task<void> {
  const old = relationNow(cx, table);
  const attribute = columnOf(old, name);
  if (def.typeName === undefined) throw sqlError('syntax_error', 'no type given');
  const { type, typmod } = resolveTypeName(cx.bindContext(), def.typeName);
  refusePseudoType(cx, type, name);
  if (attribute.identity !== '') yield* setIdentityType(cx, table, attribute, type);
  refuseDependents(cx, old, attribute);
  const collation = columnCollation(cx, def, type);
  const { expr, columns } = conversion(cx, old, attribute, def, type, typmod);
  yield* setColumnType(cx.writer, table, attribute.number, {
    type,
    typmod,
    collation,
    dimensions: def.typeName.arrayBounds?.length ?? 0,
  });
  yield* rebuildDefinitions(cx, table, attribute);
  const values = old.attributes.map((_, i): Expr | null => (i === attribute.number - 1 ? expr : null));
  if (isUnchanged(expr) && attribute.missing === null) {
    for (const index of relationNow(cx, table).indexes) {
      if (index.attributes.includes(attribute.number)) yield* rebuildIndex(cx, table, index.oid);
    }
  } else {
    refuseRowTypeUsers(cx, old);
    yield* rewriteTable(cx, old, columns, values);
  }
  yield* recheck(cx, table, attribute);
}

/** The sequence of an identity column counts in the column's type. Throws 22023. */
function* setIdentityType(cx: DdlContext, table: number, attribute: AttributeDesc, type: number): Task<void> {
  for (const sequence of ownedSequences(cx, table, attribute.number)) {
    const options = sequenceOptions(cx, [], sequenceParameters(cx, sequence), type);
    yield* applySequenceOptions(cx, sequence, options);
  }
}

/** The value is the same as before, under another name. */
function isUnchanged(expr: Expr): boolean {
  return expr.kind === 'column' || (expr.kind === 'relabel' && isUnchanged(expr.arg));
}

/** Views and generated columns cannot follow. Throws 0A000. */
export function refuseDependents(cx: DdlContext, relation: RelationDesc, attribute: AttributeDesc): void {
  const key = [CLASS.pg_class, relation.oid, attribute.number];
  for (const row of cx.writer.find('pg_depend_reference_index', key)) {
    if (row.number('classid') === CLASS.pg_rewrite) {
      const rule = cx.writer.findOne('pg_rewrite_oid_index', [row.number('objid')]);
      const view = rule === undefined ? undefined : cx.view().relation(rule.number('ev_class'));
      throw sqlError('feature_not_supported', 'cannot alter type of a column used by a view or rule', {
        detail: `rule _RETURN on ${view?.kind === 'm' ? 'materialized view' : 'view'} ${view?.name ?? ''} depends on column "${attribute.name}"`,
      });
    }
    if (row.number('classid') !== CLASS.pg_attrdef || row.text('deptype') !== 'n') continue;
    const found = cx.writer.findOne('pg_attrdef_oid_index', [row.number('objid')]);
    if (found === undefined || found.number('adnum') === attribute.number) continue;
    throw sqlError('feature_not_supported', 'cannot alter type of a column used by a generated column', {
      detail: `Column "${attribute.name}" is used by generated column "${relation.attributes[found.number('adnum') - 1].name}".`,
    });
  }
}

function conversion(
  cx: DdlContext,
  relation: RelationDesc,
  attribute: AttributeDesc,
  def: ColumnDef,
  type: number,
  typmod: number,
): { readonly expr: Expr; readonly columns: readonly number[] } {
  const bind = cx.bindContext();
  const shown = bind.formatType(type, typmod);
  const { all, visible } = relationColumns(bind, relation);
  const using = def.raw_default;
  const source =
    using === undefined
      ? columnExpr(all[attribute.number - 1])
      : bindInScope(bind, rowScope(relation, visible), using, PLACES.transform);
  const expr = tryCoerce(bind, source, type, typmod, 'assignment');
  const columns = all.map((column) => column.id);
  if (expr !== null) return { expr, columns };
  throw using === undefined
    ? cannotCast(`column "${attribute.name}"`, shown, `You might need to specify "USING ${attribute.name}::${shown}".`)
    : cannotCast(
        `result of USING clause for column "${attribute.name}"`,
        shown,
        'You might need to add an explicit cast.',
      );
}

function cannotCast(what: string, type: string, hint?: string): SqlError {
  return sqlError('datatype_mismatch', `${what} cannot be cast automatically to type ${type}`, { hint });
}

/** Default, checks and index definitions, bound over the new type. */
function* rebuildDefinitions(cx: DdlContext, table: number, old: AttributeDesc): Task<void> {
  const relation = relationNow(cx, table);
  const attribute = relation.attributes[old.number - 1];
  if (old.defaultText !== null && old.generated === '') {
    try {
      yield* setDefault(cx, table, attribute, old.defaultText);
    } catch (error) {
      if (!(error instanceof Error && 'condition' in error && error.condition === 'datatype_mismatch')) throw error;
      const shown = cx.bindContext().formatType(attribute.type, attribute.typmod);
      throw cannotCast(`default for column "${attribute.name}"`, shown);
    }
  }
  for (const constraint of relation.constraints) {
    if (constraint.kind === 'c' && constraint.checkText !== null && constraint.key.includes(old.number)) {
      const { expr } = bindOver(cx, relation, constraint.checkText, PLACES.check);
      yield* updateRow(cx, 'pg_constraint_oid_index', constraint.oid, { conbin: storedText(cx, expr) });
    }
    if (constraint.kind === 'f' && constraint.key.includes(old.number))
      yield* relinkForeignKey(cx, relation, constraint);
  }
  for (const index of relation.indexes) yield* rebuildIndexDefinition(cx, relation, index, attribute);
  yield* rebuildStatistics(cx, relation, attribute.number);
  // Indexes first: foreign keys of others compare by the operator classes of the index.
  for (const constraint of relationNow(cx, table).referencedBy) {
    const child = cx.view().relation(constraint.relation);
    if (child !== undefined && constraint.foreignKey.includes(old.number))
      yield* relinkForeignKey(cx, child, constraint);
  }
}

function* updateRow(cx: DdlContext, index: string, oid: number, values: Record<string, string | PgArray>): Task<void> {
  const row = cx.writer.findOne(index, [oid]);
  if (row !== undefined) yield* cx.writer.update(row, values);
}

function* relinkForeignKey(
  cx: DdlContext,
  child: RelationDesc,
  constraint: RelationDesc['constraints'][number],
): Task<void> {
  const parent = relationNow(cx, constraint.foreignRelation);
  const index = cx.view().index(constraint.index);
  if (index === undefined) return;
  const operators = constraint.key.map((number, i) =>
    comparison(
      cx,
      constraint.name,
      index,
      parent.attributes[constraint.foreignKey[i] - 1],
      child.attributes[number - 1],
    ),
  );
  const array = (values: readonly number[]): PgArray => PgArray.of(oids.OID, values);
  yield* updateRow(cx, 'pg_constraint_oid_index', constraint.oid, {
    conpfeqop: array(operators.map(({ pf }) => pf)),
    conppeqop: array(operators.map(({ pp }) => pp)),
    conffeqop: array(operators.map(({ ff }) => ff)),
  });
}

function* rebuildIndexDefinition(
  cx: DdlContext,
  relation: RelationDesc,
  index: IndexDesc,
  attribute: AttributeDesc,
): Task<void> {
  const row = cx.writer.findOne('pg_index_indexrelid_index', [index.oid]);
  if (row === undefined) return;
  const opclasses = index.opclasses.map((opclass, i) =>
    index.attributes[i] === attribute.number ? operatorClass(cx, index.method, attribute.type, []) : opclass,
  );
  const bindAgain = (text: string): string => storedText(cx, bindOver(cx, relation, text, PLACES.index).expr);
  yield* cx.writer.update(row, {
    indclass: oidvector(opclasses),
    indcollation: oidvector(
      index.collations.map((collation, i) =>
        index.attributes[i] === attribute.number ? attribute.collation : collation,
      ),
    ),
    indexprs: index.expressionTexts.length === 0 ? null : formatExpressionList(index.expressionTexts.map(bindAgain)),
    indpred: index.predicateText === null ? null : bindAgain(index.predicateText),
  });
  for (const [i, number] of index.attributes.entries()) {
    if (number !== attribute.number) continue;
    yield* setColumnType(cx.writer, index.oid, i + 1, attribute);
    yield* updateColumn(cx.writer, index.oid, i + 1, { attcollation: attribute.collation });
  }
}

function* recheck(cx: DdlContext, table: number, attribute: AttributeDesc): Task<void> {
  const relation = relationNow(cx, table);
  for (const constraint of relation.constraints) {
    if (!constraint.validated || !constraint.key.includes(attribute.number)) continue;
    if (constraint.kind === 'c')
      yield* validateStoredCheck(cx, relation, constraint.name, constraint.checkText ?? 'true');
    if (constraint.kind === 'f') yield* checkForeignKey(cx, table, constraint.oid);
  }
  for (const constraint of relation.referencedBy) {
    if (constraint.validated && constraint.foreignKey.includes(attribute.number) && constraint.relation !== table) {
      yield* checkForeignKey(cx, constraint.relation, constraint.oid);
    }
  }
}
