/** WITH: common table expressions, recursive ones, data-modifying ones. */
import type { CommonTableExpr, WithClause } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import { walkPlan } from '../plan/node-children.js';
import { type CteDefinition, type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { inDependencyOrder } from './cte-order.js';
import { refersTo } from './cte-references.js';
import { bindRecursive, nameColumns } from './recursive-query.js';
import type { CteBinding, Scope, ScopeColumn } from './scope.js';
import { addedCount } from './search-cycle.js';

/** Makes the names visible in `scope`; the result puts the definitions around the query's plan. */
export function bindWith(cx: BindContext, scope: Scope, clause: WithClause): (body: PlanNode) => PlanNode {
  const definitions: { definition: CteDefinition; binding: CteBinding; modifies: boolean }[] = [];
  const written = (clause.ctes ?? []).flatMap((node) => ('CommonTableExpr' in node ? [node.CommonTableExpr] : []));
  const items = clause.recursive === true ? inDependencyOrder(cx, written) : written;
  for (const { ctename } of items) cx.laterCtes.add(ctename ?? '');
  for (const cte of items) {
    const name = cte.ctename ?? '';
    if (scope.ctes.has(name))
      throw cx.error('duplicate_alias', `WITH query name "${name}" specified more than once`, cte.location);
    const id = cx.newCte();
    const modifies = cte.ctequery !== undefined && !('SelectStmt' in cte.ctequery);
    if (cte.ctequery !== undefined && 'MergeStmt' in cte.ctequery)
      throw cx.error('feature_not_supported', 'MERGE not supported in WITH query', cte.location);
    if (modifies && scope.parent !== null) {
      throw cx.error(
        'feature_not_supported',
        'WITH clause containing a data-modifying statement must be at the top level',
        cte.location,
      );
    }
    const recursive = clause.recursive === true && refersTo(cte.ctequery, name);
    const query = recursive ? bindRecursive(cx, scope, cte, id, bindWith) : bindPlain(cx, scope, cte);
    const columns = recursive ? query.columns : nameColumns(cx, cte, query.columns);
    const binding: CteBinding = {
      name,
      id,
      columns,
      hidden: addedCount(cte),
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
  if (cte.search_clause !== undefined || cte.cycle_clause !== undefined)
    throw cx.error('syntax_error', 'WITH query is not recursive', cte.location);
  if (cte.ctequery === undefined) throw notSupported('WITH without a query');
  if ('SelectStmt' in cte.ctequery) return binders.select(cx, scope, cte.ctequery.SelectStmt);
  return binders.cteQuery(cx, scope, cte.ctequery);
}
