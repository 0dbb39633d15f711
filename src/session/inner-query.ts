/** Utility statements with a query inside, whose parameters are those of that query: EXPLAIN, CREATE TABLE AS, SELECT INTO, CALL. */
import type { Node } from '@pgsql/types';
import { selectInto } from '../ddl/create-table-as.js';
import { sqlError } from '../errors/sql-error.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import { callParameterTypes } from './call-statement.js';
import type { Prepared } from './prepared.js';
import type { Session } from './session.js';

/** The statement within that can be planned; null when there is none (EXECUTE, or no query at all). */
function innerQuery(node: Node | undefined): Node | null {
  if (node === undefined) return null;
  if (isPlannable(node)) return node;
  if ('ExplainStmt' in node) return innerQuery(node.ExplainStmt.query);
  if ('DeclareCursorStmt' in node) return innerQuery(node.DeclareCursorStmt.query);
  if ('CreateTableAsStmt' in node) return innerQuery(node.CreateTableAsStmt.query);
  if ('SelectStmt' in node) return innerQuery(selectInto(node.SelectStmt)?.query);
  return null;
}

/** Types of the parameters of a utility statement. @throws SqlError what the analysis of the query inside finds */
export function utilityParameterTypes(session: Session, prepared: Prepared, node: Node): readonly number[] {
  const { sql, declaredTypes } = prepared;
  if ('CallStmt' in node) return callParameterTypes(session, sql, node.CallStmt, declaredTypes);
  const query = innerQuery(node);
  if (query === null) return declaredTypes;
  const { parameterTypes } = session.environment.plan(sql, query, declaredTypes, true);
  const materialized = 'CreateTableAsStmt' in node && node.CreateTableAsStmt.objtype === 'OBJECT_MATVIEW';
  if (materialized && parameterTypes.length > 0)
    throw sqlError('feature_not_supported', 'materialized views may not be defined using bound parameters');
  return parameterTypes;
}
