/**
 * Records test/golden/functions/datetime.json from a real PostgreSQL 15 (PGHOST, PGPORT, PGUSER, …): calls of every
 * function of the date and time families under several settings, and inputs. `CALLS` is the number of calls of a
 * function, `SEED` the seed, `OUT` another file to write to.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { datetimeFunctionFamilies } from '../../src/sql/functions/datetime-families.js';
import type { Answer, DateTimeFunction, DateTimeGolden } from '../sql/functions/datetime-golden.js';
import {
  PRINT_PATTERNS,
  pick,
  READ_PATTERNS,
  randomSource,
  SETTINGS,
  someValue,
  UNITS,
  ZONES,
} from './datetime-cases.js';
import { DATETIME_INPUTS } from './datetime-inputs.js';

const calls = Number(process.env.CALLS ?? 12);
const random = randomSource(Number(process.env.SEED ?? 7));
const client = new pg.Client();
await client.connect();

async function ask(sql: string, args: (string | null)[]): Promise<{ row: (string | null)[] } | { error: Answer }> {
  try {
    const result = await client.query({ text: sql, values: args, rowMode: 'array' });
    return { row: result.rows[0] };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { error: [error.code ?? '', error.message, error.detail ?? null, error.hint ?? null] };
  }
}

let current = -1;

async function use(index: number): Promise<void> {
  if (index === current) return;
  current = index;
  const { timeZone, dateStyle, dateOrder, intervalStyle } = SETTINGS[index];
  await client.query(
    `SET timezone = '${timeZone}'; SET datestyle = '${dateStyle}, ${dateOrder}'; SET intervalstyle = '${intervalStyle}'`,
  );
}

const keys = new Set(datetimeFunctionFamilies.flatMap((family) => [...family.keys()]));
const procs = await client.query(
  `SELECT p.prosrc, p.proname, p.prolang::int AS lang, p.proisstrict AS strict, r.typname AS result,
          ARRAY(SELECT t.typname::text FROM unnest(p.proargtypes) WITH ORDINALITY a(oid, n) JOIN pg_type t ON t.oid = a.oid ORDER BY n) AS types
     FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
    WHERE p.prolang IN (12, 14) AND p.prokind = 'f' AND NOT p.proretset
      AND p.proname !~ '^(now|transaction_timestamp|statement_timestamp|clock_timestamp|timeofday)$' ORDER BY 2, p.oid`,
);

function argument(name: string, type: string, place: number, source: string): string | undefined {
  if (type === 'text') {
    if (name === 'to_char') return pick(PRINT_PATTERNS, random);
    return place === 0 && name !== 'timezone' ? pick(UNITS, random) : pick(ZONES, random);
  }
  if (type === 'int4' && source.endsWith('_scale')) return String(Math.floor(random() * 7));
  if (source === 'interval_scale') return undefined;
  const value = someValue(type, random);
  if (name.startsWith('make_') && type === 'int4' && place === 0 && random() < 0.8)
    return String(1900 + Math.floor(random() * 200));
  if (name.startsWith('make_') && type === 'int4' && random() < 0.8) return String(1 + Math.floor(random() * 13));
  return value;
}

const functions: DateTimeFunction[] = [];
for (const { prosrc, proname, lang, result, types, strict } of procs.rows) {
  const key = lang === 12 ? prosrc : `${proname}(${types.join()})`;
  if (!keys.has(key)) continue;
  const reads = proname === 'to_date' || (proname === 'to_timestamp' && types.length === 2);
  const golden: DateTimeFunction = { key, name: proname, types, resultType: result, strict, calls: [] };
  const places = types.map((type: string, i: number) => `$${i + 1}::pg_catalog."${type}"`).join();
  const sql = `SELECT (pg_catalog."${proname}"(${places})${result === 'bool' ? '::pg_catalog.text' : ''})::pg_catalog.text`;
  const add = async (index: number, args: string[]): Promise<void> => {
    await use(index);
    const answer = await ask(sql, args);
    golden.calls.push([index, args, 'error' in answer ? answer.error : answer.row[0]]);
  };
  if (reads) {
    for (const [pattern, texts] of READ_PATTERNS)
      for (const text of texts) await add(golden.calls.length % SETTINGS.length, [text, pattern]);
  }
  const count = proname === 'to_char' ? calls * 8 : types.includes('text') ? calls * 4 : calls;
  for (let i = 0; i < count && !reads; i++) {
    const args: string[] = types.map((type: string, place: number) => argument(proname, type, place, prosrc));
    if (args.some((arg) => arg === undefined)) break;
    await add(Math.floor(random() * SETTINGS.length), args);
  }
  if (golden.calls.length > 0) functions.push(golden);
}

const inputs: DateTimeGolden['inputs'] = [];
for (const [type, typmod, text] of DATETIME_INPUTS(random)) {
  const indexes = typmod < 0 && type !== 'time' ? [Math.floor(random() * SETTINGS.length), 0] : [0];
  for (const index of indexes) {
    await use(index);
    const value =
      type === 'date' ? 'pg_catalog.date_in($1::cstring)' : `pg_catalog.${type}_in($1::cstring, 0, ${typmod})`;
    const answer = await ask(
      `SELECT pg_catalog.textin(pg_catalog.${type}_out(v)), encode(pg_catalog.${type}_send(v), 'hex') FROM (SELECT ${value} AS v) s`,
      [text],
    );
    if ('error' in answer) inputs.push([index, type, typmod, text, answer.error, null]);
    else inputs.push([index, type, typmod, text, answer.row[0], answer.row[1]]);
  }
}
const clock = await client.query({
  text: "SELECT extract(epoch FROM now() - '2000-01-01Z'::timestamptz)::float8",
  rowMode: 'array',
});
await client.end();

const block = ({ calls: list, ...rest }: DateTimeFunction): string =>
  `${JSON.stringify(rest).slice(0, -1)},"calls":[\n${list.map((call) => JSON.stringify(call)).join(',\n')}]}`;
const out = process.env.OUT ?? new URL('../../../test/golden/functions/datetime.json', import.meta.url);
writeFileSync(
  out,
  `{"now":${Math.round(clock.rows[0][0] * 1e6)},\n"settings":${JSON.stringify(SETTINGS)},\n"functions":[\n${functions.map(block).join(',\n')}],\n"inputs":[\n${inputs.map((input) => JSON.stringify(input)).join(',\n')}]}\n`,
);
