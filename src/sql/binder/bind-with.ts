/** WITH: common table expressions, recursive ones, data-modifying ones. */
import type { CommonTableExpr, Node, SelectStmt, WithClause } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import { walkPlan } from '../plan/node-children.js';
import type { CteDefinition, PlanNode } from '../plan/plan-node.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { coerce } from './coercion.js';
import { coerceToCommonType } from './common-type.js';
import { type CteBinding, columnExpr, type Scope, type ScopeColumn } from './scope.js';

const EMPTY = { rows: 0, cost: 0 } as const;

/** Makes the names visible in `scope`; the result puts the definitions around the query's plan. */
export function bindWith(cx: BindContext, scope: Scope, clause: WithClause): (body: PlanNode) => PlanNode {
  const definitions: { definition: CteDefinition; binding: CteBinding; modifies: boolean }[] = [];
  for (const node of clause.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const cte = node.CommonTableExpr;
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
  return (body) => {
    const kept = definitions.filter(
      ({ binding, modifies }) => modifies || (binding.inline === null && binding.references > 0),
    );
    return kept.length === 0
      ? body
      : { kind: 'with', ctes: kept.map((entry) => entry.definition), body, columns: body.columns, ...EMPTY };
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
  if (node === undefined) return false;
  const search = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.some(search);
    if ('RangeVar' in value && typeof value.RangeVar === 'object' && value.RangeVar !== null) {
      const range = value.RangeVar;
      if ('relname' in range && range.relname === name && !('schemaname' in range)) return true;
    }
    return Object.values(value).some(search);
  };
  return search(node);
}

/** seed UNION [ALL] step: the seed settles names and types of the columns. */
function bindRecursive(cx: BindContext, scope: Scope, cte: CommonTableExpr, id: number): BoundQuery {
  const name = cte.ctename ?? '';
  if (cte.search_clause !== undefined || cte.cycle_clause !== undefined) throw notSupported('SEARCH and CYCLE clauses');
  const query = cte.ctequery;
  const select: SelectStmt | null = query !== undefined && 'SelectStmt' in query ? query.SelectStmt : null;
  if (select === null || select.op !== 'SETOP_UNION' || select.larg === undefined || select.rarg === undefined) {
    throw cx.error(
      'invalid_recursion',
      `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      cte.location,
    );
  }
  if (refersTo({ SelectStmt: select.larg }, name)) {
    throw cx.error(
      'invalid_recursion',
      `recursive reference to query "${name}" must not appear within its non-recursive term`,
      cte.location,
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
    step: convertStep(cx, name, step, columns),
    distinct: select.all !== true,
    columns: output.map((column) => column.id),
    ...EMPTY,
  };
  return { plan, columns: output };
}

/** The recursive term must give the seed's types. */
function convertStep(cx: BindContext, name: string, step: BoundQuery, columns: readonly ScopeColumn[]): PlanNode {
  const exprs = step.columns.map((column, i) => {
    const wanted = columns[i];
    const typed = coerceToCommonType(cx, columnExpr(column), column.type, 'UNION');
    if (typed.type === wanted.type) return typed;
    const common = cx.catalog.cast(column.type, wanted.type);
    if (common === undefined || common.context !== 'i') {
      throw cx.error(
        'datatype_mismatch',
        `recursive query "${name}" column ${i + 1} has type ${cx.formatType(wanted.type, wanted.typmod)} in non-recursive term but type ${cx.formatType(column.type)} overall`,
        -1,
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
    ...EMPTY,
  };
}

/**
 * The recursive term may name the query once, in its own FROM, on a side of a join that is never padded.
 * @throws SqlError 42P19, 0A000
 */
function checkRecursiveTerm(cx: BindContext, name: string, term: SelectStmt, location: number | undefined): void {
  const refuse = (what: string): Error =>
    cx.error('invalid_recursion', `recursive reference to query "${name}" must not appear ${what}`, location);
  if (term.op !== undefined && term.op !== 'SETOP_NONE') {
    if (term.op === 'SETOP_EXCEPT') throw refuse('within EXCEPT');
    if (term.op === 'SETOP_INTERSECT') throw refuse('within INTERSECT');
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
    if (refersTo({ List: { items: part === undefined ? [] : Array.isArray(part) ? part : [part] } }, name))
      throw refuse('within a subquery');
  }
  let count = 0;
  for (const item of term.fromClause ?? []) count += countReferences(item, name, refuse, false);
  if (count > 1) throw refuse('more than once');
  if (
    count === 1 &&
    callsAggregate(cx, [...(term.targetList ?? []), ...(term.havingClause === undefined ? [] : [term.havingClause])])
  ) {
    throw cx.error(
      'invalid_recursion',
      "aggregate functions are not allowed in a recursive query's recursive term",
      location,
    );
  }
}

function countReferences(item: Node, name: string, refuse: (what: string) => Error, padded: boolean): number {
  if ('RangeVar' in item) {
    const hit = item.RangeVar.relname === name && item.RangeVar.schemaname === undefined;
    if (hit && padded) throw refuse('within an outer join');
    return hit ? 1 : 0;
  }
  if ('JoinExpr' in item) {
    const { larg, rarg, jointype, quals } = item.JoinExpr;
    if (quals !== undefined && refersTo(quals, name)) throw refuse('within a subquery');
    const leftPadded = padded || jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL';
    const rightPadded = padded || jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL';
    return (
      (larg === undefined ? 0 : countReferences(larg, name, refuse, leftPadded)) +
      (rarg === undefined ? 0 : countReferences(rarg, name, refuse, rightPadded))
    );
  }
  if ('RangeSubselect' in item) {
    const query = item.RangeSubselect.subquery;
    if (query === undefined || !('SelectStmt' in query) || !refersTo(query, name)) return 0;
    const inner = query.SelectStmt;
    let count = 0;
    for (const from of inner.fromClause ?? []) count += countReferences(from, name, refuse, padded);
    return count;
  }
  return refersTo(item, name) ? 1 : 0;
}

/** Whether a plain aggregate call (no OVER) stands in the expressions of this query level. */
function callsAggregate(cx: BindContext, nodes: readonly Node[]): boolean {
  const search = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.some(search);
    if ('SubLink' in value) return false;
    if ('FuncCall' in value && typeof value.FuncCall === 'object' && value.FuncCall !== null) {
      const call = value.FuncCall;
      const parts = 'funcname' in call && Array.isArray(call.funcname) ? nameParts(call.funcname) : [];
      const isAggregate = cx.catalog.procsByName(parts.at(-1) ?? '', null).some((proc) => proc.kind === 'a');
      if (isAggregate && !('over' in call)) return true;
    }
    return Object.values(value).some(search);
  };
  return nodes.some(search);
}
