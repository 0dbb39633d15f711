/**
 * An ordered map of byte strings: the materialised state of the database. It is written behind the write-ahead
 * log, so nothing here has to be durable except a batch written with `sync`.
 *
 * Keys and values are Buffers; keys order as unsigned bytes.
 */

export type KvOperation =
  | { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: Buffer };

export interface KvRange {
  /** Inclusive lower bound. */
  readonly gte: Buffer;
  /** Exclusive upper bound. */
  readonly lt: Buffer;
  readonly reverse?: boolean;
  /** At most this many entries. */
  readonly limit?: number;
}

/** What reading in the background needs. */
export type KvReads = Pick<KvStore, 'range'>;

export interface KvStore {
  /** The newest value, or undefined. Synchronous: a few microseconds; so not for a store that `resume` may be opening anew. */
  getSync(key: Buffer): Buffer | undefined;
  /** Entries in order (descending when `reverse`), as of one point in time during the call. */
  range(range: KvRange): Promise<[key: Buffer, value: Buffer][]>;
  /** Entries in order, chunk by chunk, over one implicit snapshot taken at the first chunk. For start-up and exports. */
  scan(range: KvRange, chunk?: number): AsyncIterable<[key: Buffer, value: Buffer][]>;
  /**
   * Applies all operations, or none. `sync` waits until they, and all before them, survive power loss.
   * @throws KvError of kind 'full' or 'crowded' when space or descriptors were missing: nothing is lost, and `resume` is to be called before the next write
   */
  write(operations: readonly KvOperation[], options?: { readonly sync?: boolean }): Promise<void>;
  /** Removes every key from `gte` to `lt` (exclusive). */
  clear(range: { readonly gte: Buffer; readonly lt: Buffer }): Promise<void>;
  /** Roughly how many bytes the range takes on disk. */
  approximateSize(gte: Buffer, lt: Buffer): Promise<number>;
  /** After a write that failed for such a reason: true when the store takes writes again, false while it does not. */
  resume(): Promise<boolean>;
  /** No `resume` will follow one that gave false: who waits for the store meanwhile fails. */
  giveUp(): void;
  close(): Promise<void>;
}
