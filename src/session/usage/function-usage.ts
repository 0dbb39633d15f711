/**
 * Calls of functions, where track_functions wants them counted: how many, and the time with and without the functions that
 * they call. Times are milliseconds.
 */
import type { Task } from '../../util/task.js';

export class FunctionCounts {
  calls = 0;
  total = 0;
  self = 0;

  clear(): void {
    this.calls = this.total = this.self = 0;
  }

  add(other: FunctionCounts): void {
    this.calls += other.calls;
    this.total += other.total;
    this.self += other.self;
  }
}

/** The calls of a session's running transaction. */
export class FunctionUsage {
  private readonly pending = new Map<number, FunctionCounts>();
  /** Time of the calls that the one being timed has made. */
  private inside = 0;

  /** Runs a call of the function and counts it, however it ends. */
  *timed<T>(oid: number, call: Task<T>): Task<T> {
    const counts = this.countsOf(oid);
    // A function that calls itself spends its time once.
    const totalBefore = counts.total;
    const insideBefore = this.inside;
    this.inside = 0;
    const begun = performance.now();
    try {
      return yield* call;
    } finally {
      const elapsed = performance.now() - begun;
      counts.calls++;
      counts.total = totalBefore + elapsed;
      counts.self += Math.max(0, elapsed - this.inside);
      this.inside = insideBefore + elapsed;
    }
  }

  /** Null: not called. */
  find(oid: number): FunctionCounts | null {
    return this.pending.get(oid) ?? null;
  }

  /** Adds everything to `totals`, and begins anew. */
  settle(totals: Map<number, FunctionCounts>): void {
    if (this.pending.size === 0) return;
    for (const [oid, counts] of this.pending) {
      const known = totals.get(oid);
      if (known === undefined) totals.set(oid, counts);
      else known.add(counts);
    }
    this.pending.clear();
    this.inside = 0;
  }

  private countsOf(oid: number): FunctionCounts {
    let counts = this.pending.get(oid);
    if (counts === undefined) {
      counts = new FunctionCounts();
      this.pending.set(oid, counts);
    }
    return counts;
  }
}
