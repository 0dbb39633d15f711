/** Estimates and measurements of a node as the formats show them. */
import type { ExplainNode } from './explain-node.js';
import type { ExplainOptions } from './explain-options.js';
import type { PlanStats } from './instrument.js';

export interface Measures {
  readonly cost: {
    readonly startup: string;
    readonly total: string;
    readonly rows: number;
    readonly width: number;
  } | null;
  readonly actual: {
    readonly startup: string;
    readonly total: string;
    readonly rows: number;
    readonly loops: number;
  } | null;
  /** Per run; null when the node does not filter. */
  readonly removed: number | null;
}

export function measuresOf(node: ExplainNode, options: ExplainOptions, stats: PlanStats | null): Measures {
  const { plan } = node;
  const cost = options.costs
    ? { startup: '0.00', total: plan.cost.toFixed(2), rows: Math.round(plan.rows), width: node.width }
    : null;
  if (stats === null) return { cost, actual: null, removed: null };
  const { loops, rows, startup, total } = stats.of(plan);
  const runs = Math.max(1, loops);
  const actual = {
    startup: (startup / runs).toFixed(3),
    total: (total / runs).toFixed(3),
    rows: Math.round(rows / runs),
    loops,
  };
  return { cost, actual, removed: removedRows(node, stats) };
}

function removedRows(node: ExplainNode, stats: PlanStats): number | null {
  const { filtering } = node;
  if (filtering === null) return null;
  const own = stats.of(filtering);
  const removed = filtering.kind === 'filter' ? stats.of(filtering.input).rows - own.rows : own.removed;
  return Math.round(removed / Math.max(1, own.loops));
}
