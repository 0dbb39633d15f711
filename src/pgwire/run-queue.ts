/**
 * Lets one connection run at a time. A wait that ends while another connection is running (a lock released in the
 * middle of its commit, say) puts its connection in line instead of running it inside the other's call stack.
 */

export interface Runnable {
  /** Does what can be done now. Never throws. */
  run(): void;
}

export class RunQueue {
  private running = false;
  private readonly ready: Runnable[] = [];

  /** `onBug` gets what a `run` throws all the same: it must not keep others from running. */
  constructor(private readonly onBug: (error: unknown) => void) {}

  /** Runs `work` now, or right after what is running. */
  enter(work: Runnable): void {
    if (this.running) {
      this.ready.push(work);
      return;
    }
    this.running = true;
    this.guard(work);
    // The list may grow while it is worked off.
    for (let i = 0; i < this.ready.length; i++) this.guard(this.ready[i]);
    this.ready.length = 0;
    this.running = false;
  }

  private guard(work: Runnable): void {
    try {
      work.run();
    } catch (error) {
      this.onBug(error);
    }
  }
}
