/**
 * Point reads beside heavy statements: two connections read single rows with pauses of a millisecond while a third
 * runs one statement. Each statement is run once per server; its percentiles and its own time are lines of the report.
 */
import { Client } from 'pg';
import type { Target } from './targets.js';
import type { Workload } from './workload.js';

const ROWS = 1_000_000;
const SMALL_ROWS = 100_000;
const READERS = 2;
const PAUSE_MS = 1;

interface Heavy {
  readonly name: string;
  /** Run before, without readers. */
  readonly before?: readonly string[];
  readonly sql: string;
}

interface Latencies {
  /** Milliseconds, in order. */
  readonly reads: readonly number[];
  readonly statement: number;
}

const COPY = 'SELECT id, v, t FROM lat_rows';

const HEAVY: readonly Heavy[] = [
  { name: 'aggregate', sql: 'SELECT v, count(*), sum(id) FROM lat_rows GROUP BY v' },
  { name: 'sort by int', sql: 'SELECT count(*) FROM (SELECT * FROM lat_rows ORDER BY r OFFSET 10) s' },
  { name: 'sort by text', sql: 'SELECT count(*) FROM (SELECT * FROM lat_rows ORDER BY t DESC OFFSET 10) s' },
  { name: 'hash join', sql: 'SELECT count(*) FROM lat_rows a JOIN lat_rows b ON a.r = b.id' },
  {
    name: 'window',
    sql: 'SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY v ORDER BY id) n FROM lat_rows) s',
  },
  { name: 'count(distinct)', sql: 'SELECT count(DISTINCT t) FROM lat_rows' },
  { name: 'group by a million', sql: 'SELECT count(*) FROM (SELECT t, count(*) FROM lat_rows GROUP BY t) s' },
  { name: 'string_agg', sql: "SELECT length(string_agg(t, ',')) FROM lat_rows" },
  {
    name: 'INSERT SELECT',
    before: ['CREATE TABLE lat_copy (id integer PRIMARY KEY, v integer, t text)'],
    sql: `INSERT INTO lat_copy ${COPY}`,
  },
  { name: 'index on int', sql: 'CREATE INDEX ON lat_copy (v)' },
  { name: 'index on text', sql: 'CREATE INDEX ON lat_copy (t)' },
  { name: 'UPDATE of all', sql: 'UPDATE lat_copy SET v = v + 1' },
  { name: 'DELETE of a half', sql: 'DELETE FROM lat_copy WHERE v % 2 = 0' },
  { name: 'CREATE TABLE AS', sql: `CREATE TABLE lat_made AS ${COPY}` },
  { name: 'DROP TABLE', sql: 'DROP TABLE lat_copy' },
];

const TABLES = [
  'CREATE TABLE lat_rows (id integer PRIMARY KEY, v integer, t text, r integer)',
  `INSERT INTO lat_rows SELECT i, i % 1000, 'some text of the row ' || i, (i::bigint * 7919 % 1000003)::integer
   FROM generate_series(1, ${ROWS}) i`,
  'CREATE TABLE lat_small (id integer PRIMARY KEY, v integer)',
  `INSERT INTO lat_small SELECT i, i FROM generate_series(1, ${SMALL_ROWS}) i`,
  'CHECKPOINT',
  'ANALYZE',
];

async function connect({ environment }: Target): Promise<Client> {
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = environment;
  const client = new Client({ host: PGHOST, port: Number(PGPORT), user: PGUSER, database: PGDATABASE });
  await client.connect();
  return client;
}

async function readUntil(client: Client, ended: () => boolean, into: number[]): Promise<void> {
  const query = { name: 'read', text: 'SELECT v FROM lat_small WHERE id = $1' };
  while (!ended()) {
    const started = performance.now();
    await client.query({ ...query, values: [1 + Math.floor(Math.random() * SMALL_ROWS)] });
    into.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function measure(target: Target, { before = [], sql }: Heavy): Promise<Latencies> {
  const writer = await connect(target);
  const readers = await Promise.all(Array.from({ length: READERS }, () => connect(target)));
  try {
    for (const statement of before) await writer.query(statement);
    // Plans and pages that the reads need are not what is measured.
    const warmUp = performance.now() + 200;
    await Promise.all(readers.map((reader) => readUntil(reader, () => performance.now() > warmUp, [])));
    const reads: number[] = [];
    let ended = false;
    const reading = readers.map((reader) => readUntil(reader, () => ended, reads));
    const started = performance.now();
    await writer.query(sql).finally(() => {
      ended = true;
    });
    const statement = performance.now() - started;
    await Promise.all(reading);
    return { reads: reads.sort((a, b) => a - b), statement };
  } finally {
    for (const client of [writer, ...readers]) await client.end();
  }
}

const prepared = new WeakSet<Target>();

async function prepare(target: Target): Promise<void> {
  if (prepared.has(target)) return;
  prepared.add(target);
  const client = await connect(target);
  try {
    for (const statement of TABLES) await client.query(statement);
  } finally {
    await client.end();
  }
}

function percentile({ reads }: Latencies, share: number): number | null {
  return reads[Math.min(reads.length - 1, Math.floor(reads.length * share))] ?? null;
}

function workloadsOf(heavy: Heavy): Workload[] {
  const results = new Map<Target, Latencies>();
  const line = (name: string, value: (latencies: Latencies) => number | null): Workload => ({
    group: 'latency',
    name,
    unit: 'ms',
    better: 'less',
    async run(target) {
      let latencies = results.get(target);
      if (latencies === undefined) {
        await prepare(target);
        latencies = await measure(target, heavy);
        results.set(target, latencies);
      }
      return value(latencies);
    },
  });
  return [
    line(heavy.name, ({ statement }) => statement),
    line('  reads beside it, p50', (latencies) => percentile(latencies, 0.5)),
    line('  reads beside it, p99', (latencies) => percentile(latencies, 0.99)),
    line('  reads beside it, slowest', (latencies) => percentile(latencies, 1)),
  ];
}

export const LATENCY_WORKLOADS: readonly Workload[] = HEAVY.flatMap(workloadsOf);
