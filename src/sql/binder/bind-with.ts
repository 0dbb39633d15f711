/** WITH: common table expressions, recursive ones, data-modifying ones. */
import type { CommonTableExpr, Node, SelectStmt, WithClause } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import { walkPlan } from '../plan/node-children.js';
import { type CteDefinition, type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import { locationOf, nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { coerce } from './coercion.js';
import { coerceToCommonType } from './common-type.js';
import { type CteBinding, columnExpr, type Scope, type ScopeColumn } from './scope.js';

/** Makes the names visible in `scope`; the result puts the definitions around the query's plan. */
export function bindWith(cx: BindContext, scope: Scope, clause: WithClause): (body: PlanNode) => PlanNode {
  const definitions: { definition: CteDefinition; binding: CteBinding; modifies: boolean }[] = [];
  const items = (clause.ctes ?? []).flatMap((node) => ('CommonTableExpr' in node ? [node.CommonTableExpr] : []));
  for (const { ctename } of items) cx.laterCtes.add(ctename ?? '');
  for (const cte of items) {
    const name = cte.ctename ?? '';
    if (scope.ctes.has(name))
      throw cx.error('duplicate_alias', `WITH query name "${name}" specified more than once`, cte.location);
    const id = cx.newCte();
    const modifies = cte.ctequery !== undefined && !('SelectStmt' in cte.ctequery);
    if (modifies && scope.parent !== null) {
      throw cx.error(
        'feature_not_supported',
        'WITH clause containing a data-modifying statement must be at the top level',
        cte.location,
      );
    }
    const query =
      clause.recursive && refersTo(cte.ctequery, name) ? bindRecursive(cx, scope, cte, id) : bindPlain(cx, scope, cte);
    const columns = nameColumns(cx, cte, query.columns);
    const binding: CteBinding = {
      name,
      id,
      columns,
      workTable: false,
      inline: inlining(cx, scope, cte, query.plan, modifies, columns),
      silent: modifies && query.columns.length === 0,
      references: 0,
    };
    scope.ctes.set(name, binding);
    definitions.push({ definition: { id, name, plan: query.plan }, binding, modifies });
  }
  for (const { ctename } of items) cx.laterCtes.delete(ctename ?? '');
  return (body) => {
    const kept = definitions.filter(
      ({ binding, modifies }) => modifies || (binding.inline === null && binding.references > 0),
    );
    return kept.length === 0
      ? body
      : { kind: 'with', ctes: kept.map((entry) => entry.definition), body, columns: body.columns, ...UNESTIMATED };
  };
}

/** A query that nothing stops from being repeated is inlined at its references, as NOT MATERIALIZED asks; never by default here, because each reference would run it again. */
function inlining(
  cx: BindContext,
  scope: Scope,
  cte: CommonTableExpr,
  plan: PlanNode,
  modifies: boolean,
  columns: readonly ScopeColumn[],
): CteBinding['inline'] {
  const query = cte.ctequery;
  if (modifies || cte.ctematerialized !== 'CTEMaterializeNever' || query === undefined || !('SelectStmt' in query))
    return null;
  if (containsVolatile(plan)) return null;
  const select = query.SelectStmt;
  return () => {
    const fresh = binders.select(cx, scope, select);
    return { plan: fresh.plan, columns: fresh.columns.map((column, i) => ({ ...column, name: columns[i].name })) };
  };
}

function containsVolatile(plan: PlanNode): boolean {
  let found = false;
  walkPlan(plan, (node) => {
    if (node.kind === 'recursive union' || node.kind === 'lock rows') found = true;
  });
  return found;
}

function bindPlain(cx: BindContext, scope: Scope, cte: CommonTableExpr): BoundQuery {
  if (cte.ctequery === undefined) throw notSupported('WITH without a query');
  if ('SelectStmt' in cte.ctequery) return binders.select(cx, scope, cte.ctequery.SelectStmt);
  return binders.cteQuery(cx, scope, cte.ctequery);
}

function nameColumns(cx: BindContext, cte: CommonTableExpr, columns: readonly ScopeColumn[]): ScopeColumn[] {
  const names = nameParts(cte.aliascolnames);
  if (names.length > columns.length) {
    throw cx.error(
      'invalid_column_reference',
      `WITH query "${cte.ctename}" has ${columns.length} columns available but ${names.length} columns specified`,
      cte.location,
    );
  }
  return columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
}

/** Whether a query's FROM names `name` anywhere. */
function refersTo(node: Node | undefined, name: string): boolean {
  return referenceIn(node, name) !== null;
}

/** Where a query's FROM first names `name`: the location, -1 if it is not known; null when it does not. */
function referenceIn(node: Node | undefined, name: string): number | null {
  const search = (value: unknown): number | null => {
    if (typeof value !== 'object' || value === null) return null;
    if ('RangeVar' in value && typeof value.RangeVar === 'object' && value.RangeVar !== null) {
      const range = value.RangeVar;
      if ('relname' in range && range.relname === name && !('schemaname' in range))
        return 'location' in range && typeof range.location === 'number' ? range.location : -1;
    }
    for (const part of Object.values(value)) {
      const found = search(part);
      if (found !== null) return found;
    }
    return null;
  };
  return search(node);
}

/** seed UNION [ALL] step: the seed settles names and types of the columns. */
function bindRecursive(cx: BindContext, scope: Scope, cte: CommonTableExpr, id: number): BoundQuery {
  const name = cte.ctename ?? '';
  if (cte.search_clause !== undefined || cte.cycle_clause !== undefined) throw notSupported('SEARCH and CYCLE clauses');
  const query = cte.ctequery;
  const select: SelectStmt | null = query !== undefined && 'SelectStmt' in query ? query.SelectStmt : null;
  if (select === null) {
    throw cx.error(
      'invalid_recursion',
      `recursive query "${name}" must not contain data-modifying statements`,
      cte.location,
    );
  }
  if (select.op !== 'SETOP_UNION' || select.larg === undefined || select.rarg === undefined) {
    throw cx.error(
      'invalid_recursion',
      `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      cte.location,
    );
  }
  const early = referenceIn({ SelectStmt: select.larg }, name);
  if (early !== null) {
    throw cx.error(
      'invalid_recursion',
      `recursive reference to query "${name}" must not appear within its non-recursive term`,
      early,
    );
  }
  if (select.lockingClause !== undefined)
    throw cx.error('feature_not_supported', 'FOR UPDATE/SHARE in a recursive query is not implemented', cte.location);
  if (select.sortClause !== undefined)
    throw cx.error('feature_not_supported', 'ORDER BY in a recursive query is not implemented', cte.location);
  if (select.limitCount !== undefined || select.limitOffset !== undefined) {
    throw cx.error(
      'feature_not_supported',
      `${select.limitCount === undefined ? 'OFFSET' : 'LIMIT'} in a recursive query is not implemented`,
      cte.location,
    );
  }
  const seed = binders.select(cx, scope, select.larg);
  const columns = nameColumns(cx, cte, seed.columns);
  checkRecursiveTerm(cx, name, select.rarg, cte.location);
  scope.ctes.set(name, { name, id, columns, workTable: true, inline: null, silent: false, references: 0 });
  const step = binders.select(cx, scope, select.rarg);
  scope.ctes.delete(name);
  if (step.columns.length !== columns.length) {
    throw cx.error('syntax_error', 'each UNION query must have the same number of columns', cte.location);
  }
  const output = columns.map((column) => ({ ...column, id: cx.newColumn(column.name) }));
  const plan: PlanNode = {
    kind: 'recursive union',
    id,
    seed: seed.plan,
    step: convertStep(cx, name, step, columns, firstTargetLocations(select.larg)),
    distinct: select.all !== true,
    columns: output.map((column) => column.id),
    ...UNESTIMATED,
  };
  return { plan, columns: output };
}

/** Where the items of the select list begin. */
function firstTargetLocations(select: SelectStmt): number[] {
  return (select.targetList ?? []).map((node) => ('ResTarget' in node ? locationOf(node.ResTarget.val) : -1));
}

/** The recursive term must give the seed's types. */
function convertStep(
  cx: BindContext,
  name: string,
  step: BoundQuery,
  columns: readonly ScopeColumn[],
  locations: readonly number[],
): PlanNode {
  const exprs = step.columns.map((column, i) => {
    const wanted = columns[i];
    const typed = coerceToCommonType(cx, columnExpr(column), column.type, 'UNION');
    if (typed.type === wanted.type) return typed;
    const common = cx.catalog.cast(column.type, wanted.type);
    if (common === undefined || common.context !== 'i') {
      throw cx.error(
        'datatype_mismatch',
        `recursive query "${name}" column ${i + 1} has type ${cx.formatType(wanted.type, wanted.typmod)} in non-recursive term but type ${cx.formatType(column.type)} overall`,
        locations[i] ?? -1,
        {
          hint: 'Cast the output of the non-recursive term to the correct type.',
        },
      );
    }
    return coerce(cx, typed, wanted.type, -1, 'implicit');
  });
  if (exprs.every((expr) => expr.kind === 'column')) return step.plan;
  return {
    kind: 'project',
    input: step.plan,
    exprs,
    columns: exprs.map((_, i) => cx.newColumn(columns[i].name)),
    ...UNESTIMATED,
  };
}

/**
 * The recursive term may name the query once, in its own FROM, on a side of a join that is never padded.
 * @throws SqlError 42P19, 0A000
 */
function checkRecursiveTerm(cx: BindContext, name: string, term: SelectStmt, location: number | undefined): void {
  const refuse: Refusal = (what, at) =>
    cx.error('invalid_recursion', `recursive reference to query "${name}" must not appear ${what}`, at);
  if (term.op !== undefined && term.op !== 'SETOP_NONE') {
    const inside = referenceIn({ SelectStmt: term }, name) ?? location;
    if (term.op === 'SETOP_EXCEPT') throw refuse('within EXCEPT', inside);
    if (term.op === 'SETOP_INTERSECT') throw refuse('within INTERSECT', inside);
    throw notSupported('UNION in the recursive term of a recursive query');
  }
  if (term.lockingClause !== undefined)
    throw cx.error('feature_not_supported', 'FOR UPDATE/SHARE in a recursive query is not implemented', location);
  for (const part of [
    term.targetList,
    term.whereClause,
    term.havingClause,
    term.groupClause,
    term.sortClause,
    term.valuesLists,
  ]) {
    const inside = referenceIn(
      { List: { items: part === undefined ? [] : Array.isArray(part) ? part : [part] } },
      name,
    );
    if (inside !== null) throw refuse('within a subquery', inside);
  }
  const found: number[] = [];
  for (const item of term.fromClause ?? []) findReferences(item, name, refuse, false, found);
  if (found.length > 1) throw refuse('more than once', found[1]);
  if (found.length === 0) return;
  const aggregate = aggregateIn(cx, [
    ...(term.targetList ?? []),
    ...(term.havingClause === undefined ? [] : [term.havingClause]),
  ]);
  if (aggregate !== null) {
    throw cx.error(
      'invalid_recursion',
      "aggregate functions are not allowed in a recursive query's recursive term",
      aggregate,
    );
  }
}

/** The error that a reference does not belong where it stands. */
type Refusal = (what: string, at: number | undefined) => Error;

/** Adds the places of references to `found`. */
function findReferences(item: Node, name: string, refuse: Refusal, padded: boolean, found: number[]): void {
  const place = referenceIn(item, name);
  if (place === null) return;
  if ('RangeVar' in item) {
    if (padded) throw refuse('within an outer join', place);
    found.push(place);
    return;
  }
  if ('JoinExpr' in item) {
    const { larg, rarg, jointype, quals } = item.JoinExpr;
    const inside = referenceIn(quals, name);
    if (inside !== null) throw refuse('within a subquery', inside);
    const leftPadded = padded || jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL';
    const rightPadded = padded || jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL';
    if (larg !== undefined) findReferences(larg, name, refuse, leftPadded, found);
    if (rarg !== undefined) findReferences(rarg, name, refuse, rightPadded, found);
    return;
  }
  const query = 'RangeSubselect' in item ? item.RangeSubselect.subquery : undefined;
  if (query === undefined || !('SelectStmt' in query)) found.push(place);
  else for (const from of query.SelectStmt.fromClause ?? []) findReferences(from, name, refuse, padded, found);
}

/** Where a plain aggregate call (no OVER) stands in the expressions of this query level; null: nowhere. */
function aggregateIn(cx: BindContext, nodes: readonly Node[]): number | null {
  const search = (value: unknown): number | null => {
    if (typeof value !== 'object' || value === null || 'SubLink' in value) return null;
    if ('FuncCall' in value && typeof value.FuncCall === 'object' && value.FuncCall !== null) {
      const call = value.FuncCall;
      const parts = 'funcname' in call && Array.isArray(call.funcname) ? nameParts(call.funcname) : [];
      const isAggregate = cx.catalog.procsByName(parts.at(-1) ?? '', null).some((proc) => proc.kind === 'a');
      if (isAggregate && !('over' in call)) return 'location' in call ? Number(call.location) : -1;
    }
    for (const part of Object.values(value)) {
      const found = search(part);
      if (found !== null) return found;
    }
    return null;
  };
  return search(nodes);
}
