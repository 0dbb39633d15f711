/** COPY FROM: an insert of rows that come from outside. */
import type { Node } from '@pgsql/types';
import type { AttributeDesc, RelationDesc } from '../../catalog/descriptors.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import { makeColumn } from '../plan/column-expr.js';
import { someExpr } from '../plan/expr-children.js';
import type { Expr } from '../plan/expression.js';
import { type InsertNode, type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { completeRow } from './bind-insert.js';
import { binders } from './binders.js';
import { coerceToBoolean } from './coercion.js';
import {
  attributeColumns,
  forbiddenAggregates,
  relationTable,
  Scope,
  type ScopeColumn,
  withoutDropped,
} from './scope.js';
import { bindWriteTarget, checkWritable } from './write-target.js';

const CLAUSE = 'COPY FROM WHERE conditions';

/** The plan of COPY FROM: rows of the given attributes come from outside, defaults fill in the rest, and `where` chooses. */
export function bindCopyInsert(
  cx: BindContext,
  relation: RelationDesc,
  attributes: readonly AttributeDesc[],
  where: Node | undefined,
): InsertNode {
  checkWritable(cx, relation, 'insert into');
  cx.useRelation(relation, 'insert');
  const access = cx.access.table(relation, PRIVILEGE.INSERT);
  for (const { number } of attributes) access.inserted.add(number);
  const { target, columns } = bindWriteTarget(cx, relation);
  const sourceColumns = attributes.map((attribute) => cx.newColumn(attribute.name));
  const values = attributes.map((attribute, i) => makeColumn(sourceColumns[i], attribute.name, attribute));
  const plan: PlanNode = { kind: 'row source', columns: sourceColumns, ...UNESTIMATED };
  const row = completeRow(
    cx,
    relation,
    columns,
    attributes,
    { plan, values, isDefault: values.map(() => false) },
    'OVERRIDING_SYSTEM_VALUE',
  );
  const input = where === undefined ? row : filtered(cx, relation, row, where);
  return { kind: 'insert', input, target, onConflict: null, returning: null, columns: [], ...UNESTIMATED };
}

/** The rows for which WHERE holds. It sees the table's columns, defaults filled in. */
function filtered(cx: BindContext, relation: RelationDesc, input: PlanNode, where: Node): PlanNode {
  const scope = new Scope(null);
  const columns = withoutDropped(relation, attributeColumns(relation, input.columns));
  scope.tables.push({
    ...relationTable(relation.name, relation, columns),
    schema: cx.catalog.namespace(relation.namespace)?.name ?? null,
  });
  scope.columns = columns;
  scope.clause = 'WHERE';
  scope.aggregates = forbiddenAggregates(CLAUSE);
  scope.setReturningForbidden = CLAUSE;
  const predicate = coerceToBoolean(cx, binders.expr(cx, scope, where), 'WHERE');
  checkPredicate(cx, relation, columns, predicate);
  return { kind: 'filter', input, predicate, columns: input.columns, ...UNESTIMATED };
}

function checkPredicate(
  cx: BindContext,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
  predicate: Expr,
): void {
  const generated = new Map(
    columns.flatMap((column) => {
      const attribute = relation.attributes[column.columnNumber - 1];
      return attribute.generated === '' ? [] : [[column.id, column.name] as const];
    }),
  );
  someExpr(predicate, (expr) => {
    if (expr.kind === 'subplan')
      throw cx.error('feature_not_supported', 'cannot use subquery in COPY FROM WHERE condition', expr.location);
    if (expr.kind === 'column' && generated.has(expr.id)) {
      throw cx.error(
        'invalid_column_reference',
        'generated columns are not supported in COPY FROM WHERE conditions',
        -1,
        { detail: `Column "${generated.get(expr.id)}" is a generated column.` },
      );
    }
    return false;
  });
}
