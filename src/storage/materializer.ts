/**
 * What the engine asks of the part that brings committed changes into the KvStore (write-behind.ts).
 */
import type { Shortage } from '../util/shortage.js';
import type { Task } from '../util/task.js';
import type { StorageId } from './api.js';

export interface Materializer {
  /** Removes everything of dropped storages, in the background. */
  clear(ids: readonly StorageId[]): void;
  /** What the KvStore waits for: no commit should be begun. Null: all is well. */
  readonly shortage: Shortage | null;
  /** The log has advanced on disk. Called often. */
  progress(): void;
  /** Waits while too much is pending; `early`: much. */
  throttle(early: boolean): Task<void>;
  /** Brings everything there is now into the KvStore. */
  settle(): Promise<void>;
  checkpoint(): Promise<void>;
  /** The log has failed: nothing may reach the KvStore any more. */
  fail(error: Error): void;
  /** From now on a shortage is a fault: nobody is left who could wait. */
  stopWaiting(): void;
  /** `clean`: with a last checkpoint, unless a shortage prevents it. */
  close(clean: boolean): Promise<void>;
}
