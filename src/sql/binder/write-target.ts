/** What INSERT, UPDATE and DELETE need to know of their table: checks, index keys, defaults. */
import type { ResTarget } from '@pgsql/types';
import { permissionDenied } from '../../catalog/acl/access-errors.js';
import type { AttributeDesc, IndexDesc, RelationDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import type { TargetIndex, WriteTarget } from '../plan/plan-node.js';
import { BindContext } from './bind-context.js';
import { bindStandaloneExpr } from './bind-function-call.js';
import { coerce, coerceToBoolean } from './coercion.js';
import { columnExpr, relationTable, Scope, type ScopeColumn } from './scope.js';
import { relationColumns } from './table-source.js';
import { bindTriggerCondition } from './trigger-scope.js';

/** @throws SqlError 42809, 55000 for relations that cannot be written */
export function checkWritable(
  cx: BindContext,
  relation: RelationDesc,
  verb: 'insert into' | 'update' | 'delete from',
  location?: number,
): void {
  if (relation.kind === 'r') {
    if (relation.oid < 16384) {
      if (cx.catalog.role(cx.services.currentRole)?.superuser === false) throw permissionDenied('table', relation.name);
      throw cx.error('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`, location);
    }
    return;
  }
  if (relation.kind === 'v') {
    throw cx.error('object_not_in_prerequisite_state', `cannot ${verb} view "${relation.name}"`, location, {
      detail: 'Writing through views is not supported.',
    });
  }
  const what = relation.kind === 'S' ? 'sequence' : relation.kind === 'm' ? 'materialized view' : 'relation';
  throw cx.error('wrong_object_type', `cannot change ${what} "${relation.name}"`);
}

/** The attribute that SET or a list of columns names. @throws SqlError 42703 */
export function findAttribute(cx: BindContext, relation: RelationDesc, target: ResTarget): AttributeDesc {
  const attribute = relation.attributes.find((candidate) => candidate.name === target.name && !candidate.dropped);
  if (attribute === undefined) {
    throw cx.error(
      'undefined_column',
      `column "${target.name}" of relation "${relation.name}" does not exist`,
      target.location,
    );
  }
  return attribute;
}

/** What a statement writes into, and the columns of its new rows, one per attribute. */
export interface BoundTarget {
  readonly target: WriteTarget;
  readonly columns: readonly ScopeColumn[];
}

export function bindWriteTarget(cx: BindContext, relation: RelationDesc): BoundTarget {
  const { all, visible } = relationColumns(cx, relation);
  const scope = rowScope(relation, visible);
  const checks = relation.constraints
    .filter((constraint) => constraint.kind === 'c' && constraint.checkText !== null)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((constraint) => ({
      name: constraint.name,
      expr: coerceToBoolean(cx, bindStored(cx, constraint.checkText ?? '', scope), 'CHECK'),
    }));
  const indexes = relation.indexes.map((index) => bindTargetIndex(cx, relation, index, scope, all));
  const columns = all.map((column) => column.id);
  return { target: { relation, columns, checks, indexes, ...bindTriggers(cx, relation, all) }, columns: all };
}

/** Triggers with their conditions, and what has to be computed again when they have changed a row. */
function bindTriggers(
  cx: BindContext,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
): Pick<WriteTarget, 'triggers' | 'generated'> {
  const triggers = relation.triggers.map((trigger) => ({
    trigger,
    when: bindTriggerCondition(cx, relation, trigger),
  }));
  const mayChange = relation.triggers.some(({ timing, level }) => timing === 'BEFORE' && level === 'ROW');
  const generated = relation.attributes.filter((attribute) => mayChange && attribute.generated !== '');
  return {
    triggers,
    generated: generated.map((attribute) => ({
      slot: attribute.number - 1,
      expr: generatedExpr(cx, relation, attribute, columns),
    })),
  };
}

/** A scope in which the columns of one row of the relation can be named. */
export function rowScope(relation: RelationDesc, columns: readonly ScopeColumn[]): Scope {
  const scope = new Scope(null);
  scope.columns = [...columns];
  scope.tables.push(relationTable(relation.name, relation, columns));
  return scope;
}

/** Binds text of the catalog, whose positions mean nothing in the statement. */
function bindStored(cx: BindContext, text: string, scope: Scope): Expr {
  return bindStandaloneExpr(BindContext.within(cx, text), text, scope);
}

function bindTargetIndex(
  cx: BindContext,
  relation: RelationDesc,
  index: IndexDesc,
  scope: Scope,
  columns: readonly ScopeColumn[],
): TargetIndex {
  const { keys, predicate } = bindIndexKeys(cx, index, scope, columns);
  const constraint = relation.constraints.find((candidate) => candidate.oid === index.constraint) ?? null;
  return { index, keys, predicate, constraint };
}

/** The key expressions and the predicate of an index over the given columns of its table (by attribute). */
export function bindIndexKeys(
  cx: BindContext,
  index: IndexDesc,
  scope: Scope,
  columns: readonly ScopeColumn[],
): { keys: Expr[]; predicate: Expr | null } {
  let expression = 0;
  const keys = index.attributes.slice(0, index.keyColumns).map((number) => {
    if (number !== 0) return columnExpr(columns[number - 1]);
    return bindStored(cx, index.expressionTexts[expression++], scope);
  });
  const predicate =
    index.predicateText === null
      ? null
      : coerceToBoolean(cx, bindStored(cx, index.predicateText, scope), 'index predicate');
  return { keys, predicate };
}

/** The default of a column as a value of its type: identity, DEFAULT, the domain's default, NULL. */
export function defaultExpr(cx: BindContext, relation: RelationDesc, attribute: AttributeDesc): Expr {
  if (attribute.identity !== '') return identityValue(cx, relation, attribute);
  if (attribute.defaultText !== null && attribute.generated === '') {
    return assignTo(cx, bindStored(cx, attribute.defaultText, new Scope(null)), attribute);
  }
  const type = cx.catalog.type(attribute.type);
  if (type?.kind === 'd') {
    const text = type.defaultText;
    const value: Expr = text === null ? nullConst(oid.UNKNOWN) : bindStored(cx, text, new Scope(null));
    return assignTo(cx, value, attribute);
  }
  return { ...nullConst(attribute.type), typmod: attribute.typmod };
}

export function nullConst(type: number): Expr {
  return { kind: 'const', value: null, type, typmod: -1, collation: 0, location: -1 };
}

function identityValue(cx: BindContext, relation: RelationDesc, attribute: AttributeDesc): Expr {
  const sequence = cx.services.identitySequence(relation.oid, attribute.number);
  const [nextval] = cx.catalog.procsByName('nextval', cx.catalog.namespaceByName('pg_catalog')?.oid ?? null);
  if (sequence === 0 || nextval === undefined)
    throw cx.error('internal_error', `identity column "${attribute.name}" has no sequence`);
  const call: Expr = {
    kind: 'function',
    proc: { ...nextval, source: 'nextval_identity' },
    args: [{ kind: 'const', value: sequence, type: oid.REGCLASS, typmod: -1, collation: 0, location: -1 }],
    variadicArray: false,
    operator: null,
    form: 'call',
    type: oid.INT8,
    typmod: -1,
    collation: 0,
    location: -1,
  };
  return assignTo(cx, call, attribute);
}

/** A stored generated column computed from the other columns of the new row. */
export function generatedExpr(
  cx: BindContext,
  relation: RelationDesc,
  attribute: AttributeDesc,
  columns: readonly ScopeColumn[],
): Expr {
  const visible = columns.filter((_, i) => !relation.attributes[i].dropped);
  return assignTo(cx, bindStored(cx, attribute.defaultText ?? 'NULL', rowScope(relation, visible)), attribute);
}

/** Assignment conversion. @throws SqlError 42804 `column "x" is of type integer but expression is of type text` */
export function assignTo(cx: BindContext, expr: Expr, attribute: AttributeDesc): Expr {
  if (expr.type !== attribute.type || expr.typmod !== attribute.typmod) {
    try {
      return coerce(cx, expr, attribute.type, attribute.typmod, 'assignment');
    } catch (error) {
      if (error instanceof Error && 'condition' in error && error.condition === 'datatype_mismatch') {
        throw cx.error(
          'datatype_mismatch',
          `column "${attribute.name}" is of type ${cx.formatType(attribute.type)} but expression is of type ${cx.formatType(expr.type)}`,
          expr.location,
          { hint: 'You will need to rewrite or cast the expression.' },
        );
      }
      throw error;
    }
  }
  return expr;
}
