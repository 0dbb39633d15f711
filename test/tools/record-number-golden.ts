/**
 * Records test/golden/functions/numbers.json from a real PostgreSQL 15 (PGHOST, PGPORT, PGUSER, …): calls of every
 * function of the number, text-cast and bit families over edge and seeded random values, inputs, and aggregates.
 * `CALLS` is the number of calls of a function, `SEED` the seed, `OUT` another file to write to.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { bitFunctionFamilies } from '../../src/sql/functions/bit-functions.js';
import { numberFunctionFamilies } from '../../src/sql/functions/number-families.js';
import { numberFormatFunctions } from '../../src/sql/functions/number-format-functions.js';
import type { AggregateGolden, Answer, NumberFunction, NumberGolden } from '../sql/functions/number-golden.js';
import { EDGES, FORMATTED, PATTERNS, randomSource, someValue } from './number-cases.js';
import { AGGREGATES, INPUTS } from './number-inputs.js';

const calls = Number(process.env.CALLS ?? 12);
const random = randomSource(Number(process.env.SEED ?? 42));
const client = new pg.Client();
await client.connect();
await client.query("SET lc_monetary = 'C'; SET timezone = 'UTC'");

async function ask(sql: string, args: (string | null)[]): Promise<(string | null)[] | Answer> {
  try {
    const result = await client.query({ text: sql, values: args, rowMode: 'array' });
    return result.rows[0];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return [error.code ?? '', error.message, error.detail ?? null];
  }
}

/** An error has three members, a row of an answer one or two. */
function answerOf(row: (string | null)[] | Answer): Answer {
  if (!Array.isArray(row)) return row;
  return row.length === 3 ? [row[0] ?? '', row[1] ?? '', row[2]] : row[0];
}

const sources = [...numberFunctionFamilies, ...bitFunctionFamilies, numberFormatFunctions].flatMap((family) =>
  [...family].filter(([, entry]) => entry.kind !== 'set').map(([name]) => name),
);
const procs = await client.query(
  `SELECT p.prosrc, p.proname, r.typname AS result,
          ARRAY(SELECT t.typname::text FROM unnest(p.proargtypes) WITH ORDINALITY a(oid, n) JOIN pg_type t ON t.oid = a.oid ORDER BY n) AS types
     FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
    WHERE p.prosrc = ANY($1) AND p.prolang = 12 AND p.prokind = 'f' AND p.provolatile <> 'v' AND p.prosrc !~ 'equalimage|^dcbrt$' ORDER BY 1, p.oid`,
  [sources],
);

/** Functions whose int4 argument is a length or a count of digits. */
const LENGTHS = /^(bit|varbit|bpchar|varchar|numeric|bitfromint[48]|numeric_round|numeric_trunc|numeric_fac)$/;
const SMALL_LENGTHS = ['-1', '1', '2', '5', '7', '9', '12', '40', '0', '-3'];
const FACTORIALS = ['0', '1', '2', '5', '20', '25', '100', '-1', '40000'];

const ANY = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];

function argument(prosrc: string, type: string, place: number): string {
  if (/_to_(char|number)$/.test(prosrc) && type === 'text') return ANY(place === 0 ? FORMATTED : PATTERNS);
  if (!LENGTHS.test(prosrc) || (type !== 'int4' && type !== 'int8')) return someValue(type, random);
  const texts = prosrc === 'numeric_fac' ? FACTORIALS : type === 'int4' ? SMALL_LENGTHS : null;
  return texts === null ? someValue(type, random) : texts[Math.floor(random() * texts.length)];
}

/** Support functions of btree: how far from 0 their results lie depends on the C library. */
const SUPPORT = /cmp$/;

function signOf(answer: Answer): Answer {
  return typeof answer === 'string' ? String(Math.sign(Number(answer))) : answer;
}

