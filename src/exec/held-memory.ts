/**
 * What one operator (or subplan, or aggregate) holds of the query's memory budget. Given back when its rows are let
 * go of, so that an inner plan that runs a million times is charged for one run only.
 */
import type { ExecContext } from './exec-context.js';

export class HeldMemory {
  private bytes = 0;
  private execution = 0;

  constructor(private readonly cx: ExecContext) {}

  /** @throws SqlError 53200 */
  add(bytes: number): void {
    const { cx } = this;
    if (this.execution !== cx.execution) {
      // What an earlier execution held was given back at its end.
      this.execution = cx.execution;
      this.bytes = 0;
    }
    cx.reserve(bytes);
    this.bytes += bytes;
  }

  release(): void {
    if (this.bytes > 0 && this.execution === this.cx.execution) this.cx.reserve(-this.bytes);
    this.bytes = 0;
  }
}
