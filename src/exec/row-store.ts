/**
 * Rows kept in memory for several readers: the results of CTEs, the rounds of a recursive query, inner sides of
 * nested loops. Filled by whoever reads furthest.
 */
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { ExecContext, Resettable } from './exec-context.js';
import { HeldMemory } from './held-memory.js';
import type { Operator } from './operator.js';
import { batchBytes } from './value-size.js';

export class RowStore implements Resettable {
  rows: Row[] = [];
  private source: Operator | null = null;
  private opened = false;
  /** Grows whenever the contents are replaced. */
  generation = 0;
  private exhausted = false;
  private pulling = false;

  private readonly memory: HeldMemory;

  constructor(cx: ExecContext) {
    this.memory = new HeldMemory(cx);
  }

  /** Rows come from `source`, as far as somebody reads. */
  feedFrom(source: Operator): void {
    this.source = source;
  }

  reset(): void {
    this.close();
    this.memory.release();
    this.rows = [];
    this.generation++;
    this.exhausted = false;
  }

  close(): void {
    if (this.opened) this.source?.close();
    this.opened = false;
    this.pulling = false;
  }

  /** Replaces the contents (work tables). */
  fill(rows: Row[]): void {
    this.rows = rows;
    this.generation++;
  }

  /** Makes row `position` available. False when there is no such row. */
  *reach(position: number): Task<boolean> {
    while (position >= this.rows.length) {
      if (this.exhausted || this.source === null) return false;
      yield* this.pull(this.source);
    }
    return true;
  }

  private *pull(source: Operator): Task<void> {
    if (this.pulling) throw new Error('a query reads its own unfinished result');
    if (!this.opened) {
      source.open();
      this.opened = true;
    }
    this.pulling = true;
    const batch = yield* source.next();
    this.pulling = false;
    if (batch === null) {
      this.exhausted = true;
      this.close();
      return;
    }
    for (let i = 0; i < batch.length; i++) this.rows.push(batch.rows[i]);
    this.memory.add(batchBytes(batch));
  }

  /** Runs the source to its end (data-modifying CTEs that nobody reads). */
  *drain(): Task<void> {
    while (yield* this.reach(this.rows.length));
  }
}
