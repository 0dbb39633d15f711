/**
 * Writes data/extensions/ from a running PostgreSQL 15 in whose database the extensions have been created (npm run
 * extensions:export NAME…; PG* environment variables say where it is). Only facts leave the server: names, types, flags.
 * Members refer to each other by negative numbers, schemas and owners are left out.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Column, columnExpression } from './catalog-columns.js';

const OUTPUT = join(process.cwd(), 'data', 'extensions');
const FIRST_NORMAL_OID = 16384;

/** Rows of each table, of an extension whose members are the objects in `$1`. */
const CONDITIONS: Readonly<Record<string, string>> = {
  pg_type: 'oid = ANY ($1)',
  pg_proc: 'oid = ANY ($1)',
  pg_operator: 'oid = ANY ($1)',
  pg_cast: 'oid = ANY ($1)',
  pg_opfamily: 'oid = ANY ($1)',
  pg_opclass: 'oid = ANY ($1)',
  pg_amop: 'amopfamily = ANY ($1)',
  pg_amproc: 'amprocfamily = ANY ($1)',
  pg_aggregate: 'aggfnoid::oid = ANY ($1)',
};

/** Set when the extension is created, or not used. */
const LEFT_OUT = /namespace$|owner$|acl$|^probin$/;
const REFERENCES = new Set(['oid', 'regproc', 'regtype', 'oidvector', '_oid']);

type Value = null | boolean | number | string | readonly Value[];

async function membersOf(client: pg.Client, name: string): Promise<number[]> {
  const { rows } = await client.query<{ oid: number }>(
    `WITH member AS (SELECT d.objid AS oid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
       WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass AND e.extname = $1)
     SELECT oid FROM member UNION SELECT typarray FROM pg_type WHERE oid IN (SELECT oid FROM member) AND typarray <> 0
     UNION SELECT oid FROM pg_amop WHERE amopfamily IN (SELECT oid FROM member)
     UNION SELECT oid FROM pg_amproc WHERE amprocfamily IN (SELECT oid FROM member) ORDER BY 1`,
    [name],
  );
  return rows.map(({ oid }) => oid);
}

function renumbered(value: Value, numbers: ReadonlyMap<number, number>): Value {
  if (Array.isArray(value)) return value.map((item) => renumbered(item, numbers));
  if (typeof value !== 'number' || value < FIRST_NORMAL_OID) return value;
  const number = numbers.get(value);
  if (number === undefined) throw new Error(`${value} is not a member`);
  return number;
}

async function tableText(client: pg.Client, table: string, members: readonly number[]): Promise<string | null> {
  const numbers = new Map(members.map((oid, i) => [oid, -1 - i]));
  const all = await client.query<Column>(
    `SELECT a.attname AS name, y.typname AS type FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 ORDER BY a.attnum`,
    [table],
  );
  const columns = all.rows.filter(({ name }) => !LEFT_OUT.test(name));
  const values = columns.map((column) => columnExpression(table, column)).join(', ');
  const join = table === 'pg_proc' ? 'JOIN pg_language l ON l.oid = t.prolang' : '';
  const { rows } = await client.query<{ line: Value[] }>(
    `SELECT json_build_array(${values}) AS line FROM ${table} t ${join} WHERE t.${CONDITIONS[table]}
     ORDER BY ${table === 'pg_aggregate' ? 't.aggfnoid::oid' : 't.oid'}`,
    [members],
  );
  if (rows.length === 0) return null;
  const lines = rows.map(({ line }) =>
    JSON.stringify(line.map((value, i) => (REFERENCES.has(columns[i].type) ? renumbered(value, numbers) : value))),
  );
  return `{"columns":${JSON.stringify(columns.map(({ name }) => name))},\n"rows":[\n${lines.join(',\n')}\n]}`;
}

async function exportExtension(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{
    version: string;
    relocatable: boolean;
    trusted: boolean;
    requires: string[] | null;
  }>(
    'SELECT version, relocatable, trusted, requires FROM pg_available_extension_versions WHERE name = $1 AND installed',
    [name],
  );
  const members = await membersOf(client, name);
  const tables: string[] = [];
  for (const table of Object.keys(CONDITIONS)) {
    const text = await tableText(client, table, members);
    if (text !== null) tables.push(`${JSON.stringify(table)}:${text}`);
  }
  const { version, relocatable, trusted, requires } = rows[0];
  const facts = JSON.stringify({
    name,
    version,
    relocatable,
    trusted,
    requires: requires ?? [],
    members: members.length,
  });
  writeFileSync(join(OUTPUT, `${name}.json`), `${facts.slice(0, -1)},\n"tables":{\n${tables.join(',\n')}\n}}\n`);
  console.log(`${name} ${version}: ${members.length} members`);
}

async function main(): Promise<void> {
  const client = new pg.Client();
  await client.connect();
  try {
    mkdirSync(OUTPUT, { recursive: true });
    for (const name of process.argv.slice(2)) await exportExtension(client, name);
  } finally {
    await client.end();
  }
}

await main();
