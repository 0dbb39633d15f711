/** What a subquery reads from, and which of its conditions read the query around it. */
import type { ColumnId, Expr } from '../plan/expression.js';
import { freeColumns, substituteColumns } from '../plan/free-columns.js';
import type { PlanNode } from '../plan/plan-node.js';
import { conjuncts, containsSubplan, isVolatile, withFilter } from './conjuncts.js';

export interface Source {
  readonly plan: PlanNode;
  /** Conditions that read the outer query. */
  readonly correlated: readonly Expr[];
  /** Output columns of the subquery in terms of the source's. */
  readonly outputs: ReadonlyMap<ColumnId, Expr>;
}

/** Takes projections and filters off a subquery; null when something else (a limit, an aggregate) reads outside. */
export function splitSource(plan: PlanNode): Source | null {
  let node = plan;
  let outputs = new Map<ColumnId, Expr>();
  const correlated: Expr[] = [];
  const local: Expr[] = [];
  for (;;) {
    if (node.kind === 'project') {
      if (node.exprs.some((expr) => isVolatile(expr) || containsSubplan(expr))) return null;
      const step = new Map<ColumnId, Expr>();
      node.columns.forEach((id, i) => {
        if (node.kind === 'project') step.set(id, node.exprs[i]);
      });
      outputs =
        outputs.size === 0 ? step : new Map([...outputs].map(([id, expr]) => [id, substituteColumns(expr, step)]));
      correlated.forEach((expr, i) => {
        correlated[i] = substituteColumns(expr, step);
      });
      local.forEach((expr, i) => {
        local[i] = substituteColumns(expr, step);
      });
      node = node.input;
    } else if (node.kind === 'filter') {
      const own = new Set(node.input.columns);
      const inner = freeColumns(node.input);
      if (inner.size > 0) return null;
      for (const part of conjuncts(node.predicate)) (readsOutside(part, own) ? correlated : local).push(part);
      node = node.input;
    } else break;
  }
  return { plan: withFilter(node, local), correlated, outputs };
}

function readsOutside(part: Expr, own: ReadonlySet<ColumnId>): boolean {
  const free = freeColumns({
    kind: 'filter',
    input: { kind: 'one row', columns: [], rows: 0, cost: 0 },
    predicate: part,
    columns: [],
    rows: 0,
    cost: 0,
  });
  return [...free].some((id) => !own.has(id));
}
