/** The defining query of a view, bound afresh for each reference. Its names were settled when the view was made. */
import type { Node, SelectStmt } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import { sqlError } from '../../errors/sql-error.js';
import { parseSql } from '../parser/parse.js';
import { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { withLocking } from './pushed-locking.js';

export function bindViewQuery(cx: BindContext, relation: RelationDesc, locking: readonly Node[] = []): BoundQuery {
  if (relation.viewQuery === null) throw sqlError('internal_error', `view ${relation.name} has no query`);
  const [statement] = parseSql(relation.viewQuery);
  if (statement === undefined || !('SelectStmt' in statement.node)) {
    throw sqlError('internal_error', `the query of view ${relation.name} cannot be read`);
  }
  const { SelectStmt: select } = statement.node;
  const query = locking.length === 0 ? select : lockAll(select, locking);
  return binders.select(BindContext.ofView(cx, relation.viewQuery, viewRole(relation, cx.access.role)), null, query);
}

const INVOKER = /^security_invoker=(t|tr|tru|true|on|y|ye|yes|1)$/i;

/** In whose name the tables of a view are read: its owner's, unless it is a security_invoker one. */
export function viewRole(view: RelationDesc, outer: number): number {
  return view.options.some((option) => INVOKER.test(option)) ? outer : view.owner;
}

/** A view is locked through set operations as well, which a locking clause in the query itself is not allowed with. */
function lockAll(statement: SelectStmt, locking: readonly Node[]): SelectStmt {
  const { op, larg, rarg } = statement;
  if (op === undefined || op === 'SETOP_NONE' || larg === undefined || rarg === undefined)
    return withLocking(statement, locking);
  return { ...statement, larg: lockAll(larg, locking), rarg: lockAll(rarg, locking) };
}
