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

  /** Runs `work` now, or right after what is running. */
  enter(work: Runnable): void {
    if (this.running) {
      this.ready.push(work);
      return;
    }
    this.running = true;
    try {
      work.run();
      // The list may grow while it is worked off.
      for (let i = 0; i < this.ready.length; i++) this.ready[i].run();
    } finally {
      this.ready.length = 0;
      this.running = false;
    }
  }
}
