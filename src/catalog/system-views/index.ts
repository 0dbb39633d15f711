/**
 * All system views that have a definition, joined with the facts. A view of PostgreSQL without one here is always
 * empty, with the right columns.
 */
import { readSystemData, type SystemData } from '../system-data.js';
import { INFORMATION_VIEWS } from './information-views.js';
import { OBJECT_VIEWS } from './object-views.js';
import { PROGRESS_VIEWS } from './progress-views.js';
import { SERVER_VIEWS } from './server-views.js';
import { STATISTICS_VIEWS } from './statistics-views.js';
import type { SystemView } from './system-view.js';

export const SYSTEM_VIEWS: readonly SystemView[] = [
  ...OBJECT_VIEWS,
  ...STATISTICS_VIEWS,
  ...SERVER_VIEWS,
  ...PROGRESS_VIEWS,
  ...INFORMATION_VIEWS,
];

const PG_CATALOG = 11;
/** Pseudo-types, to which nothing can be cast. */
const UNCASTABLE = new Set(['pg_catalog.anyarray']);

interface ViewColumn {
  readonly name: string;
  readonly type: string;
}

/** The query of every system view by the OID of the view. */
export function systemViewQueries(): ReadonlyMap<number, string> {
  const definitions = new Map(SYSTEM_VIEWS.map((view) => [`${view.schema}.${view.name}`, view]));
  const classes = readSystemData('pg_class');
  const at = positions(classes);
  const columns = viewColumns();
  const queries = new Map<number, string>();
  for (const row of classes.rows) {
    if (row[at('relkind')] !== 'v') continue;
    const oid = Number(row[at('oid')]);
    const definition = definitions.get(`${schemaName(row[at('relnamespace')])}.${row[at('relname')]}`);
    queries.set(oid, viewQuery(definition, columns.get(oid) ?? []));
  }
  return queries;
}

function viewQuery(view: SystemView | undefined, columns: readonly ViewColumn[]): string {
  const list = columns.map(({ name, type }) => `${expression(view, name, type)} AS "${name}"`).join(', ');
  return qualifyTables(`SELECT ${list} ${view === undefined ? 'WHERE false' : view.from}`.trimEnd());
}

/** Names the schema of system tables, so that no table of a user is taken for one. */
function qualifyTables(query: string): string {
  return query.replace(/\b(FROM|JOIN)(\s+\(?)(pg_[a-z_]+)\b(?!\()/g, '$1$2pg_catalog.$3');
}

function expression(view: SystemView | undefined, name: string, type: string): string {
  const text = view === undefined ? undefined : view.columns === 'q' ? `q."${name}"` : view.columns[name];
  if (text === undefined) return UNCASTABLE.has(type) ? 'NULL' : `NULL::${type}`;
  return UNCASTABLE.has(type) ? text : `(${text})::${type}`;
}

function viewColumns(): ReadonlyMap<number, readonly ViewColumn[]> {
  const types = readSystemData('pg_type');
  const type = positions(types);
  const typeNames = new Map(
    types.rows.map((row) => [
      row[type('oid')],
      `${schemaName(row[type('typnamespace')])}.${quoteIfOdd(String(row[type('typname')]))}`,
    ]),
  );
  const attributes = readSystemData('pg_attribute');
  const at = positions(attributes);
  const columns = new Map<number, ViewColumn[]>();
  const ordered = attributes.rows.toSorted((a, b) => Number(a[at('attnum')]) - Number(b[at('attnum')]));
  for (const row of ordered) {
    if (Number(row[at('attnum')]) < 1) continue;
    const view = Number(row[at('attrelid')]);
    const column = { name: String(row[at('attname')]), type: typeNames.get(row[at('atttypid')]) ?? 'text' };
    const group = columns.get(view);
    if (group === undefined) columns.set(view, [column]);
    else group.push(column);
  }
  return columns;
}

function quoteIfOdd(name: string): string {
  return name === 'char' ? '"char"' : name;
}

function schemaName(oid: unknown): string {
  return oid === PG_CATALOG ? 'pg_catalog' : 'information_schema';
}

function positions(data: SystemData): (column: string) => number {
  return (column) => data.columns.indexOf(column);
}
