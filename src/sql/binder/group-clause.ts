/** GROUP BY items: ordinals, output names, expressions, GROUPING SETS, ROLLUP and CUBE. */
import type { GroupingSet, Node } from '@pgsql/types';
import type { Expr } from '../plan/expression.js';
import { sameExpr } from '../plan/same-expr.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { settleUnknown } from './coercion.js';
import type { Scope } from './scope.js';
import { requireEquality } from './sort-keys.js';
import type { Target } from './target-list.js';

export interface GroupClause {
  readonly exprs: readonly Expr[];
  readonly sets: number[][] | null;
  /** Which group is which item of the select list: with grouping sets, equal items may be groups of their own. */
  readonly ofTargets: ReadonlyMap<Target, number>;
}

interface GroupItem {
  readonly expr: Expr;
  /** The item of the select list that it names, or that is the same expression. */
  readonly target: Target | null;
}

const MAX_SETS = 4096;

export function bindGroupClause(
  cx: BindContext,
  scope: Scope,
  nodes: readonly Node[],
  targets: readonly Target[],
  distinct: boolean,
): GroupClause {
  const exprs: Expr[] = [];
  const ofTargets = new Map<Target, number>();
  const hasSets = nodes.some((node) => 'GroupingSet' in node);
  const intern = ({ expr, target }: GroupItem): number => {
    const known =
      hasSets && target !== null ? ofTargets.get(target) : exprs.findIndex((other) => sameExpr(other, expr));
    if (known !== undefined && known >= 0) return known;
    requireEquality(cx, expr);
    exprs.push(expr);
    if (target !== null) ofTargets.set(target, exprs.length - 1);
    return exprs.length - 1;
  };
  const bindItem = (node: Node): number => {
    const item = groupItem(cx, scope, node, targets);
    cx.recorder?.expression(node, item.expr);
    return intern(item);
  };
  if (!hasSets) {
    for (const node of nodes) {
      if ('RowExpr' in node && node.RowExpr.row_format !== 'COERCE_EXPLICIT_CALL')
        for (const item of node.RowExpr.args ?? []) bindItem(item);
      else bindItem(node);
    }
    return { exprs, sets: null, ofTargets };
  }
  let sets: number[][] = [[]];
  for (const node of nodes) {
    const alternatives = 'GroupingSet' in node ? expandSet(node.GroupingSet, bindItem) : [itemIndexes(node, bindItem)];
    sets = sets.flatMap((left) => alternatives.map((right) => [...new Set([...left, ...right])]));
    if (sets.length > MAX_SETS)
      throw cx.error('statement_too_complex', `too many grouping sets present (maximum ${MAX_SETS})`);
  }
  return { exprs, sets: distinct ? dedupe(sets) : sets, ofTargets };
}

function dedupe(sets: readonly number[][]): number[][] {
  const seen = new Map<string, number[]>();
  for (const set of sets) seen.set([...set].sort((a, b) => a - b).join(','), set);
  return [...seen.values()];
}

function itemIndexes(node: Node, bindItem: (node: Node) => number): number[] {
  if ('RowExpr' in node) return (node.RowExpr.args ?? []).map(bindItem);
  return [bindItem(node)];
}

function expandSet(set: GroupingSet, bindItem: (node: Node) => number): number[][] {
  const content = set.content ?? [];
  switch (set.kind) {
    case 'GROUPING_SET_EMPTY':
      return [[]];
    case 'GROUPING_SET_ROLLUP': {
      const items = content.map((node) => itemIndexes(node, bindItem));
      return items.map((_, i) => items.slice(0, items.length - i).flat()).concat([[]]);
    }
    case 'GROUPING_SET_CUBE': {
      const items = content.map((node) => itemIndexes(node, bindItem));
      let sets: number[][] = [[]];
      for (const item of [...items].reverse()) sets = [...sets.map((rest) => [...item, ...rest]), ...sets];
      return sets;
    }
    case 'GROUPING_SET_SETS':
      return content.flatMap((node) =>
        'GroupingSet' in node ? expandSet(node.GroupingSet, bindItem) : [itemIndexes(node, bindItem)],
      );
    default:
      return [content.flatMap((node) => itemIndexes(node, bindItem))];
  }
}

/** SQL-92 first: an ordinal, or an output name that is no input column; otherwise an expression over the input. */
function groupItem(cx: BindContext, scope: Scope, node: Node, targets: readonly Target[]): GroupItem {
  const target = ordinalTarget(cx, node, targets, 'GROUP BY') ?? outputTarget(cx, scope, node, targets);
  if (target !== null) return { expr: settleUnknown(cx, target.expr), target };
  const expr = settleUnknown(cx, binders.expr(cx, scope, node));
  return { expr, target: targets.find((candidate) => sameExpr(candidate.expr, expr)) ?? null };
}

function outputTarget(cx: BindContext, scope: Scope, node: Node, targets: readonly Target[]): Target | null {
  if (!('ColumnRef' in node)) return null;
  const parts = nameParts(node.ColumnRef.fields);
  if (parts.length !== 1 || scope.columns.some((column) => column.name === parts[0])) return null;
  return namedTarget(cx, parts[0], targets, 'GROUP BY', node.ColumnRef.location ?? -1);
}

/** `ORDER BY 2`. Other constants are refused, as PostgreSQL does. */
export function ordinalTarget(cx: BindContext, node: Node, targets: readonly Target[], clause: string): Target | null {
  if (!('A_Const' in node)) return null;
  const location = node.A_Const.location ?? -1;
  if (node.A_Const.ival === undefined) throw cx.error('syntax_error', `non-integer constant in ${clause}`, location);
  const position = node.A_Const.ival.ival ?? 0;
  const target = targets[position - 1];
  if (target === undefined)
    throw cx.error('invalid_column_reference', `${clause} position ${position} is not in select list`, location);
  return target;
}

/** An output column by its name; two different ones of that name are ambiguous. */
export function namedTarget(
  cx: BindContext,
  name: string,
  targets: readonly Target[],
  clause: string,
  location: number,
): Target | null {
  const matches = targets.filter((target) => target.name === name);
  if (matches.length === 0) return null;
  if (!matches.every((target) => sameExpr(target.expr, matches[0].expr))) {
    throw cx.error('ambiguous_column', `${clause} "${name}" is ambiguous`, location);
  }
  return matches[0];
}
