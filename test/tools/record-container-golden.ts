/**
 * Records test/golden/functions/containers.json from a real PostgreSQL 15 (PGHOST, PGPORT, PGUSER, …):
 * input and output of container types, and calls of their functions over edge values and seeded random ones.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { functionKey, type GoldenAnswer, type GoldenCall, type GoldenFile } from '../sql/functions/container-golden.js';
import { FUNCTION_CALLS, INPUTS } from './container-cases.js';

const client = new pg.Client({ options: '-c timezone=UTC' });
await client.connect();
await client.query('DROP SCHEMA IF EXISTS container_golden CASCADE');
await client.query('BEGIN');
await client.query('CREATE SCHEMA container_golden');
await client.query('SET search_path = container_golden, pg_catalog');
await client.query("CREATE TYPE mood AS ENUM ('sad', 'happy')");
await client.query("ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy'");
await client.query('CREATE TYPE pair AS (a int4, b text)');
await client.query('CREATE DOMAIN small AS int4');
await client.query('CREATE TYPE nested AS (p pair, list int4[], j json, b jsonb, s small)');
await client.query('COMMIT');

async function ask(sql: string, args: (string | null)[], set: boolean): Promise<GoldenAnswer> {
  try {
    const result = await client.query({ text: sql, values: args, rowMode: 'array' });
    const values = result.rows.map((row: (string | null)[]) => row[0]);
    return set ? { rows: values } : { value: values[0] };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return {
      error: error.code ?? '',
      message: error.message,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

const file: GoldenFile = { functions: {}, calls: [], inputs: [] };

async function describe(call: GoldenCall): Promise<void> {
  const key = functionKey(call);
  if (file.functions[key] !== undefined) return;
  const list = call.types.map((type) => `NULL::${type}`).join(', ');
  const proc = await client.query(
    'SELECT bool_or(proretset) AS set, bool_or(proisstrict) AS strict FROM pg_proc WHERE prosrc = $1 AND proname = $2',
    [call.prosrc, call.name.replaceAll('"', '')],
  );
  const { set, strict } = proc.rows[0];
  if (set === null) throw new Error(`no function ${call.name} with prosrc ${call.prosrc}`);
  let resultType = 'text';
  if (!set && call.types.length > 0) {
    const sql = `SELECT t.typname, e.typname AS element FROM (SELECT pg_typeof(${call.name}(${list}))::oid AS type) r JOIN pg_type t ON t.oid = r.type LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'`;
    try {
      const row = (await client.query(sql)).rows[0];
      resultType = row.element === null ? row.typname : `${row.element}[]`;
    } catch {
      resultType = 'text';
    }
  }
  file.functions[key] = { resultType, set, strict };
}

for (const call of FUNCTION_CALLS) {
  await describe(call);
  const list = call.types.map((type, i) => `$${i + 1}::${type}`).join(', ');
  const { set } = file.functions[functionKey(call)];
  const sql = set
    ? `SELECT t.x::text FROM (SELECT ${call.name}(${list}) AS x) t`
    : `SELECT ${call.name}(${list})::text`;
  file.calls.push({ ...call, answer: await ask(sql, call.args, set) });
}
for (const { type, text } of INPUTS) {
  file.inputs.push({ type, text, answer: await ask(`SELECT ($1::${type})::text`, [text], false) });
}
await client.query('DROP SCHEMA container_golden CASCADE');
await client.end();

const lines = (items: readonly unknown[]): string => items.map((item) => JSON.stringify(item)).join(',\n');
writeFileSync(
  new URL('../../../test/golden/functions/containers.json', import.meta.url),
  `{"functions": ${JSON.stringify(file.functions)},\n"calls": [\n${lines(file.calls)}\n],\n"inputs": [\n${lines(file.inputs)}\n]}\n`,
);
