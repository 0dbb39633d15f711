/**
 * Writes data/pg_catalog/ from a running PostgreSQL 15 (npm run catalog:export; PG* environment variables say where it
 * is). Only facts leave the server: identifiers, OIDs, types, flags. Bodies of SQL functions, definitions of views
 * and comments stay behind. One file a system table, one row a line, so that differences are readable.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Column, columnExpression } from './catalog-columns.js';

const OUTPUT = join(process.cwd(), 'data', 'pg_catalog');
/** PostgreSQL gives OIDs from here on to users' objects. */
const FIRST_NORMAL_OID = 16384;

/** Rows of a table that are built in, besides `oid < 16384`. */
const CONDITIONS: Record<string, string> = {
  pg_class: "oid < 16384 AND relkind IN ('r','i','v') AND relnamespace::regnamespace::text <> 'pg_toast'",
  pg_attribute: `attrelid IN (SELECT oid FROM pg_class WHERE oid < 16384 AND relkind IN ('r','i','v')
    AND relnamespace::regnamespace::text <> 'pg_toast')`,
  pg_index: `indexrelid < 16384 AND indrelid IN (SELECT oid FROM pg_class
    WHERE relnamespace::regnamespace::text <> 'pg_toast')`,
  pg_constraint: 'oid < 16384',
  pg_rewrite: 'oid < 16384',
  pg_init_privs: 'objoid < 16384',
  pg_aggregate: 'aggfnoid::oid < 16384',
  pg_range: 'rngtypid < 16384',
  pg_ts_config_map: 'mapcfg < 16384',
  pg_collation: "collname IN ('default','C','POSIX','ucs_basic','C.utf8','unicode','und-x-icu','en-US-x-icu')",
  pg_authid: "rolname LIKE 'pg\\_%'",
  sql_features: 'true',
  sql_implementation_info: 'true',
  sql_parts: 'true',
  sql_sizing: 'true',
  pg_auth_members: 'roleid < 16384 AND member < 16384',
};

const TABLES = [
  'pg_class pg_attribute pg_index pg_constraint pg_rewrite pg_type pg_proc pg_operator pg_cast pg_aggregate',
  'pg_opclass pg_opfamily pg_amop pg_amproc pg_am pg_language pg_collation pg_conversion pg_range pg_namespace',
  'pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template pg_extension pg_authid pg_auth_members',
  'pg_init_privs sql_features sql_implementation_info sql_parts sql_sizing',
]
  .join(' ')
  .split(' ');

async function exportTable(client: pg.Client, table: string): Promise<void> {
  const columns = (
    await client.query<Column>(
      `SELECT a.attname AS name, y.typname AS type FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
       WHERE a.attrelid = $1::regclass AND a.attnum > 0 ORDER BY a.attnum`,
      [`${schemaOf(table)}.${table}`],
    )
  ).rows;
  const values = columns.map((column) => columnExpression(table, column)).join(', ');
  const join = table === 'pg_proc' ? 'JOIN pg_language l ON l.oid = t.prolang' : '';
  const order =
    columns[0].name === 'oid'
      ? 't.oid'
      : table === 'pg_attribute'
        ? 't.attrelid, t.attnum'
        : table === 'pg_init_privs'
          ? 't.classoid, t.objoid'
          : 't';
  const condition = CONDITIONS[table] ?? `oid < ${FIRST_NORMAL_OID}`;
  const { rows } = await client.query<{ line: string }>(
    `SELECT json_build_array(${values})::text AS line FROM (SELECT * FROM ${schemaOf(table)}.${table} WHERE ${condition}) t ${join}
     ORDER BY ${order}`,
  );
  const names = JSON.stringify(columns.map((column) => column.name));
  const body = rows.map((row) => JSON.stringify(JSON.parse(row.line))).join(',\n');
  writeFileSync(outputFile(table), `{"columns":${names},\n"rows":[\n${body}\n]}\n`);
  console.log(`${table}: ${rows.length} rows`);
}

/** Tables of constants that the SQL standard asks for are in the information_schema. */
function schemaOf(table: string): string {
  return table.startsWith('sql_') ? 'information_schema' : 'pg_catalog';
}

function outputFile(name: string): string {
  return join(OUTPUT, `${name}.json`);
}

/** Parameters with their types and bounds; descriptions and default paths of the exporting machine stay behind. */
async function exportSettings(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT json_build_object('name', name, 'type', vartype, 'unit', unit, 'category', category, 'context', context,
       'min', min_val, 'max', max_val, 'values', enumvals, 'boot', CASE WHEN boot_val LIKE '%/%' THEN '' ELSE boot_val END)::text AS line
     FROM pg_settings WHERE name NOT LIKE '%.%' ORDER BY name`,
  );
  const body = rows.map((row) => JSON.stringify(JSON.parse(row.line))).join(',\n');
  writeFileSync(outputFile('settings'), `[\n${body}\n]\n`);
}

async function exportKeywords(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ line: string }>(
    'SELECT json_build_array(word, catcode, barelabel)::text AS line FROM pg_get_keywords() ORDER BY word',
  );
  writeFileSync(
    outputFile('keywords'),
    `[\n${rows.map((row) => JSON.stringify(JSON.parse(row.line))).join(',\n')}\n]\n`,
  );
}

async function main(): Promise<void> {
  const client = new pg.Client();
  await client.connect();
  try {
    mkdirSync(OUTPUT, { recursive: true });
    for (const table of TABLES) await exportTable(client, table);
    await exportSettings(client);
    await exportKeywords(client);
  } finally {
    await client.end();
  }
}

await main();
