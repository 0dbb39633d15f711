/** SET lists of UPDATE and ON CONFLICT DO UPDATE: which columns get which values, and the resulting row. */
import type { Node, ResTarget } from '@pgsql/types';
import type { AttributeDesc, RelationDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import { exprColumns, substituteColumns } from '../plan/free-columns.js';
import { locationOf } from './ast.js';
import { bindSubscripts } from './bind-containers.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerce } from './coercion.js';
import { arrayElement, baseTypeAndTypmod } from './coercion-pathway.js';
import { columnExpr, type Scope, type ScopeColumn } from './scope.js';
import { makeSubplan, subplanFields } from './subplan.js';
import { assignTo, defaultExpr, findAttribute, generatedExpr } from './write-target.js';

/** The new value of each assigned attribute, by attribute number. */
export type Assignments = ReadonlyMap<number, Expr>;

/** `columns` are the old row's, one per attribute. */
export function bindAssignments(
  cx: BindContext,
  scope: Scope,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
  nodes: readonly Node[],
): Assignments {
  const assignments = new Map<number, Expr>();
  const multi = new Map<Node, readonly Expr[]>();
  for (const node of nodes) {
    if (!('ResTarget' in node) || node.ResTarget.val === undefined) continue;
    const target = node.ResTarget;
    const attribute = findAttribute(cx, relation, target);
    const known = assignments.get(attribute.number);
    const indirection = target.indirection ?? [];
    if (known !== undefined && indirection.length === 0) {
      throw cx.error('syntax_error', `multiple assignments to same column "${attribute.name}"`);
    }
    const value = valueOf(cx, scope, relation, attribute, target, multi);
    checkGenerated(cx, attribute, target);
    assignments.set(
      attribute.number,
      indirection.length === 0
        ? value
        : assignInto(cx, scope, attribute, known ?? columnExpr(columns[attribute.number - 1]), indirection, value),
    );
  }
  return assignments;
}

function isDefault(target: ResTarget): boolean {
  const node = target.val;
  return node !== undefined && 'SetToDefault' in node;
}

function checkGenerated(cx: BindContext, attribute: AttributeDesc, target: ResTarget): void {
  if (isDefault(target)) return;
  if (attribute.generated !== '') {
    throw cx.error('generated_always', `column "${attribute.name}" can only be updated to DEFAULT`, -1, {
      detail: `Column "${attribute.name}" is a generated column.`,
    });
  }
  if (attribute.identity === 'a') {
    throw cx.error('generated_always', `column "${attribute.name}" can only be updated to DEFAULT`, -1, {
      detail: `Column "${attribute.name}" is an identity column defined as GENERATED ALWAYS.`,
    });
  }
}

function valueOf(
  cx: BindContext,
  scope: Scope,
  relation: RelationDesc,
  attribute: AttributeDesc,
  target: ResTarget,
  multi: Map<Node, readonly Expr[]>,
): Expr {
  const node = target.val;
  if (node === undefined) throw notSupported('an assignment without value');
  if ('SetToDefault' in node)
    return attribute.generated === ''
      ? defaultExpr(cx, relation, attribute)
      : { kind: 'const', value: null, type: attribute.type, typmod: -1, collation: 0, location: -1 };
  if ('MultiAssignRef' in node) {
    const source = node.MultiAssignRef.source;
    if (source === undefined) throw notSupported('an assignment without source');
    const position = (node.MultiAssignRef.colno ?? 1) - 1;
    if ('RowExpr' in source) {
      const items = (source.RowExpr.args ?? []).flatMap((item): (() => Expr)[] => {
        if ('SetToDefault' in item) return [() => defaultExpr(cx, relation, attribute)];
        const starred = binders.starred(cx, scope, item);
        if (starred !== null) return starred.map((expr) => () => assignTo(cx, expr, attribute));
        return [() => assignTo(cx, binders.expr(cx, scope, item), attribute)];
      });
      if (items.length !== (node.MultiAssignRef.ncolumns ?? 0))
        throw cx.error('syntax_error', 'number of columns does not match number of values', locationOf(source));
      return items[position]();
    }
    const fields = multi.get(source) ?? multiFields(cx, scope, source, node.MultiAssignRef.ncolumns ?? 0);
    multi.set(source, fields);
    return assignTo(cx, fields[position], attribute);
  }
  const expr = binders.expr(cx, scope, node);
  return (target.indirection ?? []).length > 0 ? expr : assignTo(cx, expr, attribute);
}

/** SET (a, b) = (SELECT …): one subplan that gives a record, read field by field. */
function multiFields(cx: BindContext, scope: Scope, source: Node, width: number): Expr[] {
  const location = locationOf(source);
  if (!('SubLink' in source) || source.SubLink.subselect === undefined || !('SelectStmt' in source.SubLink.subselect)) {
    throw cx.error(
      'feature_not_supported',
      'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression',
      location,
    );
  }
  const query = binders.select(cx, scope, source.SubLink.subselect.SelectStmt);
  if (query.columns.length !== width)
    throw cx.error('syntax_error', 'number of columns does not match number of values', location);
  const record = makeSubplan(query, 'multi', oid.RECORD, location);
  return subplanFields(query, record, location);
}

/** What has the parts: its name, for messages. */
type Whole = Pick<AttributeDesc, 'name' | 'typmod'>;

/** The type that a value has to have to become the part of a column that the steps lead to. */
export function partType(
  cx: BindContext,
  attribute: Whole,
  current: { readonly type: number; readonly typmod: number },
  steps: readonly Node[],
  location: number,
): { type: number; typmod: number } {
  const [first, ...rest] = steps;
  if (first === undefined) return { type: current.type, typmod: current.typmod };
  if ('String' in first) {
    const { field } = findField(cx, attribute, current.type, first.String.sval ?? '', location);
    return partType(cx, attribute, field, rest, location);
  }
  if (!steps.every((step) => 'A_Indices' in step)) throw notSupported('assignment to a field of an array element');
  const base = baseTypeAndTypmod(cx, current.type, current.typmod);
  if (isSlice(steps)) return { type: base.type, typmod: -1 };
  return { type: base.type === oid.JSONB ? base.type : arrayElement(cx, base.type), typmod: base.typmod };
}

function isSlice(steps: readonly Node[]): boolean {
  return steps.some((step) => 'A_Indices' in step && step.A_Indices.is_slice === true);
}

/** @throws SqlError 42703 */
function findField(
  cx: BindContext,
  attribute: Whole,
  type: number,
  name: string,
  location: number,
): { field: { name: string; type: number; typmod: number }; position: number } {
  const fields = cx.services.types.catalog.compositeFields(baseTypeAndTypmod(cx, type, -1).type) ?? [];
  const position = fields.findIndex((field) => field.name === name);
  if (position < 0) {
    throw cx.error(
      'undefined_column',
      `cannot assign to field "${name}" of column "${attribute.name}" because there is no such column in data type ${cx.formatType(type)}`,
      location,
    );
  }
  return { field: fields[position], position };
}

/** SET a[1] = …, SET c.f = …: the column's value with a part replaced. */
export function assignInto(
  cx: BindContext,
  scope: Scope,
  attribute: Whole,
  current: Expr,
  steps: readonly Node[],
  value: Expr,
): Expr {
  const [first, ...rest] = steps;
  if ('String' in first) {
    const { field, position } = findField(cx, attribute, current.type, first.String.sval ?? '', value.location);
    const part: Expr = {
      kind: 'field',
      arg: current,
      position,
      name: field.name,
      type: field.type,
      typmod: field.typmod,
      collation: 0,
      location: -1,
    };
    const inner =
      rest.length === 0
        ? coerce(cx, value, field.type, field.typmod, 'assignment')
        : assignInto(cx, scope, attribute, part, rest, value);
    return {
      kind: 'field assign',
      arg: current,
      assignments: [{ position, value: inner }],
      type: current.type,
      typmod: -1,
      collation: 0,
      location: value.location,
    };
  }
  const wanted = partType(cx, attribute, { type: current.type, typmod: attribute.typmod }, steps, value.location);
  return bindSubscripts(cx, scope, current, steps, coerce(cx, value, wanted.type, wanted.typmod, 'assignment'));
}

/** The whole new row: assigned values, old values, and the generated columns that depend on them. */
export function newRowExprs(
  cx: BindContext,
  relation: RelationDesc,
  old: readonly ScopeColumn[],
  assignments: Assignments,
): { exprs: Expr[]; changed: number[] } {
  const changed = [...assignments.keys()];
  const exprs = relation.attributes.map(
    (attribute, i): Expr => assignments.get(attribute.number) ?? columnExpr(old[i]),
  );
  for (const attribute of relation.attributes) {
    if (attribute.generated === '' || attribute.dropped) continue;
    const generated = generatedExpr(cx, relation, attribute, old);
    const reads = exprColumns(generated);
    if (!changed.some((number) => reads.has(old[number - 1].id)) && !assignments.has(attribute.number)) continue;
    const replacement = new Map(
      changed.filter((number) => number !== attribute.number).map((number) => [old[number - 1].id, exprs[number - 1]]),
    );
    exprs[attribute.number - 1] = substituteColumns(generated, replacement);
    if (!changed.includes(attribute.number)) changed.push(attribute.number);
  }
  return { exprs, changed };
}
