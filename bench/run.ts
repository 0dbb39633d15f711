/**
 * `npm run bench`: named workloads on orbit-server and, where one is found, on PostgreSQL 15, side by side. Runs in a
 * temporary directory on loopback, prints a table and keeps it, with a plot of the ratios, in bench/results/.
 *
 *     npm run bench -- [--groups select,tpcb,…] [--runs 5] [--seconds 2] [--scale 5] [--tpch-scale 0.05] [--no-postgres]
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plot } from './plot.js';
import { type Measured, meanLine, REPORT_HEADER, report, reportLine } from './report.js';
import { orbitTarget, postgresTarget, type Target } from './targets.js';
import { type BenchOptions, GROUPS, type Workload } from './workload.js';
import { WORKLOADS } from './workloads.js';

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url));

function chosen(groups: string | undefined): readonly Workload[] {
  if (groups === undefined) return WORKLOADS;
  const names = groups.split(',');
  const unknown = names.find((name) => !GROUPS.some((group) => group === name));
  if (unknown !== undefined) throw new Error(`there is no group "${unknown}", only ${GROUPS.join(', ')}`);
  return WORKLOADS.filter((workload) => names.includes(workload.group));
}

/** The median; null when there is none. */
function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Runs the workload on both servers in turns, so that what else the machine does meets both alike. */
async function measure(
  workload: Workload,
  orbit: Target,
  postgres: Target | null,
  options: BenchOptions,
): Promise<Measured> {
  const targets = postgres === null ? [orbit] : [orbit, postgres];
  for (const target of targets) await workload.prepare?.(target, options);
  const values = new Map<Target, number[]>(targets.map((target) => [target, []]));
  for (let n = 0; n < (workload.repeated === true ? options.runs : 1); n++) {
    for (const target of targets) {
      const value = await workload.run(target, options);
      if (value !== null) values.get(target)?.push(value);
    }
  }
  return {
    workload,
    orbit: median(values.get(orbit) ?? []),
    postgres: postgres === null ? null : median(values.get(postgres) ?? []),
  };
}

async function measureAll(
  workloads: readonly Workload[],
  orbit: Target,
  postgres: Target | null,
  options: BenchOptions,
): Promise<Measured[]> {
  const results: Measured[] = [];
  console.log(REPORT_HEADER);
  for (const workload of workloads) {
    const measured = await measure(workload, orbit, postgres, options);
    results.push(measured);
    console.log(reportLine(measured));
  }
  for (const line of meanLine(results)) console.log(line);
  return results;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      groups: { type: 'string' },
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      scale: { type: 'string', default: '5' },
      'tpch-scale': { type: 'string', default: '0.05' },
      'no-postgres': { type: 'boolean', default: false },
    },
  });
  const workloads = chosen(values.groups);
  const directory = await mkdtemp(join(tmpdir(), 'orbit-bench-'));
  await chmod(directory, 0o755);
  const targets: Target[] = [];
  try {
    const orbit = await orbitTarget(directory);
    targets.push(orbit);
    await orbit.start();
    const postgres = values['no-postgres'] ? null : await postgresTarget(directory);
    if (postgres !== null) {
      targets.push(postgres);
      await postgres.start();
    } else console.log('without PostgreSQL: only orbit-server is measured');
    const options = {
      seconds: Number(values.seconds),
      runs: Number(values.runs),
      scale: Number(values.scale),
      tpchScale: Number(values['tpch-scale']),
      directory,
    };
    const results = await measureAll(workloads, orbit, postgres, options);
    await mkdir(RESULTS, { recursive: true });
    await writeFile(join(RESULTS, 'latest.txt'), report(results, options));
    await writeFile(join(RESULTS, 'latest.svg'), plot(results));
  } finally {
    for (const target of targets) await target.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
