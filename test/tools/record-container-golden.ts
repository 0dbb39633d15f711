/**
 * Records test/golden/functions/containers.json from a real PostgreSQL 15 (PGHOST, PGPORT, PGUSER, …):
 * input and output of container types, and calls of their functions over edge values and seeded random ones.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import {
  functionKey,
  type GoldenAnswer,
  type GoldenCall,
  type GoldenFile,
  type GoldenFunction,
} from '../sql/functions/container-golden.js';
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

const functions = new Map<string, GoldenFunction & { variadic: boolean }>();
const inputs: GoldenFile['inputs'] = [];

async function describe(call: GoldenCall): Promise<GoldenFunction & { variadic: boolean }> {
  const key = functionKey(call);
  const known = functions.get(key);
  if (known !== undefined) return known;
  const proc = await client.query(
    `SELECT bool_or(proretset) AS set, bool_or(proisstrict) AS strict, bool_or(provariadic = 25) AS variadic,
            min(t.typname) AS type
       FROM pg_proc JOIN pg_type t ON t.oid = prorettype WHERE prosrc = $1 AND proname = $2`,
    [call.prosrc, call.name.replaceAll('"', '')],
  );
  const { set, strict, variadic, type } = proc.rows[0];
  if (set === null) throw new Error(`no function ${call.name} with prosrc ${call.prosrc}`);
  const resultType = type === '_text' ? 'text[]' : type === '_int4' ? 'int4[]' : type;
  const described = { prosrc: call.prosrc, types: call.types, resultType, set, strict, calls: [], variadic };
  functions.set(key, described);
  return described;
}

/** The type of a polymorphic result, from a call that succeeded. */
async function actualType(expression: string, args: (string | null)[]): Promise<string> {
  const result = await client.query(
    `SELECT t.typname, e.typname AS element FROM (SELECT pg_typeof(${expression})::oid AS type) r
       JOIN pg_type t ON t.oid = r.type LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'`,
    args,
  );
  const { typname, element } = result.rows[0];
  return element === null ? typname : `${element}[]`;
}

for (const call of FUNCTION_CALLS) {
  const described = await describe(call);
  const last = call.types.length - 1;
  const list = call.types.map((type, i) => `${described.variadic && i === last ? 'VARIADIC ' : ''}$${i + 1}::${type}`);
  const expression = `${call.name}(${list.join(', ')})`;
  let sql = `SELECT ${expression}::text`;
  if (described.set) sql = `SELECT t.x::text FROM (SELECT ${expression} AS x) t`;
  else if (call.prosrc.endsWith('cmp')) sql = `SELECT sign(${expression})::text`;
  const answer = await ask(sql, call.args, described.set);
  if (!described.set && described.resultType.startsWith('any') && !('error' in answer)) {
    described.resultType = await actualType(expression, call.args);
  }
  described.calls.push([call.args, answer]);
}
for (const { type, text } of INPUTS) {
  inputs.push([type, text, await ask(`SELECT ($1::${type})::text`, [text], false)]);
}
await client.query('DROP SCHEMA container_golden CASCADE');
await client.end();

const lines = (items: readonly unknown[]): string => items.map((item) => JSON.stringify(item)).join(',\n');
const groups = [...functions.values()].map(
  ({ prosrc, types, resultType, set, strict, calls }) =>
    `${JSON.stringify({ prosrc, types, resultType, set, strict }).slice(0, -1)}, "calls": [\n${lines(calls)}\n]}`,
);
writeFileSync(
  new URL('../../../test/golden/functions/containers.json', import.meta.url),
  `{"functions": [\n${groups.join(',\n')}\n],\n"inputs": [\n${lines(inputs)}\n]}\n`,
);
