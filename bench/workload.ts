/** What a workload is. */
import type { Target } from './targets.js';

export interface BenchOptions {
  /** Length of one pgbench run. */
  readonly seconds: number;
  /** How often what is repeated at all is measured; the median counts. */
  readonly runs: number;
  /** pgbench's scale factor: 100,000 accounts each. */
  readonly scale: number;
  /** TPC-H's scale factor: 6,000,000 line items each. */
  readonly tpchScale: number;
  /** For files that the workloads make. */
  readonly directory: string;
}

export const GROUPS = [
  'idle',
  'select',
  'tpcb',
  'update',
  'insert',
  'sysbench',
  'load',
  'query',
  'jsonb',
  'aggregate',
  'mixed',
  'latency',
  'tpch',
  'open',
] as const;

export interface Workload {
  readonly group: (typeof GROUPS)[number];
  readonly name: string;
  readonly unit: 'tps' | 's' | 'ms' | 'MB';
  readonly better: 'more' | 'less';
  /** The ratio to PostgreSQL that is aimed at. */
  readonly goal?: number;
  /** Measured several times, on all servers in turns. */
  readonly repeated?: boolean;
  /** What is done once on each server before the first run. */
  prepare?(target: Target, options: BenchOptions): Promise<void>;
  /** Null where the workload does not apply to this server. */
  run(target: Target, options: BenchOptions): Promise<number | null>;
}
