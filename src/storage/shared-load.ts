/**
 * A read from the KvStore that several tasks wait for. Changes that reach the KvStore while the read is under way may
 * be missing from what it sees, so they are kept in `flushed` and laid over the result.
 */
import { Signal, type Task, type WaitEvent } from '../util/task.js';

const DATA_FILE_READ: WaitEvent = { type: 'IO', name: 'DataFileRead' };

export class SharedLoad<Change> {
  readonly flushed: Change[] = [];
  private waiters: Signal[] | null = [];
  private failure: { readonly error: unknown } | null = null;

  /** Ends the load and wakes everybody. */
  finish(error?: unknown): void {
    if (error !== undefined) this.failure = { error };
    const waiters = this.waiters ?? [];
    this.waiters = null;
    for (const waiter of waiters) waiter.fire();
  }

  /** Waits for the end of the load; throws what it failed with. */
  *wait(): Task<void> {
    if (this.waiters !== null) {
      const signal = new Signal(DATA_FILE_READ);
      this.waiters.push(signal);
      yield signal;
    }
    if (this.failure !== null) throw this.failure.error;
  }
}
