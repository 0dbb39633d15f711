/** Faults that stop an engine, or a piece of background work, but come from a lack of space or of descriptors only. */
import { SqlError } from '../errors/sql-error.js';
import { KvError } from '../kv/kv-error.js';
import { shortageOf } from '../util/shortage.js';

const RETRY_MS = 300;

/** Whether nothing was lost: what could not be written is in the log, or nobody was told that it was done. */
export function isShortage(error: unknown): boolean {
  if (error instanceof KvError) return error.kind === 'full' || error.kind === 'crowded';
  return error instanceof Error && (shortageOf(error) !== null || isShortage(error.cause));
}

/** Said when such a fault meets an engine that is being closed. */
export function stoppedShort(error: Error): string {
  return `${error.message}. Stopped without a checkpoint: the next start recovers from the log, and needs space`;
}

/**
 * Does background work that reads, again after a while when no descriptor was there to read with. `isOver`: nobody waits
 * for it any more. REQUIRES: `work` can be repeated. @throws other faults, and that one when it is over
 */
export async function outlastCrowding<T>(work: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SqlError) || error.condition !== 'insufficient_resources' || isOver()) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
