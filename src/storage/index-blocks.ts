/** The blocks of an index: whether there are any, up to where, and those that the KvStore does not have yet. */
import { type EntryBlock, firstEntry } from '../encoding/entry-codec.js';
import type { RowId, StorageId } from './api.js';
import type { StorageReader } from './storage-reader.js';

/** A block under its first entry; no bytes: it is removed. */
export interface BlockChange {
  readonly key: string;
  readonly rowId: RowId;
  readonly bytes: Buffer | null;
}

export class IndexBlocks {
  private unwritten: BlockChange[] = [];
  private next = 0;
  /** Some have been taken that may not be written yet. */
  private isWriting = false;
  /** As `StorageReader.endOfBlocks`; undefined: nobody has looked. */
  private known: string | null | undefined;

  constructor(
    private readonly id: StorageId,
    private readonly reader: StorageReader | null,
    empty: boolean,
  ) {
    this.known = empty || reader === null ? null : undefined;
  }

  /** No block reaches beyond the key; '': that is not known, null: there are no blocks. */
  get end(): string | null {
    if (this.known === undefined) this.known = this.reader?.endOfBlocks(this.id) ?? null;
    return this.known;
  }

  /** Whether entries may be in blocks. */
  get any(): boolean {
    return this.end !== null;
  }

  /** Some are to be written. */
  get areWaiting(): boolean {
    return this.next < this.unwritten.length;
  }

  /** Some are in memory only. */
  get areUnwritten(): boolean {
    return this.areWaiting || this.isWriting;
  }

  /** REQUIRES: it overlaps with no other. */
  add(block: EntryBlock): void {
    const { end } = this;
    if (end === null || (end !== '' && block.lastKey > end)) this.known = block.lastKey;
    const { bytes } = block;
    this.unwritten.push({ ...firstEntry(bytes), bytes });
  }

  /** Removes a block. Whoever loads its entries before that is done is to lay over them that they are removed. */
  remove(block: Buffer): void {
    this.unwritten.push({ ...firstEntry(block), bytes: null });
  }

  /** The next change that is to be written now; null when there is none. */
  take(): BlockChange | null {
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
