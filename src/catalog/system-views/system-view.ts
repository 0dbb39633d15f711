/**
 * The form of a system view's definition. The columns, their types and OIDs are facts of data/pg_catalog/; only the
 * query is ours. Queries give exactly those columns in order and are bound when somebody uses the view.
 */
export interface SystemView {
  readonly schema: 'pg_catalog' | 'information_schema';
  readonly name: string;
  readonly sql: string;
}

export const catalogView = (name: string, sql: string): SystemView => ({ schema: 'pg_catalog', name, sql });
export const informationView = (name: string, sql: string): SystemView => ({ schema: 'information_schema', name, sql });
