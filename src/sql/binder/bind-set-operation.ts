/** UNION, INTERSECT, EXCEPT: both sides bound, their columns brought to common types. */
import type { SelectStmt } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import type { Expr } from '../plan/expression.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import { intoOf } from './ast.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { coerceToCommonType, commonTypmod, selectCommonType } from './common-type.js';
import { commonCollation, requireCommonCollation } from './derive-collation.js';
import { lockedSetOperation } from './locking-clause.js';
import { isPushed } from './pushed-locking.js';
import { columnExpr, type Scope, type ScopeColumn } from './scope.js';
import { requireEquality } from './sort-keys.js';

const LABELS: Record<string, string> = { SETOP_UNION: 'UNION', SETOP_INTERSECT: 'INTERSECT', SETOP_EXCEPT: 'EXCEPT' };

export function bindSetOperation(cx: BindContext, scope: Scope, statement: SelectStmt): BoundQuery {
  if (statement.larg === undefined || statement.rarg === undefined) throw notSupported('a set operation without sides');
  const into = intoOf(statement);
  if (into !== undefined) throw cx.error('syntax_error', 'SELECT ... INTO is not allowed here', into.rel?.location);
  const label = LABELS[statement.op ?? ''] ?? 'UNION';
  const left = bindSide(cx, scope, statement.larg);
  const right = bindSide(cx, scope, statement.rarg);
  const all = statement.all === true;
  const { columns, sides } = matchSides(cx, label, all && label === 'UNION', left, right);
  cx.recorder?.sides.set(statement.larg, sides[0]);
  cx.recorder?.sides.set(statement.rarg, sides[1]);
  if (!all) for (const expr of sides[0]) requireEquality(cx, expr);
  const ids = columns.map((column) => column.id);
  const l = convertSide(cx, left, sides[0]);
  const r = convertSide(cx, right, sides[1]);
  const plan: PlanNode =
    statement.op === 'SETOP_UNION'
      ? union(l, r, ids, columns, all)
      : {
          kind: 'set operation',
          operation: statement.op === 'SETOP_INTERSECT' ? 'intersect' : 'except',
          all,
          left: l,
          right: r,
          columns: ids,
          ...UNESTIMATED,
        };
  return { plan, columns };
}

export interface MatchedSides {
  readonly columns: ScopeColumn[];
  /** What each side has to give for them. */
  readonly sides: readonly [Expr[], Expr[]];
}

/**
 * The columns of the result, and both sides' expressions in their types. `all`: rows are not compared.
 * @throws SqlError 42601, 42804, 42P21
 */
export function matchSides(
  cx: BindContext,
  label: string,
  all: boolean,
  left: BoundQuery,
  right: BoundQuery,
): MatchedSides {
  if (left.columns.length !== right.columns.length) {
    throw cx.error('syntax_error', `each ${label} query must have the same number of columns`, firstLocation(right));
  }
  const columns: ScopeColumn[] = [];
  const sides: [Expr[], Expr[]] = [[], []];
  left.columns.forEach((l, i) => {
    const exprs = [literalOr(left, i, l), literalOr(right, i, right.columns[i])];
    const type = selectCommonType(cx, exprs, label);
    const typed = exprs.map((expr) => coerceToCommonType(cx, expr, type, label));
    sides[0].push(typed[0]);
    sides[1].push(typed[1]);
    columns.push({
      id: cx.newColumn(l.name),
      name: l.name,
      type,
      typmod: commonTypmod(typed, type),
      collation: all ? commonCollation(cx, typed, type) : requireCommonCollation(cx, typed, type),
      tableOid: 0,
      columnNumber: 0,
      fields: l.fields,
    });
  });
  return { columns, sides };
}

function union(
  left: PlanNode,
  right: PlanNode,
  ids: readonly number[],
  columns: readonly ScopeColumn[],
  all: boolean,
): PlanNode {
  const append: PlanNode = { kind: 'append', inputs: [left, right], columns: ids, ...UNESTIMATED };
  return all
    ? append
    : {
        kind: 'distinct',
        input: append,
        keys: columns.map((column) => columnExpr(column)),
        sorted: false,
        columns: ids,
        ...UNESTIMATED,
      };
}

/** Literals of unknown type stay unknown, so that the other side can settle them. */
export function bindSide(cx: BindContext, scope: Scope, statement: SelectStmt): BoundQuery {
  if (statement.intoClause !== undefined) {
    const message = 'INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT';
    throw cx.error('syntax_error', message, statement.intoClause.rel?.location);
  }
  if (statement.lockingClause !== undefined && !isPushed(statement)) throw lockedSetOperation(cx, statement);
  cx.keepUnknown = true;
  const query = binders.select(cx, scope, statement);
  cx.keepUnknown = false;
  return query;
}

/** The select list's own expression where it is a literal or parameter: its type is still open. */
function literalOr(query: BoundQuery, i: number, column: ScopeColumn): Expr {
  const expr = query.plan.kind === 'project' ? query.plan.exprs[i] : undefined;
  return expr !== undefined && (expr.kind === 'const' || expr.kind === 'param')
    ? expr
    : columnExpr(column, expr === undefined ? -1 : startOf(expr));
}

function firstLocation(query: BoundQuery): number {
  const first = query.plan.kind === 'project' ? query.plan.exprs[0] : undefined;
  return first === undefined ? -1 : startOf(first);
}

/** Where the text of an expression begins: operators and casts stand behind their first operand. */
function startOf(expr: Expr): number {
  const within = expr.kind === 'function' ? expr.args : 'arg' in expr ? [expr.arg] : [];
  const places = [expr.location, ...within.map(startOf)].filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

export function convertSide(cx: BindContext, query: BoundQuery, exprs: readonly Expr[]): PlanNode {
  const same = exprs.every((expr, i) => expr.kind === 'column' && expr.id === query.columns[i].id);
  if (same) return query.plan;
  return {
    kind: 'project',
    input: query.plan,
    exprs,
    columns: exprs.map((_, i) => cx.newColumn(query.columns[i].name)),
    ...UNESTIMATED,
  };
}
