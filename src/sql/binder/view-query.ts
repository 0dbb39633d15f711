/** The defining query of a view, bound afresh for each reference. Its names were settled when the view was made. */
import type { RelationDesc } from '../../catalog/descriptors.js';
import { sqlError } from '../../errors/sql-error.js';
import { parseSql } from '../parser/parse.js';
import { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';

export function bindViewQuery(cx: BindContext, relation: RelationDesc): BoundQuery {
  if (relation.viewQuery === null) throw sqlError('internal_error', `view ${relation.name} has no query`);
  const [statement] = parseSql(relation.viewQuery);
  if (statement === undefined || !('SelectStmt' in statement.node)) {
    throw sqlError('internal_error', `the query of view ${relation.name} cannot be read`);
  }
  return binders.select(BindContext.within(cx, relation.viewQuery), null, statement.node.SelectStmt);
}
