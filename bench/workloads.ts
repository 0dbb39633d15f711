/**
 * The named workloads. Each takes a running server and returns one number with a unit; `better` says which way.
 * They run in this order, each on all servers in turn, and may rely on the tables of those before in the same group.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LATENCY_WORKLOADS } from './latency.js';
import type { Target } from './targets.js';
import { TPCH_WORKLOADS } from './tpch/workloads.js';

const run = promisify(execFile);

export interface BenchOptions {
  /** Length of one pgbench run. */
  readonly seconds: number;
  /** pgbench's scale factor: 100,000 accounts each. */
  readonly scale: number;
  /** TPC-H's scale factor: 6,000,000 line items each. */
  readonly tpchScale: number;
  /** For files that the workloads make. */
  readonly directory: string;
}

export interface Workload {
  readonly group: 'idle' | 'select' | 'tpcb' | 'load' | 'aggregate' | 'mixed' | 'latency' | 'tpch' | 'open';
  readonly name: string;
  readonly unit: 'tps' | 's' | 'ms' | 'MB';
  readonly better: 'more' | 'less';
  /** Null where the workload does not apply to this server. */
  run(target: Target, options: BenchOptions): Promise<number | null>;
}

const LOAD_ROWS = 1_000_000;
const LINE_ROWS = 600_000;
const AGGREGATE_RUNS = 5;

const AGGREGATE = `SELECT returnflag, linestatus, sum(quantity), sum(extendedprice), sum(extendedprice * (1 - discount)),
  sum(extendedprice * (1 - discount) * (1 + tax)), avg(quantity), avg(extendedprice), avg(discount), count(*)
  FROM bench_line WHERE shipday <= 2400 GROUP BY returnflag, linestatus ORDER BY returnflag, linestatus`;

async function psql(target: Target, sql: string): Promise<string> {
  const { stdout } = await run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql], { env: target.environment });
  return stdout;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function pgbench(target: Target, flags: readonly string[], clients: number, duration: number): Promise<string> {
  const threads = String(Math.min(2, clients));
  const { stdout } = await run(
    'pgbench',
    ['-n', ...flags, '-c', String(clients), '-j', threads, '-T', String(duration)],
    { env: target.environment },
  );
  return stdout;
}

function tps(output: string): number {
  const found = /tps = ([\d.]+)/.exec(output)?.[1];
  if (found === undefined) throw new Error(`pgbench has told no tps:\n${output}`);
  return Number(found);
}

const initialized = new WeakSet<Target>();

/** pgbench's tables, made once per server, and read once. */
async function initialize(target: Target, options: BenchOptions): Promise<void> {
  if (initialized.has(target)) return;
  await run('pgbench', ['-i', '-q', '-I', 'dtgp', '-s', String(options.scale)], { env: target.environment });
  await psql(target, 'VACUUM ANALYZE');
  initialized.add(target);
}

/** Once with half the length to warm up, then for the result. */
function pgbenchWorkload(group: 'select' | 'tpcb', protocol: 'simple' | 'prepared', clients: number): Workload {
  const flags = group === 'select' ? ['-S', '-M', protocol] : ['-M', protocol];
  return {
    group,
    name: `${group === 'select' ? 'select-only' : 'tpcb-like'} ${protocol} ${clients} clients`,
    unit: 'tps',
    better: 'more',
    async run(target, options) {
      await initialize(target, options);
      await pgbench(target, flags, clients, Math.max(1, Math.ceil(options.seconds / 2)));
      return tps(await pgbench(target, flags, clients, options.seconds));
    },
  };
}

async function writeRows(path: string, count: number, row: (n: number) => string): Promise<void> {
  const lines: string[] = [];
  for (let n = 1; n <= count; n++) lines.push(row(n));
  await writeFile(path, `${lines.join('\n')}\n`);
}

async function copyRows(target: Target, options: BenchOptions): Promise<number> {
  const file = join(options.directory, 'rows.tsv');
  await writeRows(file, LOAD_ROWS, (n) => `${n}\t${n % 10}\t0\tfiller of row number ${n}, some forty characters long`);
  await psql(target, 'DROP TABLE IF EXISTS bench_load');
  await psql(
    target,
    'CREATE TABLE bench_load (aid integer NOT NULL, bid integer, abalance integer, filler character varying(84))',
  );
  return await seconds(() => psql(target, `\\copy bench_load FROM '${file}'`));
}

const lines = new WeakSet<Target>();

