/** What workloads do with psql and with a clock. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Target } from './targets.js';

export const run = promisify(execFile);

/** Runs SQL and returns its rows as text. */
export async function psql(target: Target, ...sql: readonly string[]): Promise<string> {
  const commands = sql.flatMap((command) => ['-c', command]);
  const { stdout } = await run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...commands], { env: target.environment });
  return stdout;
}

export async function psqlFile(target: Target, path: string): Promise<void> {
  await run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', path], { env: target.environment });
}

/** Milliseconds of each run of the statement, as psql measures them. */
export async function timings(target: Target, sql: string, runs: number): Promise<number[]> {
  const commands = Array.from({ length: runs }, () => ['-c', sql]).flat();
  const { stdout } = await run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', '\\timing on', ...commands], {
    env: target.environment,
  });
  return [...stdout.matchAll(/^Time: ([\d.]+) ms/gm)].map((match) => Number(match[1]));
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

export async function writeRows(path: string, count: number, row: (n: number) => string): Promise<void> {
  const lines: string[] = [];
  for (let n = 1; n <= count; n++) lines.push(row(n));
  await writeFile(path, `${lines.join('\n')}\n`);
}

/** Calls `prepare` for a target once. */
export function onceFor<Options>(
  prepare: (target: Target, options: Options) => Promise<void>,
): (target: Target, options: Options) => Promise<void> {
  const done = new WeakSet<Target>();
  return async (target, options) => {
    if (done.has(target)) return;
    done.add(target);
    await prepare(target, options);
  };
}
