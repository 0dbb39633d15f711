/** WITH: common table expressions, recursive ones, data-modifying ones. */
import type { CommonTableExpr, Node, SelectStmt, WithClause } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import type { CteDefinition, PlanNode } from '../plan/plan-node.js';
import { walkPlan } from '../plan/traverse.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { coerce, coerceToCommonType } from './coercion.js';
import { columnExpr, type CteBinding, type Scope, type ScopeColumn } from './scope.js';

const EMPTY = { rows: 0, cost: 0 } as const;

/** Makes the names visible in `scope`; the result puts the definitions around the query's plan. */
export function bindWith(cx: BindContext, scope: Scope, clause: WithClause): (body: PlanNode) => PlanNode {
  const definitions: { definition: CteDefinition; binding: CteBinding; modifies: boolean }[] = [];
  for (const node of clause.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const cte = node.CommonTableExpr;
    const name = cte.ctename ?? '';
    if (scope.ctes.has(name)) throw cx.error('duplicate_alias', `WITH query name "${name}" specified more than once`, cte.location);
    const id = cx.newCte();
    const query = clause.recursive && refersTo(cte.ctequery, name) ? bindRecursive(cx, scope, cte, id) : bindPlain(cx, scope, cte);
    const columns = nameColumns(cx, cte, query.columns);
    const modifies = cte.ctequery !== undefined && !('SelectStmt' in cte.ctequery);
    const binding: CteBinding = { name, id, columns, workTable: false, inline: inlining(cx, scope, cte, query.plan, modifies, columns), references: 0 };
    scope.ctes.set(name, binding);
    definitions.push({ definition: { id, name, plan: query.plan }, binding, modifies });
  }
  return (body) => {
    const kept = definitions.filter(({ binding, modifies }) => modifies || (binding.inline === null && binding.references > 0));
    return kept.length === 0 ? body : { kind: 'with', ctes: kept.map((entry) => entry.definition), body, columns: body.columns, ...EMPTY };
  };
}

/** A query that nothing stops from being repeated is inlined at its references, as NOT MATERIALIZED asks; never by default here, because each reference would run it again. */
function inlining(cx: BindContext, scope: Scope, cte: CommonTableExpr, plan: PlanNode, modifies: boolean, columns: readonly ScopeColumn[]): CteBinding['inline'] {
  const query = cte.ctequery;
  if (modifies || cte.ctematerialized !== 'CTEMaterializeNever' || query === undefined || !('SelectStmt' in query)) return null;
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
    throw cx.error('invalid_column_reference', `WITH query "${cte.ctename}" has ${columns.length} columns available but ${names.length} columns specified`, cte.location);
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
    throw cx.error('invalid_recursion', `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`, cte.location);
  }
  if (refersTo({ SelectStmt: select.larg }, name)) {
    throw cx.error('invalid_recursion', `recursive reference to query "${name}" must not appear within its non-recursive term`, cte.location);
  }
  if (select.sortClause !== undefined) throw cx.error('feature_not_supported', 'ORDER BY in a recursive query is not implemented', cte.location);
  if (select.limitCount !== undefined || select.limitOffset !== undefined) {
    throw cx.error('feature_not_supported', `${select.limitCount === undefined ? 'OFFSET' : 'LIMIT'} in a recursive query is not implemented`, cte.location);
  }
  const seed = binders.select(cx, scope, select.larg);
  const columns = nameColumns(cx, cte, seed.columns);
  scope.ctes.set(name, { name, id, columns, workTable: true, inline: null, references: 0 });
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
      throw cx.error('datatype_mismatch', `recursive query "${name}" column ${i + 1} has type ${cx.formatType(wanted.type, wanted.typmod)} in non-recursive term but type ${cx.formatType(column.type)} overall`, -1, {
        hint: 'Cast the output of the non-recursive term to the correct type.',
      });
    }
    return coerce(cx, typed, wanted.type, -1, 'implicit');
  });
  if (exprs.every((expr) => expr.kind === 'column')) return step.plan;
  return { kind: 'project', input: step.plan, exprs, columns: exprs.map((_, i) => cx.newColumn(columns[i].name)), ...EMPTY };
}
