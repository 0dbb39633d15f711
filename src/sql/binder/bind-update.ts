/** UPDATE and DELETE: the table joined with FROM/USING, the condition, the new row, RETURNING. */
import type { DeleteStmt, Node, RangeVar, UpdateStmt } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import type { Expr } from '../plan/expression.js';
import type { DeleteNode, PlanNode, UpdateNode } from '../plan/plan-node.js';
import { bindAssignments, newRowExprs } from './assignments.js';
import type { BindContext } from './bind-context.js';
import { bindFromClause } from './bind-from.js';
import type { BoundModification } from './bind-insert.js';
import { bindReturning } from './bind-returning.js';
import { bindWhere } from './bind-select.js';
import { bindWith } from './bind-with.js';
import { makeJoin } from './from-item.js';
import { forbiddenAggregates, Scope, type ScopeTable } from './scope.js';
import { bindTableSource, findRelation, type TableSource } from './table-source.js';
import { bindWriteTarget, checkWritable } from './write-target.js';

const EMPTY = { rows: 0, cost: 0 } as const;

interface Prepared {
  readonly scope: Scope;
  readonly source: TableSource;
  readonly alias: string;
  readonly others: readonly ScopeTable[];
  readonly where: Expr | null;
  readonly rowId: number;
  input(): PlanNode;
}

/** Binds the target table, the other tables and the condition. */
function prepare(
  cx: BindContext,
  scope: Scope,
  range: RangeVar,
  from: readonly Node[],
  where: Node | undefined,
  verb: 'update' | 'delete from',
): Prepared {
  const relation = findRelation(cx, range);
  checkWritable(cx, relation, verb, range.location);
  cx.useRelation(relation, 'write');
  const alias = range.alias?.aliasname ?? relation.name;
  const source = bindTableSource(cx, relation, alias, range.alias);
  const inner = new Scope(scope.parent);
  for (const [name, cte] of scope.ctes) inner.ctes.set(name, cte);
  const buildOthers = from.length === 0 ? null : bindFromClause(cx, inner, from);
  const others = [...inner.tables];
  if (others.some((table) => table.alias === alias))
    throw cx.error('duplicate_alias', `table name "${alias}" specified more than once`, range.location);
  const full = new Scope(scope.parent);
  for (const [name, cte] of scope.ctes) full.ctes.set(name, cte);
  full.tables.push(...source.tables, ...others);
  full.columns = [...source.columns, ...inner.columns];
  const currentOf = where !== undefined && 'CurrentOfExpr' in where ? where.CurrentOfExpr.cursor_name : undefined;
  const condition = where === undefined || currentOf !== undefined ? null : bindWhere(cx, full, where, 'WHERE');
  const rowId = source.systemColumn('row id');
  const input = (): PlanNode => {
    const scan = source.build();
    const base: PlanNode = currentOf !== undefined && scan.kind === 'seq scan' ? { ...scan, currentOf } : scan;
    const joined = buildOthers === null ? base : makeJoin('inner', base, buildOthers(), null);
    return condition === null
      ? joined
      : { kind: 'filter', input: joined, predicate: condition, columns: joined.columns, ...EMPTY };
  };
  return { scope: full, source, alias, others, where: condition, rowId, input };
}

export function bindUpdate(cx: BindContext, parent: Scope | null, statement: UpdateStmt): BoundModification {
  const scope = new Scope(parent);
  const wrap = statement.withClause === undefined ? null : bindWith(cx, scope, statement.withClause);
  if (statement.relation === undefined) throw notSupported('UPDATE without a table');
  const prepared = prepare(cx, scope, statement.relation, statement.fromClause ?? [], statement.whereClause, 'update');
  const { relation, allColumns } = prepared.source;
  const { target, columns } = bindWriteTarget(cx, relation);
  prepared.scope.clause = 'UPDATE';
  prepared.scope.aggregates = forbiddenAggregates('UPDATE');
  prepared.scope.setReturningForbidden = 'UPDATE';
  const assignments = bindAssignments(cx, prepared.scope, relation, allColumns, statement.targetList ?? []);
  const row = newRowExprs(cx, relation, allColumns, assignments);
  const returning = bindReturning(
    cx,
    scope,
    relation,
    prepared.alias,
    columns,
    prepared.others,
    statement.returningList ?? [],
  );
  const node: UpdateNode = {
    kind: 'update',
    input: prepared.input(),
    target,
    rowId: prepared.rowId,
    oldColumns: allColumns.map((column) => column.id),
    newRow: row.exprs,
    changed: row.changed,
    recheck: prepared.where,
    returning: returning === null ? null : { exprs: returning.exprs },
    columns: returning?.columns.map((column) => column.id) ?? [],
    ...EMPTY,
  };
  return { plan: wrap === null ? node : wrap(node), columns: returning?.columns ?? [], returning: returning !== null };
}

export function bindDelete(cx: BindContext, parent: Scope | null, statement: DeleteStmt): BoundModification {
  const scope = new Scope(parent);
  const wrap = statement.withClause === undefined ? null : bindWith(cx, scope, statement.withClause);
  if (statement.relation === undefined) throw notSupported('DELETE without a table');
  const prepared = prepare(
    cx,
    scope,
    statement.relation,
    statement.usingClause ?? [],
    statement.whereClause,
    'delete from',
  );
  const { relation, allColumns } = prepared.source;
  const { target, columns } = bindWriteTarget(cx, relation);
  const returning = bindReturning(
    cx,
    scope,
    relation,
    prepared.alias,
    columns,
    prepared.others,
    statement.returningList ?? [],
  );
  const node: DeleteNode = {
    kind: 'delete',
    input: prepared.input(),
    target,
    rowId: prepared.rowId,
    oldColumns: allColumns.map((column) => column.id),
    recheck: prepared.where,
    returning: returning === null ? null : { exprs: returning.exprs },
    columns: returning?.columns.map((column) => column.id) ?? [],
    ...EMPTY,
  };
  return { plan: wrap === null ? node : wrap(node), columns: returning?.columns ?? [], returning: returning !== null };
}
