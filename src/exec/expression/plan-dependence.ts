/** What the result of a subplan depends on besides its correlated columns, so that it is not run more often than needed. */

import { walkExpr } from '../../sql/plan/expr-children.js';
import type { Expr } from '../../sql/plan/expression.js';
import { walkPlan } from '../../sql/plan/node-children.js';
import { nodeExprs } from '../../sql/plan/node-exprs.js';
import type { PlanNode } from '../../sql/plan/plan-node.js';
import type { ExecContext } from '../exec-context.js';
import type { RowStore } from '../row-store.js';

/** Visits all nodes of a plan, those of subplans in its expressions included. */
function walkDeep(plan: PlanNode, visitNode: (node: PlanNode) => void, visitExpr: (expr: Expr) => void): void {
  walkPlan(plan, (node) => {
    visitNode(node);
    for (const expr of nodeExprs(node)) {
      walkExpr(expr, (e) => {
        visitExpr(e);
        if (e.kind === 'subplan') walkDeep(e.plan, visitNode, visitExpr);
      });
    }
  });
}

/** CTEs and work tables of enclosing plans that the plan reads. */
export function outerStores(plan: PlanNode, cx: ExecContext): RowStore[] {
  const stores = new Set<RowStore>();
  const own = new Set<number>();
  walkDeep(
    plan,
    (node) => {
      if (node.kind === 'with') for (const cte of node.ctes) own.add(cte.id);
      if (node.kind === 'recursive union') own.add(node.id);
    },
    () => {},
  );
  walkDeep(
    plan,
    (node) => {
      const store =
        node.kind === 'cte scan' && !own.has(node.cte)
          ? cx.ctes.get(node.cte)
          : node.kind === 'work table scan' && !own.has(node.id)
            ? cx.workTables.get(node.id)
            : undefined;
      if (store !== undefined) stores.add(store);
    },
    () => {},
  );
  return [...stores];
}

export function isVolatilePlan(plan: PlanNode): boolean {
  let volatile = false;
  walkDeep(
    plan,
    () => {},
    (expr) => {
      if (expr.kind === 'function' && expr.proc.volatility === 'v') volatile = true;
    },
  );
  return volatile;
}