async function prepareLines(target: Target, options: BenchOptions): Promise<void> {
  if (lines.has(target)) return;
  lines.add(target);
  const file = join(options.directory, 'lines.tsv');
  await writeRows(file, LINE_ROWS, (n) => {
    const mix = (n * 7919) % 100_003;
    return `${(mix % 50) + 1}\t${900 + (mix % 1000)}.${10 + (mix % 90)}\t0.0${mix % 10}\t0.0${mix % 9}\t${'ANR'[mix % 3]}\t${'OF'[mix % 2]}\t${mix % 2500}`;
  });
  await psql(
    target,
    `CREATE TABLE bench_line (quantity numeric(15,2), extendedprice numeric(15,2), discount numeric(15,2), tax numeric(15,2),
     returnflag text, linestatus text, shipday integer)`,
  );
  await psql(target, `\\copy bench_line FROM '${file}'`);
  await psql(target, 'VACUUM ANALYZE bench_line');
}

/** Milliseconds of the fastest of several runs of the statement, as psql measures them. */
async function fastest(target: Target, sql: string): Promise<number> {
  const commands = Array.from({ length: AGGREGATE_RUNS + 2 }, () => ['-c', sql]).flat();
  const { stdout } = await run('psql', ['-XAtq', '-c', '\\timing on', ...commands], { env: target.environment });
  const times = [...stdout.matchAll(/^Time: ([\d.]+) ms/gm)].map((match) => Number(match[1]));
  return Math.min(...times);
}

/** 99th percentile of point reads in milliseconds, while another connection aggregates without a break. */
async function readsBesideAggregate(target: Target, options: BenchOptions): Promise<number> {
  await initialize(target, options);
  await prepareLines(target, options);
  await pgbench(target, ['-S', '-M', 'prepared'], 8, options.seconds);
  const child = spawn('psql', ['-XAtq'], { env: target.environment, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${AGGREGATE};\n`.repeat(2000));
  const prefix = join(options.directory, `log-${target.name}`);
  try {
    const { stdout } = await run(
      'pgbench',
      ['-n', '-S', '-M', 'prepared', '-c', '2', '-T', String(options.seconds), '-l', '--log-prefix', prefix],
      { env: target.environment },
    );
    const { stdout: log } = await run('sh', ['-c', `cat "${prefix}".*`], { maxBuffer: 1 << 30 });
    const latencies = log
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[2]))
      .sort((a, b) => a - b);
    if (latencies.length < 2) throw new Error(`too few transactions:\n${stdout}`);
    return latencies[Math.floor(latencies.length * 0.99)] / 1000;
  } finally {
    child.kill();
    await ended;
  }
}

function memoryWorkload(group: Workload['group'], name: string): Workload {
  return { group, name, unit: 'MB', better: 'less', run: (target) => target.memory() };
}

export const WORKLOADS: readonly Workload[] = [
  memoryWorkload('idle', 'idle memory after the start'),
  ...(['simple', 'prepared'] as const).flatMap((protocol) =>
    [1, 8, 32].map((clients) => pgbenchWorkload('select', protocol, clients)),
  ),
  ...[1, 8, 32].map((clients) => pgbenchWorkload('tpcb', 'prepared', clients)),
  memoryWorkload('tpcb', 'memory after tpcb-like'),
  { group: 'load', name: '\\copy of 1,000,000 rows', unit: 's', better: 'less', run: copyRows },
  {
    group: 'load',
    name: 'unique index on 1,000,000 rows',
    unit: 's',
    better: 'less',
    run: (target) => seconds(() => psql(target, 'CREATE UNIQUE INDEX bench_load_key ON bench_load (aid)')),
  },
  memoryWorkload('load', 'memory after the load'),
  {
    group: 'aggregate',
    name: 'aggregate over 600,000 rows, warm',
    unit: 'ms',
    better: 'less',
    async run(target, options) {
      await prepareLines(target, options);
      return await fastest(target, AGGREGATE);
    },
  },
  { group: 'mixed', name: 'p99 of point reads beside it', unit: 'ms', better: 'less', run: readsBesideAggregate },
  ...LATENCY_WORKLOADS,
  ...TPCH_WORKLOADS,
  memoryWorkload('open', 'memory after all runs'),
  {
    group: 'open',
    name: 'opening the loaded database',
    unit: 's',
    better: 'less',
    async run(target) {
      await target.stop();
      return (await target.start()) / 1000;
    },
  },
  memoryWorkload('open', 'memory after opening'),
];
