/**
 * `npm run bench`: named workloads on orbit-server and, where one is found, on PostgreSQL 15, side by side. Runs in a
 * temporary directory on loopback, prints a table and keeps it in bench/results/.
 *
 *     npm run bench -- [--groups select,tpcb,load,aggregate,mixed,latency,tpch,open] [--seconds 4] [--scale 5] [--tpch-scale 0.05] [--no-postgres]
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Measured, meanLine, REPORT_HEADER, report, reportLine } from './report.js';
import { orbitTarget, postgresTarget, type Target } from './targets.js';
import { type BenchOptions, WORKLOADS, type Workload } from './workloads.js';

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url));

function chosen(groups: string | undefined): readonly Workload[] {
  if (groups === undefined) return WORKLOADS;
  const names = groups.split(',');
  const unknown = names.find((name) => !WORKLOADS.some((workload) => workload.group === name));
  if (unknown !== undefined) throw new Error(`there is no group "${unknown}"`);
  return WORKLOADS.filter((workload) => names.includes(workload.group));
}

async function measure(
  workloads: readonly Workload[],
  orbit: Target,
  postgres: Target | null,
  options: BenchOptions,
): Promise<Measured[]> {
  const results: Measured[] = [];
  console.log(REPORT_HEADER);
  for (const workload of workloads) {
    const measured = {
      workload,
      orbit: await workload.run(orbit, options),
      postgres: postgres === null ? null : await workload.run(postgres, options),
    };
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
      seconds: { type: 'string', default: '4' },
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
      scale: Number(values.scale),
      tpchScale: Number(values['tpch-scale']),
      directory,
    };
    const results = await measure(workloads, orbit, postgres, options);
    await mkdir(RESULTS, { recursive: true });
    await writeFile(join(RESULTS, 'latest.txt'), report(results, options));
  } finally {
    for (const target of targets) await target.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
