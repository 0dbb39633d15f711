/** The query of a view or materialized view as PostgreSQL prints it. */
import type { RelationDesc } from '../../catalog/descriptors.js';
import { BindContext, type BinderServices } from '../binder/bind-context.js';
import { binders } from '../binder/binders.js';
import { QueryRecorder } from '../binder/query-recorder.js';
import { parseSql } from '../parser/parse.js';
import { type QueryOptions, QueryText } from './query-text.js';
import { TOP_NAMES } from './range-names.js';
import { finish, Sheet } from './sheet.js';

/** Null for a relation that has no query. Names are qualified as the search path of `services` asks. */
export function viewDefinition(services: BinderServices, view: RelationDesc, options: QueryOptions): string | null {
  if (view.viewQuery === null) return null;
  const [statement] = parseSql(view.viewQuery);
  if (statement === undefined || !('SelectStmt' in statement.node)) return null;
  const bind = new BindContext(services, view.viewQuery, [], false);
  bind.recorder = new QueryRecorder();
  binders.select(bind, null, statement.node.SelectStmt);
  const text = new QueryText(services, bind.recorder, options).query(statement.node.SelectStmt, {
    sheet: new Sheet(),
    taken: TOP_NAMES,
    names: view.attributes.filter((attribute) => !attribute.dropped).map((attribute) => attribute.name),
    namesVisible: true,
  });
  return finish(text);
}
