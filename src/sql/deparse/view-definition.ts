/** Queries of views: printed for the catalog in a form that holds under every search path, and from there for clients. */
import type { SelectStmt } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import { BindContext, type BinderServices } from '../binder/bind-context.js';
import { binders } from '../binder/binders.js';
import { QueryRecorder } from '../binder/query-recorder.js';
import { parseSql } from '../parser/parse.js';
import type { DeparseServices } from './expression-text.js';
import { type QueryOptions, QueryText } from './query-text.js';
import { TOP_NAMES } from './range-names.js';
import { finish, Sheet } from './sheet.js';

/** Null for a relation that has no query. Names are qualified as the search path of `services` asks. */
export function viewDefinition(services: BinderServices, view: RelationDesc, options: QueryOptions): string | null {
  if (view.viewQuery === null) return null;
  const [statement] = parseSql(view.viewQuery);
  if (statement === undefined || !('SelectStmt' in statement.node)) return null;
  const bind = new BindContext(services, view.viewQuery, [], false);
  bind.keepsCasts = true;
  const names = view.attributes.filter((attribute) => !attribute.dropped).map((attribute) => attribute.name);
  return printSelect(bind, statement.node.SelectStmt, services, options, names);
}

/** Binds a query and prints it. `names` are those of the output columns; null: the query's own. */
export function printSelect(
  bind: BindContext,
  select: SelectStmt,
  services: DeparseServices,
  options: QueryOptions,
  names: readonly string[] | null,
): string {
  bind.recorder = new QueryRecorder();
  binders.select(bind, null, select);
  const printer = new QueryText(services, bind.recorder, options);
  return finish(printer.query(select, { sheet: new Sheet(), taken: TOP_NAMES, names, namesVisible: true }));
}
