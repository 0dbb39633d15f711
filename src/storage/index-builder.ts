/**
 * Fills an index that its transaction has just made: entries are gathered packed, ordered, and stored as blocks in their
 * order, a leaf each. Nothing is looked up, and no object is made for an entry. More entries than fit into one run are
 * kept as ordered blocks, run by run, and merged.
 */
import { type BlockEntries, decodeEntries, type EntryBlock, EntryBlockWriter } from '../encoding/entry-codec.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { IndexBuilder, RowId } from './api.js';
import type { StoreIndex } from './index.js';
import { PackedEntries } from './packed-entries.js';
import { Spill } from './spill.js';
import type { StoreTransaction } from './transaction.js';

/** Fewer entries are inserted one by one. */
const FEW = 512;
/** Blocks that are logged and stored together: about a millisecond of work. */
const PART_BLOCKS = 16;

type WhenEqual = ((first: RowId, second: RowId) => Task<void>) | null;

export class StoreIndexBuilder implements IndexBuilder {
  private readonly packed = new PackedEntries();
  private readonly runs: Buffer[][] = [];
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
    const run: Buffer[] = [];
    yield* this.writeSorted(null, (block) => {
      run.push(block.bytes);
      return false;
    });
    this.runs.push(run);
    this.packed.clear();
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
    const sources = this.runs.map((run) => new RunReader(run)).filter((source) => source.next());
    const scratch = [Buffer.alloc(0), Buffer.alloc(0)];
    let turn = 0;
    let last: RunReader['current'] | null = null;
    let isRepeated = false;
    while (sources.length > 0) {
      const source = lowest(sources);
      const { key, rowId } = source.current;
      if (whenEqual !== null && last !== null) {
        const isEqual = last.key === key;
        if (isEqual && !isRepeated) yield* whenEqual(last.rowId, rowId);
        isRepeated = isEqual;
      }
      last = source.current;
      turn = 1 - turn;
      if (scratch[turn].length < key.length) scratch[turn] = Buffer.allocUnsafeSlow(key.length * 2);
      writer.add(scratch[turn], 0, scratch[turn].write(key, 'latin1'), rowId);
      if (!source.next()) sources.splice(sources.indexOf(source), 1);
      if (!writer.isFull) continue;
      if (put(writer.finish())) yield* this.storeBlocks();
      else yield GIVE_WAY;
    }
    if (writer.count > 0) put(writer.finish());
  }
}

/** Goes through the entries of a run. */
class RunReader {
  current = { key: '', rowId: 0 };
  private entries: BlockEntries = { keys: [], rowIds: [] };
  private at = 0;
  private block = 0;

  constructor(private readonly run: (Buffer | null)[]) {}

  /** False at the end. */
  next(): boolean {
    if (this.at === this.entries.keys.length) {
      const block = this.run[this.block];
      if (block === undefined || block === null) return false;
      this.run[this.block++] = null;
      this.entries = decodeEntries(block);
      this.at = 0;
    }
    this.current = { key: this.entries.keys[this.at], rowId: this.entries.rowIds[this.at] };
    this.at++;
    return true;
  }
}

function lowest(sources: readonly RunReader[]): RunReader {
  let found = sources[0];
  for (let i = 1; i < sources.length; i++) {
    const { key, rowId } = sources[i].current;
    if (key < found.current.key || (key === found.current.key && rowId < found.current.rowId)) found = sources[i];
  }
  return found;
}
