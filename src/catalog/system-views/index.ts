/**
 * All system views that have a definition, joined with the facts. A view of PostgreSQL without one here is always
 * empty, with the right columns.
 */
import { readSystemData } from '../system-data.js';
import type { SystemView } from './system-view.js';

export const SYSTEM_VIEWS: readonly SystemView[] = [];

const PG_CATALOG = 11;

/** The query of every system view by the OID of the view. */
export function systemViewQueries(): ReadonlyMap<number, string> {
  const byName = new Map(SYSTEM_VIEWS.map((view) => [`${view.schema}.${view.name}`, view.sql]));
  const classes = readSystemData('pg_class');
  const at = (column: string): number => classes.columns.indexOf(column);
  const queries = new Map<number, string>();
  for (const row of classes.rows) {
    if (row[at('relkind')] !== 'v') continue;
    const schema = row[at('relnamespace')] === PG_CATALOG ? 'pg_catalog' : 'information_schema';
    const oid = Number(row[at('oid')]);
    queries.set(oid, byName.get(`${schema}.${row[at('relname')]}`) ?? emptyQuery(oid));
  }
  return queries;
}

function emptyQuery(view: number): string {
  const columns = viewColumns().get(view) ?? [];
  return `SELECT ${columns.map(({ name, type }) => `NULL::${type} AS "${name}"`).join(', ')} WHERE false`;
}

let columnsByView: Map<number, { name: string; type: string }[]> | null = null;

function viewColumns(): Map<number, { name: string; type: string }[]> {
  if (columnsByView !== null) return columnsByView;
  const types = readSystemData('pg_type');
  const namespace = types.columns.indexOf('typnamespace');
  const typeNames = new Map(
    types.rows.map((row) => [
      row[0],
      `${row[namespace] === PG_CATALOG ? 'pg_catalog' : 'information_schema'}."${row[1]}"`,
    ]),
  );
  const attributes = readSystemData('pg_attribute');
  const at = (column: string): number => attributes.columns.indexOf(column);
  columnsByView = new Map();
  for (const row of attributes.rows) {
    if (Number(row[at('attnum')]) < 1) continue;
    const column = { name: String(row[at('attname')]), type: typeNames.get(row[at('atttypid')]) ?? 'text' };
    const view = Number(row[at('attrelid')]);
    const columns = columnsByView.get(view);
    if (columns === undefined) columnsByView.set(view, [column]);
    else columns.push(column);
  }
  return columnsByView;
}
