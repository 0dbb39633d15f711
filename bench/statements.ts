/**
 * Workloads of one heavy statement each: bulk changes, queries, JSON. psql measures the statement; what comes before it in each
 * run is not measured.
 */
import { join } from 'node:path';
import { onceFor, psql, psqlFile, seconds, timings, writeRows } from './psql.js';
import type { Target } from './targets.js';
import type { BenchOptions, Workload } from './workload.js';

const LOAD_ROWS = 1_000_000;
const DELETED_ROWS = 100_000;
const INSERTED_ROWS = 100_000;
const ROWS_PER_INSERT = 1000;
const QUERY_ROWS = 1_000_000;
const SMALL_ROWS = 100_000;
const DOCUMENTS = 100_000;

type Prepare = (target: Target, options: BenchOptions) => Promise<void>;

interface Statement {
  readonly name: string;
  readonly sql: string;
  /** Run before, each time. */
  readonly before?: readonly string[];
}

function statementWorkload(group: Workload['group'], { name, sql, before }: Statement, prepare: Prepare): Workload {
  return {
    group,
    name,
    unit: 'ms',
    better: 'less',
    goal: 1,
    repeated: true,
    prepare,
    async run(target) {
      if (before !== undefined) await psql(target, ...before);
      const times = await timings(target, sql, 1);
      return times[0] ?? null;
    },
  };
}

/** Prepares, and runs the statement once so that everything is in memory. */
function warm(prepare: Prepare, sql: string): Prepare {
  return async (target, options) => {
    await prepare(target, options);
    await psql(target, sql);
  };
}

const row = (n: number): string => `${n}\t${n % 10}\t0\tfiller of row number ${n}, some forty characters long`;

const writeLoadRows = onceFor((_target: Target, options: BenchOptions) =>
  writeRows(join(options.directory, 'rows.tsv'), LOAD_ROWS, row),
);

const COPY: Workload = {
  group: 'load',
  name: '\\copy of 1,000,000 rows',
  unit: 's',
  better: 'less',
  goal: 1,
  repeated: true,
  prepare: writeLoadRows,
  async run(target, options) {
    await psql(
      target,
      'DROP TABLE IF EXISTS bench_load',
      'CREATE TABLE bench_load (aid integer NOT NULL, bid integer, abalance integer, filler character varying(84))',
    );
    return await seconds(() => psql(target, `\\copy bench_load FROM '${join(options.directory, 'rows.tsv')}'`));
  },
};

const writeInserts = onceFor(async (_target: Target, { directory }: BenchOptions) => {
  await writeRows(join(directory, 'inserts.sql'), INSERTED_ROWS / ROWS_PER_INSERT, (statement) => {
    const first = (statement - 1) * ROWS_PER_INSERT;
    const values = Array.from({ length: ROWS_PER_INSERT }, (_, i) => `(${first + i}, ${i % 10}, 'row ${first + i}')`);
    return `INSERT INTO bench_rows_in VALUES ${values.join(', ')};`;
  });
});

const MULTI_ROW_INSERT: Workload = {
  group: 'load',
  name: `INSERT of ${ROWS_PER_INSERT} rows, 100 times`,
  unit: 's',
  better: 'less',
  goal: 1,
  repeated: true,
  prepare: writeInserts,
  async run(target, { directory }) {
    await psql(
      target,
      'DROP TABLE IF EXISTS bench_rows_in',
      'CREATE TABLE bench_rows_in (id integer PRIMARY KEY, v integer, t text)',
    );
    return await seconds(() => psqlFile(target, join(directory, 'inserts.sql')));
  },
};

const nothing: Prepare = async () => {};

/** They need the rows of COPY. */
const BULK: readonly Statement[] = [
  {
    name: 'unique index on 1,000,000 rows',
    before: ['DROP INDEX IF EXISTS bench_load_key'],
    sql: 'CREATE UNIQUE INDEX bench_load_key ON bench_load (aid)',
  },
  { name: 'UPDATE of 1,000,000 rows', sql: 'UPDATE bench_load SET abalance = abalance + 1' },
  {
    name: 'DELETE of 100,000 rows',
    before: [
      `INSERT INTO bench_load SELECT n, 0, 0, 'row ' || n FROM generate_series(${LOAD_ROWS + 1}, ${LOAD_ROWS + DELETED_ROWS}) n`,
    ],
    sql: `DELETE FROM bench_load WHERE aid > ${LOAD_ROWS}`,
  },
];