const functions: NumberFunction[] = [];
for (const { prosrc, proname, result, types } of procs.rows) {
  if (EDGES[result] === undefined || types.some((type: string) => EDGES[type] === undefined)) continue;
  const golden: NumberFunction = { prosrc, name: proname, types, resultType: result, calls: [] };
  const places = types.map((type: string, i: number) => `$${i + 1}::pg_catalog."${type}"`).join();
  const output = result === 'bool' ? '::pg_catalog.text' : '';
  const seen = new Set<string>();
  const count = /_to_(char|number)$/.test(prosrc) ? calls * 15 : calls;
  for (let i = 0; i < count; i++) {
    const args = types.map((type: string, place: number) => argument(prosrc, type, place));
    if (seen.has(args.join('|'))) continue;
    seen.add(args.join('|'));
    const row = await ask(`SELECT (pg_catalog."${proname}"(${places})${output})::pg_catalog.text`, args);
    golden.calls.push([args, SUPPORT.test(prosrc) ? signOf(answerOf(row)) : answerOf(row)]);
  }
  functions.push(golden);
}

const inputs: NumberGolden['inputs'] = [];
for (const [type, typmod, text] of INPUTS) {
  const array = typmod >= 0 ? `pg_catalog.${type}in($1::cstring, 0, ${typmod})` : `$1::pg_catalog."${type}"`;
  const typed =
    typmod >= 0 && type.includes('bit') ? array.replace('in(', '_in(') : array.replace('numericin', 'numeric_in');
  const row = await ask(
    `SELECT pg_catalog.textin(pg_catalog.${outputOf(type)}(v)), encode(pg_catalog.${sendOf(type)}(v), 'hex') FROM (SELECT ${typed} AS v) s`,
    [text],
  );
  const answer = answerOf(row);
  inputs.push([type, typmod, text, answer, Array.isArray(row) && row.length === 2 ? row[1] : null]);
}

function outputOf(type: string): string {
  const underscore = ['numeric', 'bit', 'varbit', 'cash', 'money', 'uuid', 'pg_lsn'].includes(type);
  return `${type === 'money' ? 'cash' : type}${underscore ? '_' : ''}out`;
}

function sendOf(type: string): string {
  return outputOf(type).replace(/out$/, 'send');
}

/** The description of an aggregate; its calls are filled in by the caller. */
async function describe(name: string, types: readonly string[]): Promise<AggregateGolden> {
  const found = await client.query(
    `SELECT t.prosrc AS transition, t.proisstrict AS strict, nullif(f.prosrc, 'none') AS final, s.typname AS "stateType",
            a.agginitval AS initial, r.typname AS "resultType"
       FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_proc t ON t.oid = a.aggtransfn
       LEFT JOIN pg_proc f ON f.oid = a.aggfinalfn JOIN pg_type s ON s.oid = a.aggtranstype JOIN pg_type r ON r.oid = p.prorettype
      WHERE p.proname = $1 AND p.proargtypes::text IN (array_to_string($2::regtype[]::oid[], ' '), '2276')`,
    [name, types.map((type) => `pg_catalog."${type}"`)],
  );
  if (found.rows.length !== 1) throw new Error(`${found.rows.length} aggregates ${name}(${types.join()})`);
  return { name, types: [...types], ...found.rows[0], calls: [] };
}

const aggregates: AggregateGolden[] = [];
for (const [name, types, rows] of AGGREGATES(random)) {
  const values = rows.map(
    (row) => `(${row.map((value, i) => `${value === null ? 'NULL' : `'${value}'`}::"${types[i]}"`).join()})`,
  );
  const columns = types.map((_, i) => `c${i}`).join();
  const filter = rows.length === 0 ? `(${types.map((type) => `NULL::"${type}"`).join()})` : values.join();
  const row = await ask(
    `SELECT (${name}(${columns}))::text FROM (VALUES ${filter}) v(${columns})${rows.length === 0 ? ' WHERE false' : ''}`,
    [],
  );
  let golden = aggregates.at(-1);
  if (golden?.name !== name || golden.types.join() !== types.join()) {
    golden = await describe(name, types);
    aggregates.push(golden);
  }
  golden.calls.push([rows, answerOf(row)]);
}
await client.end();

const block = ({ calls, ...rest }: { calls: unknown[] }): string =>
  `${JSON.stringify(rest).slice(0, -1)},"calls":[\n${calls.map((call) => JSON.stringify(call)).join(',\n')}]}`;
const list = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(',\n');
const out = process.env.OUT ?? new URL('../../../test/golden/functions/numbers.json', import.meta.url);
writeFileSync(
  out,
  `{"functions":[\n${functions.map(block).join(',\n')}],\n"inputs":[\n${list(inputs)}],\n"aggregates":[\n${aggregates.map(block).join(',\n')}]}\n`,
);
