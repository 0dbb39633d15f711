/**
 * EXISTS, NOT EXISTS and IN subqueries of a WHERE clause become semi and anti joins where the subquery is a plain
 * filtered source; anything else stays a subplan.
 */
import type { ColumnId, Expr, SubplanExpr } from '../plan/expression.js';
import { freeColumns, substituteColumns } from '../plan/free-columns.js';
import { mapChildNodes } from '../plan/node-children.js';
import type { PlanNode } from '../plan/plan-node.js';
import { conjunction, conjuncts, containsSubplan, isVolatile, readsAny, withFilter } from './conjuncts.js';

export function unnestSubqueries(node: PlanNode): PlanNode {
  const mapped = mapChildNodes(node, unnestSubqueries);
  if (mapped.kind !== 'filter') return mapped;
  let input = mapped.input;
  const rest: Expr[] = [];
  for (const part of conjuncts(mapped.predicate)) {
    const joined = toJoin(input, part);
    if (joined === null) rest.push(part);
    else input = joined;
  }
  return withFilter(input, rest);
}

function toJoin(input: PlanNode, part: Expr): PlanNode | null {
  if (part.kind === 'subplan' && (part.mode === 'exists' || part.mode === 'any')) return semiJoin(input, part, 'semi');
  if (part.kind === 'not' && part.arg.kind === 'subplan' && part.arg.mode === 'exists')
    return semiJoin(input, part.arg, 'anti');
  return null;
}

interface Source {
  readonly plan: PlanNode;
  /** Conditions that read the outer query. */
  readonly correlated: readonly Expr[];
  /** Output columns of the subquery in terms of the source's. */
  readonly outputs: ReadonlyMap<ColumnId, Expr>;
}

function semiJoin(input: PlanNode, subplan: SubplanExpr, joinType: 'semi' | 'anti'): PlanNode | null {
  const source = splitSource(unnestSubqueries(subplan.plan));
  if (source === null) return null;
  const outer = new Set(input.columns);
  const free = freeColumns(source.plan);
  if ([...free].some((id) => outer.has(id))) return null;
  const test = subplan.test === null ? [] : conjuncts(substituteColumns(subplan.test, source.outputs));
  const conditions = [...source.correlated, ...test];
  if (conditions.some((condition) => containsSubplan(condition) || isVolatile(condition))) return null;
  if (!conditions.some((condition) => readsAny(condition, outer))) return null;
  return {
    kind: 'join',
    joinType,
    left: input,
    right: source.plan,
    condition: conjunction(conditions),
    lateral: [],
    columns: input.columns,
    rows: 0,
    cost: 0,
  };
}

/** Takes projections and filters off a subquery; null when something else (a limit, an aggregate) reads outside. */
function splitSource(plan: PlanNode): Source | null {
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
