/**
 * Records test/golden/functions/datetime-types.json from a real PostgreSQL 15 (PGHOST, PGPORT, PGUSER, …): inputs and
 * outputs of the date and time types under several settings, time zones, and values of TimeZone and DateStyle.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { INTERVALS, MOMENTS } from '../types/datetime/datetime-texts.js';
import type { DateTimeTypeGolden, GoldenSettings, GoldenValue } from '../types/datetime/datetime-type-golden.js';

const SETTINGS: GoldenSettings[] = [
  { dateStyle: 'ISO', dateOrder: 'MDY', intervalStyle: 'postgres', timeZone: 'UTC' },
  { dateStyle: 'SQL', dateOrder: 'DMY', intervalStyle: 'postgres_verbose', timeZone: 'Europe/Berlin' },
  { dateStyle: 'Postgres', dateOrder: 'YMD', intervalStyle: 'sql_standard', timeZone: 'America/St_Johns' },
  { dateStyle: 'Postgres', dateOrder: 'DMY', intervalStyle: 'iso_8601', timeZone: 'Asia/Kolkata' },
  { dateStyle: 'German', dateOrder: 'MDY', intervalStyle: 'sql_standard', timeZone: 'CET-1CEST,M3.5.0,M10.5.0/3' },
];
const MOMENT_TYPES = ['date', 'timestamp', 'timestamptz', 'time', 'timetz'];
const INTERVAL_TYPMODS = [-1, (0x7fff << 16) | 2, (4 << 16) | 0xffff, (0x1800 << 16) | 0xffff, (0x0408 << 16) | 0xffff];
const ZONES =
  'Europe/London Europe/Dublin Europe/Moscow Europe/Kyiv America/New_York America/Los_Angeles America/Sao_Paulo Asia/Tokyo ' +
  'Asia/Kathmandu Asia/Tehran Australia/Lord_Howe Pacific/Apia Pacific/Chatham Africa/Cairo Africa/Casablanca Asia/Gaza ' +
  'Etc/GMT+5 PST8PDT FOO5BAR <+0330>-03:30 ABC-3DEF,J60/0,300/-1 US/Hawaii Antarctica/Troll America/Caracas Asia/Pyongyang';
const TIME_ZONE_VALUES =
  'utc|europe/berlin|FOO5|foo5bar|<+03>-03|5.5|-7|+05:30|UTC+3|z|est|bst|x|abc|abc+4:30|posix/Europe/Rome|1e1|5 |  5|0x5q|' +
  'default|200|Factory|Etc/GMT-14|GMT0|EST5EDT|America/Argentina/Buenos_Aires|CET-1CEST,M3.5.0,M10.5.0/3|CET-1CEST,M13.5.0|0|-0.5';
const DATE_STYLE_VALUES =
  'iso|sql|sql, dmy|german|german, mdy|postgres|ymd|european|us|noneuropean|iso, sql|dmy, mdy|foo|ISO , YMD|';

const client = new pg.Client();
await client.connect();
await client.query('BEGIN');
const clock = await client.query(
  "SELECT round(extract(epoch FROM now() - '2000-01-01Z'::timestamptz) * 1000000)::int8 AS now",
);

async function attempt<T>(work: () => Promise<T>): Promise<T | pg.DatabaseError> {
  await client.query('SAVEPOINT s');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('ROLLBACK TO s');
    return error;
  }
}

async function answerFor(type: string, typmod: number, text: string): Promise<GoldenValue> {
  const input = type === 'date' ? 'date_in($1::cstring)' : `${type}_in($1::cstring, 0, ${typmod})`;
  const sql = `SELECT textin(${type}_out(v)), encode(${type}_send(v), 'hex') FROM (SELECT ${input} AS v) s`;
  const found = await attempt(() => client.query({ text: sql, values: [text], rowMode: 'array' }));
  if (!(found instanceof pg.DatabaseError)) return { text: found.rows[0][0], bytes: found.rows[0][1] };
  return { code: found.code ?? '', message: found.message, hint: found.hint ?? null };
}

async function shown(name: string, values: string): Promise<[string, string | null][]> {
  const all: [string, string | null][] = [];
  for (const value of values.split('|')) {
    await client.query("SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'");
    const found = await attempt(() => client.query('SELECT set_config($1, $2, false) AS shown', [name, value]));
    all.push([value, found instanceof pg.DatabaseError ? null : found.rows[0].shown]);
  }
  return all;
}

/** Instants around changes of offset, and far away from them. */
function instants(index: number): string[] {
  const years = [1850, 1911, 1943, 1969, 1999, 2007, 2024, 2037, 2200 + index, 9999];
  return years.flatMap((year, i) => [
    `${year}-0${3 + ((i + index) % 2)}-${10 + ((i * 7 + index) % 20)} 02:30:00`,
    `${year}-1${i % 2}-0${1 + ((i + index) % 8)} 01:30:00+00`,
  ]);
}

const groups: DateTimeTypeGolden['groups'] = [];

async function record(settings: GoldenSettings, inputs: [type: string, typmod: number, text: string][]): Promise<void> {
  const { dateStyle, dateOrder, intervalStyle, timeZone } = settings;
  await client.query(`SET datestyle = '${dateStyle}, ${dateOrder}'; SET intervalstyle = '${intervalStyle}'`);
  await client.query(`SET timezone = '${timeZone}'`);
  const group: DateTimeTypeGolden['groups'][number] = { settings, inputs: [] };
  for (const [type, typmod, text] of inputs)
    group.inputs.push([type, typmod, text, await answerFor(type, typmod, text)]);
  groups.push(group);
}

for (const [index, settings] of SETTINGS.entries()) {
  const inputs: [string, number, string][] = [];
  for (const [i, text] of MOMENTS.entries()) {
    for (const [j, type] of MOMENT_TYPES.entries()) {
      const typmod = (i + j) % 7 === 3 && type !== 'date' ? (i + j) % 4 : -1;
      if ((i + j) % SETTINGS.length === index) inputs.push([type, typmod, text]);
    }
  }
  for (const [i, text] of INTERVALS.entries()) {
    for (const [j, typmod] of INTERVAL_TYPMODS.entries()) {
      if (j === 0 || (i + j) % SETTINGS.length === index) inputs.push(['interval', typmod, text]);
    }
  }
  await record(settings, inputs);
}
for (const [index, timeZone] of ZONES.split(' ').entries()) {
  const settings: GoldenSettings = { ...SETTINGS[0], dateStyle: index % 2 === 0 ? 'Postgres' : 'ISO', timeZone };
  await record(
    settings,
    instants(index).map((text) => ['timestamptz', -1, text]),
  );
}
const zones = await shown('timezone', TIME_ZONE_VALUES);
const dateStyles = await shown('datestyle', DATE_STYLE_VALUES);
await client.end();

const lines = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(',\n');
const block = ({ settings, inputs }: DateTimeTypeGolden['groups'][number]): string =>
  `{"settings":${JSON.stringify(settings)},"inputs":[\n${lines(inputs)}]}`;
writeFileSync(
  process.env.OUT ?? new URL('../../../test/golden/functions/datetime-types.json', import.meta.url),
  `{"now":${clock.rows[0].now},"groups":[\n${groups.map(block).join(',\n')}],\n"zones":[\n${lines(zones)}],\n"dateStyles":[\n${lines(dateStyles)}]}\n`,
);
