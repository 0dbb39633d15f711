/**
 * The table of results: one line per workload, with the ratio of orbit-server to PostgreSQL as "times as fast" (1.00 is
 * even, more is better), whichever way the unit counts.
 */
import { cpus } from 'node:os';
import type { BenchOptions, Workload } from './workload.js';

export interface Measured {
  readonly workload: Workload;
  readonly orbit: number | null;
  readonly postgres: number | null;
}

export function ratio({ workload, orbit, postgres }: Measured): number | null {
  if (orbit === null || postgres === null || orbit === 0 || postgres === 0) return null;
  return workload.better === 'more' ? orbit / postgres : postgres / orbit;
}

function number(value: number | null, unit: Workload['unit']): string {
  if (value === null) return '-';
  const text = value.toFixed(unit === 's' || (unit === 'ms' && value < 10) ? 2 : 0);
  return `${text} ${unit}`;
}

export function reportLine(measured: Measured): string {
  const { workload, orbit, postgres } = measured;
  const compared = ratio(measured);
  return [
    workload.name.padEnd(36),
    number(orbit, workload.unit).padStart(14),
    number(postgres, workload.unit).padStart(14),
    (compared === null ? '-' : compared.toFixed(2)).padStart(8),
    (workload.goal?.toFixed(2) ?? '').padStart(8),
  ]
    .join('')
    .trimEnd();
}

export const REPORT_HEADER = `${'workload'.padEnd(36)}${'orbit-server'.padStart(14)}${'PostgreSQL'.padStart(14)}${'ratio'.padStart(8)}${'goal'.padStart(8)}`;

/** The geometric mean of TPC-H's ratios, as a line; nothing where they were not compared. */
export function meanLine(results: readonly Measured[]): string[] {
  const ratios = results.filter(({ workload }) => workload.group === 'tpch').flatMap((one) => ratio(one) ?? []);
  if (ratios.length === 0) return [];
  const mean = Math.exp(ratios.reduce((sum, value) => sum + Math.log(value), 0) / ratios.length);
  return [`${`TPC-H, geometric mean of ${ratios.length}`.padEnd(64)}${mean.toFixed(2).padStart(8)}`];
}

export function report(results: readonly Measured[], options: BenchOptions): string {
  const { seconds, runs, scale, tpchScale } = options;
  const scales = `median of ${runs}, pgbench runs of ${seconds} s, pgbench scale ${scale}, TPC-H scale ${tpchScale}`;
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${scales}`;
  return `${[machine, '', REPORT_HEADER, ...results.map(reportLine), ...meanLine(results)].join('\n')}\n`;
}
