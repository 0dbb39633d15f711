/**
 * EXISTS, NOT EXISTS and IN subqueries of a WHERE clause become semi and anti joins where the subquery is a plain
 * filtered source, and subqueries that give an aggregate become left joins (decorrelate.ts); anything else stays a subplan.
 */
import type { Expr, SubplanExpr } from '../plan/expression.js';
import { freeColumns, substituteColumns } from '../plan/free-columns.js';
import { mapChildNodes } from '../plan/node-children.js';
import type { PlanNode } from '../plan/plan-node.js';
import { conjunction, conjuncts, containsSubplan, isVolatile, readsAny, withFilter } from './conjuncts.js';
import { decorrelate, onlyColumnsOf } from './decorrelate.js';
import { splitSource } from './subquery-source.js';

export function unnestSubqueries(node: PlanNode): PlanNode {
  const mapped = mapChildNodes(node, unnestSubqueries);
  if (mapped.kind === 'project') return { ...mapped, ...decorrelate(mapped.input, mapped.exprs, unnestSubqueries) };
  if (mapped.kind !== 'filter') return mapped;
  let input = mapped.input;
  const rest: Expr[] = [];
  for (const part of conjuncts(mapped.predicate)) {
    const joined = toJoin(input, part);
    if (joined === null) rest.push(part);
    else input = joined;
  }
  const joined = decorrelate(input, rest, unnestSubqueries);
  if (joined.input === input) return withFilter(input, rest);
  return onlyColumnsOf(input, withFilter(joined.input, joined.exprs));
}

function toJoin(input: PlanNode, part: Expr): PlanNode | null {
  if (part.kind === 'subplan' && (part.mode === 'exists' || part.mode === 'any')) return semiJoin(input, part, 'semi');
  if (part.kind === 'not' && part.arg.kind === 'subplan' && part.arg.mode === 'exists')
    return semiJoin(input, part.arg, 'anti');
  return null;
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
