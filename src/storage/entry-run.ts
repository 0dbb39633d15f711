/**
 * Index entries in order, in a temporary file, as blocks of up to 256. Those of a run that is looked up have marks: what
 * its maker wants to know of them. In memory are the beginnings of the blocks and, for such a run, a filter of the keys.
 */
import { type BlockEntries, decodeEntries, EntryBlockWriter } from '../encoding/entry-codec.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { RowId } from './api.js';
import { entryBefore } from './index-leaf.js';
import { KeyFilter } from './key-filter.js';
import type { PackedEntries } from './packed-entries.js';
import type { EntrySource } from './source-heap.js';
import type { IndexPosition } from './storage-reader.js';

/** Marks are less. */
const MARKS = 4;
/** Bytes written in one go. */
const WRITE_BYTES = 256 << 10;
/** Entries that are put into blocks before the event loop gets a turn. */
const ENTRIES_AT_ONCE = 4096;

const NO_ENTRIES: BlockEntries = { keys: [], rowIds: [] };

/** What is packed in place of a row id. */
export function marked(rowId: RowId, mark: number): number {
  return rowId * MARKS + mark;
}

/** The row id of what `marked` has given. */
export function rowOfMarked(value: number): RowId {
  return Math.floor(value / MARKS);
}

/** Where runs are. */
export interface RunFile {
  /** Returns where the bytes begin. @throws SqlError 53100 or 58030 */
  append(bytes: Buffer): Task<number>;
  read(position: number, length: number): Buffer;
}

interface RunBlock {
  readonly lowKey: string;
  readonly lowRow: RowId;
  /** The number of entries before it. */
  readonly first: number;
  position: number;
  readonly length: number;
}

export class EntryRun {
  private readonly blocks: RunBlock[] = [];
  count = 0;
  /** The block that was looked at last. */
  private known = -1;
  private entries = NO_ENTRIES;

  private constructor(
    private readonly file: RunFile,
    /** Null: the run is only gone through, and has row ids without marks. */
    private readonly filter: KeyFilter | null,
  ) {}

  /** Orders the entries and writes them. `isLookedUp`: their row ids are `marked`. @throws SqlError 53100 or 58030 */
  static *write(packed: PackedEntries, file: RunFile, isLookedUp: boolean): Task<EntryRun> {
    yield* packed.sort();
    const { order, bytes, starts, rowIds, count } = packed;
    const run = new EntryRun(file, isLookedUp ? new KeyFilter(count) : null);
    const writer = new EntryBlockWriter();
    let unwritten: Buffer[] = [];
    let size = 0;
    for (let i = 0, first = 0; i < count; i++) {
      const entry = order[i];
      writer.add(bytes, starts[entry], starts[entry + 1], rowIds[entry]);
      run.filter?.add(bytes, starts[entry], starts[entry + 1]);
      if (i % ENTRIES_AT_ONCE === 0) yield GIVE_WAY;
      if (!writer.isFull && i < count - 1) continue;
      const block = writer.finish().bytes;
      const low = order[first];
      const lowKey = bytes.toString('latin1', starts[low], starts[low + 1]);
      run.blocks.push({ lowKey, lowRow: run.rowOf(rowIds[low]), first, position: size, length: block.length });
      first = i + 1;
      unwritten.push(block);
      size += block.length;
      if (size < WRITE_BYTES && i < count - 1) continue;
      yield* run.append(unwritten);
      unwritten = [];
      size = 0;
    }
    run.count = count;
    return run;
  }

  private *append(unwritten: readonly Buffer[]): Task<void> {
    const position = yield* this.file.append(Buffer.concat(unwritten));
    for (const block of this.blocks.slice(this.blocks.length - unwritten.length)) block.position += position;
  }

  mayHave(key: string): boolean {
    return this.filter === null || this.filter.mayHave(key);
  }

  has(key: string): boolean {
    if (!this.mayHave(key)) return false;
    const at = this.seek(key, 0);
    return at < this.count && this.keyAt(at) === key;
  }

  /** The mark of an entry; -1 when it is not there. */
  markOf(key: string, rowId: RowId): number {
    if (!this.mayHave(key)) return -1;
    const at = this.seek(key, rowId);
    if (at === this.count || this.keyAt(at) !== key) return -1;
    const value = this.valueAt(at);
    return this.rowOf(value) === rowId ? value % MARKS : -1;
  }

  /** How many entries are before the position. */
  before({ key, rowId }: IndexPosition): number {
    return key === null ? this.count : this.seek(key, rowId);
  }

  private seek(key: string, rowId: RowId): number {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entryBefore(key, rowId, blocks[middle].lowKey, blocks[middle].lowRow)) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return 0;
    this.open(low - 1);
    const { keys, rowIds } = this.entries;
    const { first } = blocks[low - 1];
    low = 0;
    high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entryBefore(keys[middle], this.rowOf(rowIds[middle]), key, rowId)) low = middle + 1;
      else high = middle;
    }
    return first + low;
  }

  private keyAt(at: number): string {
    this.openFor(at);
    return this.entries.keys[at - this.blocks[this.known].first];
  }

  private valueAt(at: number): number {
    this.openFor(at);
    return this.entries.rowIds[at - this.blocks[this.known].first];
  }

  /** Where the entry with this number is. */
  positionOf(at: number): { readonly key: string; readonly rowId: RowId } {
    return { key: this.keyAt(at), rowId: this.rowOf(this.valueAt(at)) };
  }

  private openFor(at: number): void {
    const { blocks } = this;
    const next = this.known + 1;
    if (this.known >= 0 && blocks[this.known].first <= at && (next === blocks.length || at < blocks[next].first))
      return;
    let low = 0;
    let high = blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (blocks[middle].first <= at) low = middle;
      else high = middle;
    }
    this.open(low);
  }

  private open(number: number): void {
    if (this.known === number) return;
    this.entries = this.read(number);
    this.known = number;
  }

  private read(number: number): BlockEntries {
    const { position, length } = this.blocks[number];
    return decodeEntries(this.file.read(position, length));
  }

  /** Goes through all entries. `rank`: orders the same entry of several runs. */
  reader(rank: number): EntryRunReader {
    const read = (number: number): BlockEntries | null => (number < this.blocks.length ? this.read(number) : null);
    return new EntryRunReader(read, rank, this.filter === null ? 1 : MARKS);
  }

  private rowOf(value: number): RowId {
    return this.filter === null ? value : rowOfMarked(value);
  }
}

export class EntryRunReader implements EntrySource {
  key = '';
  rowId: RowId = 0;
  mark = 0;
  private entries = NO_ENTRIES;
  private at = 0;
  private block = 0;

  constructor(
    private readonly read: (block: number) => BlockEntries | null,
    readonly rank: number,
    private readonly marks: number,
  ) {}

  next(): boolean {
    if (this.at === this.entries.keys.length) {
      const entries = this.read(this.block);
      if (entries === null) return false;
      this.entries = entries;
      this.block++;
      this.at = 0;
    }
    this.key = this.entries.keys[this.at];
    const value = this.entries.rowIds[this.at];
    this.mark = value % this.marks;
    this.rowId = (value - this.mark) / this.marks;
    this.at++;
    return true;
  }
}
