/**
 * When the main thread may wait for the device itself. The thread pool costs two wake-ups a write, more than half as long as a
 * fast device takes; but while the main thread waits nobody is served, so it does that only for a client that is alone, and
 * only where writes have turned out to be short.
 */
import { isLoneClient } from '../util/lone-client.js';

/** Longer writes go to the thread pool anyway: bytes. */
const MAX_BYTES = 16 * 1024;
/** A write that took longer shows that the device, or what else uses it, is too slow: milliseconds. */
const SLOW_MS = 1;
/** Writes for the thread pool after a slow one, doubled with each further one. */
const FIRST_PAUSE = 16;
const LAST_PAUSE = 4096;

export class BlockingWrites {
  private pause = FIRST_PAUSE;
  private left = 0;

  constructor(
    private readonly isAlone: () => boolean = isLoneClient,
    private readonly now: () => number = () => performance.now(),
  ) {}

  allows(bytes: number): boolean {
    if (bytes > MAX_BYTES || !this.isAlone()) return false;
    if (this.left === 0) return true;
    this.left--;
    return false;
  }

  /** Does `write`, which blocks, and remembers how long that took. */
  perform(write: () => void): void {
    const started = this.now();
    try {
      write();
    } finally {
      if (this.now() - started > SLOW_MS) {
        this.left = this.pause;
        this.pause = Math.min(LAST_PAUSE, this.pause * 2);
      } else this.pause = Math.max(FIRST_PAUSE, this.pause - 1);
    }
  }
}
