/** The blocks of an index that was built as a whole: whether there are any, and those that the KvStore does not have yet. */
import type { StorageId } from './api.js';
import type { StorageReader } from './storage-reader.js';

export class IndexBlocks {
  private unwritten: Buffer[] = [];
  private next = 0;
  /** Some have been taken that may not be written yet. */
  private isWriting = false;
  private known: boolean | null;

  constructor(
    private readonly id: StorageId,
    private readonly reader: StorageReader | null,
    empty: boolean,
  ) {
    this.known = empty || reader === null ? false : null;
  }

  /** Whether entries may be in blocks. */
  get any(): boolean {
    this.known ??= this.reader?.hasBlocks(this.id) ?? false;
    return this.known;
  }

  /** Some are in memory only. */
  get areUnwritten(): boolean {
    return this.next < this.unwritten.length || this.isWriting;
  }

  add(block: Buffer): void {
    this.known = true;
    this.unwritten.push(block);
  }

  /** The next one that is to be written now; null when there is none. */
  take(): Buffer | null {
    if (this.next === this.unwritten.length) {
      this.discard();
      return null;
    }
    this.isWriting = true;
    return this.unwritten[this.next++];
  }

  /** All that were taken are in the KvStore. */
  written(): void {
    this.isWriting = false;
  }

  discard(): void {
    this.unwritten = [];
    this.next = 0;
  }
}
