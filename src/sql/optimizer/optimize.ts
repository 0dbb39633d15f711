/**
 * From the binder's logical plan to one that the executor runs: the passes in their order. Each pass is a function
 * from plan to plan in a file of its own.
 */
import { passColumn } from '../plan/column-expr.js';
import { rewriteExpr } from '../plan/expr-children.js';
import type { Expr } from '../plan/expression.js';
import { withPlan } from '../plan/free-columns.js';
import { mapChildNodes } from '../plan/node-children.js';
import { mapNodeExprs } from '../plan/node-exprs.js';
import type { CteDefinition, PlanNode } from '../plan/plan-node.js';
import type { PlannedStatement } from '../plan/planned-statement.js';
import { type AccessContext, chooseAccessPath } from './access-path.js';
import { estimate } from './estimates.js';
import { foldConditions } from './fold-constants.js';
import { planInnerJoins } from './join-order.js';
import { planJoin } from './joins.js';
import { narrowJoins } from './narrow-joins.js';
import { avoidSort, limitSort } from './ordering.js';
import { pruneColumns } from './prune-columns.js';
import { pushFilters } from './push-filters.js';
import type { Statistics } from './statistics.js';
import { unnestSubqueries } from './unnest-subqueries.js';

/** `fewRows`: a quick start counts for more than the time for all rows (cursors). */
export function optimize(cx: AccessContext, statement: PlannedStatement, fewRows = false): PlannedStatement {
  return { ...statement, root: optimizePlan(cx, statement.root, fewRows) };
}

function optimizePlan(cx: AccessContext, node: PlanNode, fewRows = false): PlanNode {
  const output = node.columns;
  const logical = pruneColumns(pushFilters(foldConditions(unnestSubqueries(node), cx.fold), []));
  cx.statistics.learn(logical);
  const physical = narrowJoins(plan(cx, logical, fewRows));
  return sameColumns(physical.columns, output) ? physical : reorder(cx, physical, output);
}

function sameColumns(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

/** Puts columns back into the order that consumers by position expect. */
function reorder(cx: AccessContext, node: PlanNode, columns: readonly number[]): PlanNode {
  const exprs = columns.map((id) => passColumn(id, ''));
  return finish({ kind: 'project', input: node, exprs, columns, rows: 0, cost: 0 }, cx.statistics);
}

/** Physical plan, bottom-up. `limited`: a limit stands directly above. */
function plan(cx: AccessContext, node: PlanNode, limited: boolean): PlanNode {
  if (node.kind === 'join' && node.joinType === 'inner') {
    return planInnerJoins(
      cx,
      node,
      (leaf) => plan(cx, leaf, false),
      (condition) => planSubplans(cx, condition),
    );
  }
  const withSubplans = mapNodeExprs(node, (expr) => planSubplans(cx, expr));
  switch (withSubplans.kind) {
    case 'seq scan':
      return withSubplans.currentOf === undefined ? chooseAccessPath(cx, withSubplans) : withSubplans;
    case 'join':
      return planJoin(cx, {
        ...withSubplans,
        left: plan(cx, withSubplans.left, false),
        right: plan(cx, withSubplans.right, false),
      });
    case 'limit': {
      const input = plan(cx, withSubplans.input, withSubplans.limit !== null);
      return finish(limitSort({ ...withSubplans, input }), cx.statistics);
    }
    case 'sort': {
      const input = plan(cx, withSubplans.input, false);
      return finish(avoidSort(cx, { ...withSubplans, input }, limited), cx.statistics);
    }
    case 'project':
    case 'lock rows':
      return finish({ ...withSubplans, input: plan(cx, withSubplans.input, limited) }, cx.statistics);
    case 'append':
    case 'set operation':
    case 'recursive union':
      return finish(
        mapChildNodes(withSubplans, (child) => inOrder(cx, child)),
        cx.statistics,
      );
    case 'with':
      return finish(
        {
          ...withSubplans,
          ctes: withSubplans.ctes.map((cte) => planCte(cx, cte)),
          body: plan(cx, withSubplans.body, limited),
        },
        cx.statistics,
      );
    default:
      return finish(
        mapChildNodes(withSubplans, (child) => plan(cx, child, false)),
        cx.statistics,
      );
  }
}

/** Children may give their columns in another order than the logical plan: nodes that pass them on follow. */
function finish(node: PlanNode, statistics: Statistics): PlanNode {
  switch (node.kind) {
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock rows':
      return estimate({ ...node, columns: node.input.columns }, statistics);
    case 'window': {
      const own = node.columns.slice(node.columns.length - node.calls.length);
      return estimate({ ...node, columns: [...node.input.columns, ...own] }, statistics);
    }
    case 'with':
      return estimate({ ...node, columns: node.body.columns }, statistics);
    default:
      return estimate(node, statistics);
  }
}

function planCte(cx: AccessContext, cte: CteDefinition): CteDefinition {
  const planned = inOrder(cx, cte.plan);
  cx.statistics.planned(cte.id, planned);
  return { ...cte, plan: planned };
}

/** A child whose columns are read by position. */
function inOrder(cx: AccessContext, node: PlanNode): PlanNode {
  const planned = plan(cx, node, false);
  return sameColumns(planned.columns, node.columns) ? planned : reorder(cx, planned, node.columns);
}

function planSubplans(cx: AccessContext, expr: Expr): Expr {
  return rewriteExpr(expr, (e) => {
    return e.kind === 'subplan' ? withPlan(e, optimizePlan(cx, e.plan)) : e;
  });
}
