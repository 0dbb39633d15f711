/** Measures operators under EXPLAIN ANALYZE by standing between them: rows, runs, and time in their calls. */
import type { ColumnId } from '../../sql/plan/expression.js';
import type { PlanNode } from '../../sql/plan/plan-node.js';
import type { Task } from '../../util/task.js';
import type { Instrument } from '../instantiate.js';
import type { KeyFilter } from '../key-filter.js';
import { type Batch, Operator } from '../operator.js';

/** Totals over all runs; times in milliseconds. */
export interface NodeStats {
  loops: number;
  rows: number;
  startup: number;
  total: number;
  /** Rows that a filter inside the operator has dropped. */
  removed: number;
}

export class PlanStats {
  private readonly byNode = new Map<PlanNode, NodeStats>();

  of(node: PlanNode): NodeStats {
    let stats = this.byNode.get(node);
    if (stats === undefined) {
      stats = { loops: 0, rows: 0, startup: 0, total: 0, removed: 0 };
      this.byNode.set(node, stats);
    }
    return stats;
  }

  /** To be given to `instantiator`. */
  readonly instrument: Instrument = (node, operator) => new InstrumentedOperator(operator, this.of(node));
}

class InstrumentedOperator extends Operator {
  private elapsed = 0;
  private started = false;

  constructor(
    private readonly inner: Operator,
    private readonly stats: NodeStats,
  ) {
    super(inner.columns);
  }

  open(): void {
    this.stats.loops++;
    this.elapsed = 0;
    this.started = false;
    const before = performance.now();
    this.inner.open();
    this.spent(before);
  }

  next(): Task<Batch | null> {
    return this.measured(this.inner.next());
  }

  override nextColumns(): Task<Batch | null> {
    return this.measured(this.inner.nextColumns());
  }

  /** Time in which the task waits is not counted, only its own steps. */
  private *measured(task: Task<Batch | null>): Task<Batch | null> {
    for (;;) {
      const before = performance.now();
      const state = task.next();
      this.spent(before);
      if (state.done !== true) {
        yield state.value;
        continue;
      }
      this.took(state.value);
      return state.value;
    }
  }

  override restrict(column: ColumnId, keys: KeyFilter): void {
    this.inner.restrict(column, keys);
  }

  override boundedBytes(column: ColumnId): number | null {
    return this.inner.boundedBytes(column);
  }

  private spent(before: number): void {
    const spent = performance.now() - before;
    this.elapsed += spent;
    this.stats.total += spent;
  }

  private took(batch: Batch | null): void {
    if (!this.started) this.stats.startup += this.elapsed;
    this.started = true;
    if (batch !== null) this.stats.rows += batch.length;
    this.stats.removed = this.inner.rowsRemoved;
  }

  close(): void {
    this.inner.close();
  }

  override get rowsAffected(): number {
    return this.inner.rowsAffected;
  }
}