const makeQueryTables = onceFor(async (target: Target) => {
  await psql(
    target,
    'CREATE TABLE bench_facts (id integer PRIMARY KEY, v integer, t text, r integer)',
    `INSERT INTO bench_facts SELECT n, n % 1000, 'some text of the row ' || n, n::bigint * 7919 % 1000003
     FROM generate_series(1, ${QUERY_ROWS}) n`,
    'CREATE TABLE bench_small (id integer PRIMARY KEY, v integer)',
    `INSERT INTO bench_small SELECT n * 10, n FROM generate_series(1, ${SMALL_ROWS}) n`,
    'VACUUM ANALYZE bench_facts',
    'VACUUM ANALYZE bench_small',
  );
});

const QUERIES: readonly Statement[] = [
  { name: 'ORDER BY LIMIT 100 of 1,000,000', sql: 'SELECT * FROM bench_facts ORDER BY r LIMIT 100' },
  { name: 'sort of 1,000,000', sql: 'SELECT count(*) FROM (SELECT * FROM bench_facts ORDER BY r OFFSET 10) s' },
  {
    name: '100,000 groups',
    sql: 'SELECT count(*) FROM (SELECT r % 100000 AS g, count(*), sum(v) FROM bench_facts GROUP BY 1) s',
  },
  { name: 'count(distinct)', sql: 'SELECT count(DISTINCT r) FROM bench_facts' },
  {
    name: 'row_number() over partitions',
    sql: 'SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY v ORDER BY id) n FROM bench_facts) s',
  },
  {
    name: 'hash join 1,000,000 x 100,000',
    sql: 'SELECT count(*), sum(s.v) FROM bench_facts f JOIN bench_small s ON s.id = f.r',
  },
];

const makeDocuments = onceFor(async (target: Target) => {
  await psql(
    target,
    'CREATE TABLE bench_docs (id integer PRIMARY KEY, doc jsonb NOT NULL)',
    `INSERT INTO bench_docs SELECT n, jsonb_build_object('name', 'name ' || n, 'city', 'city ' || n % 100, 'count', n,
     'tags', jsonb_build_array('t' || n % 50, 'u' || n % 1000), 'address', jsonb_build_object('street', n % 777, 'zip', n % 10000))
     FROM generate_series(1, ${DOCUMENTS}) n`,
    'CREATE INDEX bench_docs_doc ON bench_docs USING gin (doc)',
    'VACUUM ANALYZE bench_docs',
  );
});

const JSON_QUERIES: readonly Statement[] = [
  { name: 'jsonb @> by GIN', sql: `SELECT count(*) FROM bench_docs WHERE doc @> '{"tags": ["u17"]}'` },
  { name: 'jsonb ->> filter', sql: "SELECT count(*) FROM bench_docs WHERE doc ->> 'city' = 'city 17'" },
];

/** Without the index, which would be what is measured. */
const JSON_UPDATE: Statement = {
  name: 'jsonb_set of 100,000 rows',
  before: ['DROP INDEX IF EXISTS bench_docs_doc'],
  sql: `UPDATE bench_docs SET doc = jsonb_set(doc, '{count}', to_jsonb((doc ->> 'count')::integer + 1))`,
};

export const LOAD_WORKLOADS: readonly Workload[] = [
  COPY,
  MULTI_ROW_INSERT,
  ...BULK.map((statement) => statementWorkload('load', statement, nothing)),
];

export const QUERY_WORKLOADS: readonly Workload[] = [
  ...QUERIES.map((query) => statementWorkload('query', query, warm(makeQueryTables, query.sql))),
  ...JSON_QUERIES.map((query) => statementWorkload('jsonb', query, warm(makeDocuments, query.sql))),
  statementWorkload('jsonb', JSON_UPDATE, makeDocuments),
];
