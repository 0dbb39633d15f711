/**
 * The group `tpch` of the benchmark: the time of each query, warm, the median of three. The answers of all servers are
 * compared; different ones end the benchmark with an error.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Target } from '../targets.js';
import type { BenchOptions, Workload } from '../workload.js';
import { loadTables } from './load.js';
import { type TpchQuery, tpchQueries } from './queries.js';

const run = promisify(execFile);
const RUNS = 3;
const MAX_OUTPUT = 1 << 28;

const loaded = new WeakSet<Target>();
const answers = new Map<string, { readonly target: string; readonly rows: string }>();

async function load(target: Target, options: BenchOptions): Promise<void> {
  if (loaded.has(target)) return;
  loaded.add(target);
  await loadTables(target.environment, options.tpchScale, options.directory);
}

async function answer(target: Target, query: TpchQuery): Promise<string> {
  const { stdout } = await run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', query.sql], {
    env: target.environment,
    maxBuffer: MAX_OUTPUT,
  });
  return query.ordered ? stdout : stdout.split('\n').sort().join('\n');
}

function compare(target: Target, { name }: TpchQuery, rows: string): void {
  const other = answers.get(name);
  if (other === undefined) answers.set(name, { target: target.name, rows });
  else if (other.rows !== rows) throw new Error(`${name}: ${target.name} and ${other.target} answer differently`);
}

async function median(target: Target, sql: string): Promise<number> {
  const commands = Array.from({ length: RUNS }, () => ['-c', sql]).flat();
  const { stdout } = await run('psql', ['-XAtq', '-c', '\\timing on', '-c', sql, ...commands], {
    env: target.environment,
    maxBuffer: MAX_OUTPUT,
  });
  const times = [...stdout.matchAll(/^Time: ([\d.]+) ms/gm)].map((match) => Number(match[1]));
  return times.slice(-RUNS).sort((a, b) => a - b)[Math.floor(RUNS / 2)];
}

/** The scale enters the text of a query, so a workload finds its own by name when it runs. */
export const TPCH_WORKLOADS: readonly Workload[] = tpchQueries(1).map(({ name }) => ({
  group: 'tpch',
  name: `TPC-H ${name}`,
  unit: 'ms',
  better: 'less',
  async run(target, options) {
    await load(target, options);
    const query = tpchQueries(options.tpchScale).find((candidate) => candidate.name === name);
    if (query === undefined) throw new Error(`there is no query ${name}`);
    compare(target, query, await answer(target, query));
    return await median(target, query.sql);
  },
}));
