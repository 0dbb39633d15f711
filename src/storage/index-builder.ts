/**
 * Fills an index that its transaction has just made: entries are gathered packed, ordered, and stored as blocks in their
 * order, a leaf each. Nothing is looked up, and no object is made for an entry. More entries than fit into one run go to a
 * temporary file, run by run, and are merged.
 */
import { decodeEntries, type EntryBlock, EntryBlockWriter } from '../encoding/entry-codec.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { IndexBuilder, RowId } from './api.js';
import { EntryRun, type RunFile } from './entry-run.js';
import type { StoreIndex } from './index.js';
import { PackedEntries } from './packed-entries.js';
import { SourceHeap } from './source-heap.js';
import { Spill } from './spill.js';
import type { StoreTransaction } from './transaction.js';

/** Fewer entries are inserted one by one. */
const FEW = 512;
/** Blocks that are logged and stored together: about a millisecond of work. */
const PART_BLOCKS = 16;

type WhenEqual = ((first: RowId, second: RowId) => Task<void>) | null;

export class StoreIndexBuilder implements IndexBuilder {
  private readonly packed = new PackedEntries();
  private readonly runs: EntryRun[] = [];
  private file: RunFile | null = null;
  private readonly writer = new EntryBlockWriter();
  private blocks: EntryBlock[] = [];

  constructor(
    private readonly index: StoreIndex,
    private readonly transaction: StoreTransaction,
  ) {}

  get isFull(): boolean {
    return this.packed.isFull;
  }

  add(key: string, rowId: RowId): void {
    this.packed.add(key, rowId);
  }

  *endRun(): Task<void> {
    this.file ??= this.makeFile();
    this.runs.push(yield* EntryRun.write(this.packed, this.file, false));
    this.packed.clear();
  }

  private makeFile(): RunFile {
    const { engine } = this.transaction;
    if (engine.materializer === null) return new MemoryFile();
    const file = engine.temporaryFiles.make();
    this.transaction.onEnd(() => file.close());
    return file;
  }

  *finish(whenEqual: WhenEqual): Task<void> {
    const isLarge = this.runs.length > 0 || this.packed.count > FEW;
    if (!isLarge || this.transaction.engine.materializer === null) yield* this.insertAll(whenEqual);
    else if (this.runs.length === 0) yield* this.writeSorted(whenEqual, this.collect);
    else {
      yield* this.endRun();
      yield* this.merge(whenEqual);
    }
    yield* this.storeBlocks();
  }

  private readonly collect = (block: EntryBlock): boolean => {
    this.blocks.push(block);
    return this.blocks.length >= PART_BLOCKS;
  };

  /** Orders what is packed and gives it to `put` block by block; true from there: store what has come together. */
  private *writeSorted(whenEqual: WhenEqual, put: (block: EntryBlock) => boolean): Task<void> {
    const { packed, writer } = this;
    yield* packed.sort();
    const { order, bytes, starts, rowIds, count } = packed;
    let isRepeated = false;
    for (let i = 0; i < count; i++) {
      const entry = order[i];
      if (whenEqual !== null && i > 0) {
        const isEqual = packed.sameKey(order[i - 1], entry);
        if (isEqual && !isRepeated) yield* whenEqual(rowIds[order[i - 1]], rowIds[entry]);
        isRepeated = isEqual;
      }
      writer.add(bytes, starts[entry], starts[entry + 1], rowIds[entry]);
      if (!writer.isFull) continue;
      if (put(writer.finish())) yield* this.storeBlocks();
      else if ((i & 0x3fff) < 0x100) yield GIVE_WAY;
    }
    if (writer.count > 0) put(writer.finish());
  }

  private *storeBlocks(): Task<void> {
    if (this.blocks.length === 0) return;
    const { transaction } = this;
    transaction.spilled ??= new Spill(transaction);
    const { blocks } = this;
    this.blocks = [];
    yield* transaction.spilled.storeBlocks(this.index, blocks);
  }

  private *insertAll(whenEqual: WhenEqual): Task<void> {
    const put = (block: EntryBlock): boolean => {
      const { keys, rowIds } = decodeEntries(block.bytes);
      for (let i = 0; i < keys.length; i++) this.index.insert(this.transaction, keys[i], rowIds[i], true);
      return false;
    };
    if (this.runs.length === 0) yield* this.writeSorted(whenEqual, put);
    else {
      yield* this.endRun();
      yield* this.merge(whenEqual, put);
    }
  }

  private *merge(whenEqual: WhenEqual, put: (block: EntryBlock) => boolean = this.collect): Task<void> {
    const { writer } = this;
    const heap = new SourceHeap(this.runs.map((run, i) => run.reader(i)));
    const scratch = [Buffer.alloc(0), Buffer.alloc(0)];
    let turn = 0;
    let last: { readonly key: string; readonly rowId: RowId } | null = null;
    let isRepeated = false;
    for (let source = heap.first; source !== undefined; source = heap.first) {
      const { key, rowId } = source;
      if (whenEqual !== null && last !== null) {
        const isEqual = last.key === key;
        if (isEqual && !isRepeated) yield* whenEqual(last.rowId, rowId);
        isRepeated = isEqual;
      }
      last = { key, rowId };
      turn = 1 - turn;
      if (scratch[turn].length < key.length) scratch[turn] = Buffer.allocUnsafeSlow(key.length * 2);
      writer.add(scratch[turn], 0, scratch[turn].write(key, 'latin1'), rowId);
      heap.advance();
      if (!writer.isFull) continue;
      if (put(writer.finish())) yield* this.storeBlocks();
      else yield GIVE_WAY;
    }
    if (writer.count > 0) put(writer.finish());
  }
}

/** For a store without files. */
class MemoryFile implements RunFile {
  private readonly parts: { readonly start: number; readonly bytes: Buffer }[] = [];
  private end = 0;

  *append(bytes: Buffer): Task<number> {
    const start = this.end;
    this.parts.push({ start, bytes });
    this.end += bytes.length;
    return start;
  }

  read(position: number, length: number): Buffer {
    let low = 0;
    for (let high = this.parts.length; high - low > 1; ) {
      const middle = (low + high) >>> 1;
      if (this.parts[middle].start <= position) low = middle;
      else high = middle;
    }
    const { start, bytes } = this.parts[low];
    return bytes.subarray(position - start, position - start + length);
  }
}
