/**
 * The named workloads, in the order in which they run. They may rely on the tables of those before in the same group.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LATENCY_WORKLOADS } from './latency.js';
import { accountsWorkload, INSERT_WORKLOADS, initializeAccounts, pgbench } from './pgbench.js';
import { onceFor, psql, run, timings, writeRows } from './psql.js';
import { LOAD_WORKLOADS, QUERY_WORKLOADS } from './statements.js';
import { SYSBENCH_WORKLOADS } from './sysbench.js';
import type { Target } from './targets.js';
import { TPCH_WORKLOADS } from './tpch/workloads.js';
import type { BenchOptions, Workload } from './workload.js';

const LINE_ROWS = 600_000;
const AGGREGATE_RUNS = 5;
/** What is aimed at, by the number of clients. */
const SELECT_GOALS = { simple: [1, 1.3, 1.3], prepared: [1, 1.5, 1.5] } as const;
const TPCB_GOALS = [1.2, 2, 3] as const;
const CLIENTS = [1, 8, 32] as const;

const AGGREGATE = `SELECT returnflag, linestatus, sum(quantity), sum(extendedprice), sum(extendedprice * (1 - discount)),
  sum(extendedprice * (1 - discount) * (1 + tax)), avg(quantity), avg(extendedprice), avg(discount), count(*)
  FROM bench_line WHERE shipday <= 2400 GROUP BY returnflag, linestatus ORDER BY returnflag, linestatus`;

const prepareLines = onceFor(async (target: Target, options: BenchOptions) => {
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
});

/** 99th percentile of point reads in milliseconds, while another connection aggregates without a break. */
async function readsBesideAggregate(target: Target, options: BenchOptions): Promise<number> {
  await initializeAccounts(target, options);
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
    CLIENTS.map((clients, i) => accountsWorkload('select-only', protocol, clients, SELECT_GOALS[protocol][i])),
  ),
  ...CLIENTS.map((clients, i) => accountsWorkload('tpcb-like', 'prepared', clients, TPCB_GOALS[i])),
  memoryWorkload('tpcb', 'memory after tpcb-like'),
  accountsWorkload('simple-update', 'prepared', 8, 2),
  ...INSERT_WORKLOADS,
  ...SYSBENCH_WORKLOADS,
  ...LOAD_WORKLOADS,
  memoryWorkload('load', 'memory after the load'),
  ...QUERY_WORKLOADS,
  {
    group: 'aggregate',
    name: 'aggregate over 600,000 rows, warm',
    unit: 'ms',
    better: 'less',
    prepare: prepareLines,
    run: async (target) => Math.min(...(await timings(target, AGGREGATE, AGGREGATE_RUNS + 2))),
  },
  {
    group: 'mixed',
    name: 'p99 of point reads beside it',
    unit: 'ms',
    better: 'less',
    goal: 1 / 3,
    run: readsBesideAggregate,
  },
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
