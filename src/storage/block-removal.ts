/**
 * Takes entries out of blocks in the KvStore. A block that loses many is written anew without them, or goes; of a few it is said in
 * records of their own that they do not count. What is prepared here becomes part of the batch that is being gathered, which
 * later blocks are to be read through.
 */
import { type BlockEntries, decodeEntries, EntryBlockWriter } from '../encoding/entry-codec.js';
import type { KvOperation, KvReads } from '../kv/kv-store.js';
import type { StorageId } from './api.js';
import { earlier } from './entry-position.js';
import { type EntryReader, EntrySet } from './entry-reader.js';
import type { EntryChange } from './index-leaf.js';
import type { IndexPosition } from './storage-reader.js';
import type { StoredForm } from './stored-form.js';

/** From so many lost entries on a block is written anew. */
const REWRITE_FROM = 16;
const BLOCKS_AT_ONCE = 4;
const LEAST_SUFFIX = Buffer.from([0]);
/** Single records looked at; where there are more, each entry is taken to have one. */
const SINGLES = 4096;

/** What a removed entry is in the KvStore, by its position among the changes. */
export const IN_NO_BLOCK = 0;
export const IN_BLOCK = 1;
/** It was in a block that is written without it, and has no record of its own. */
export const TAKEN_OUT = 2;

export class BlockRemoval {
  /** Blocks as the batch leaves them, by their keys; null: they go. */
  private readonly rewritten = new Map<string, BlockEntries | null>();
  private readonly writer = new EntryBlockWriter();

  constructor(
    private readonly kv: KvReads,
    private readonly form: StoredForm,
    private readonly entries: EntryReader,
  ) {}

  /** The batch is written. */
  clear(): void {
    this.rewritten.clear();
  }

  /** Gives `add` the blocks that are written anew; returns what the removed entries are then. REQUIRES: all blocks are in the KvStore. */
  async prepare(
    id: StorageId,
    changes: readonly EntryChange[],
    add: (operation: KvOperation) => void,
  ): Promise<Uint8Array> {
    const states = new Uint8Array(changes.length);
    const removed = changes.flatMap((change, i) => (change.put ? [] : i));
    removed.sort((a, b) => (earlier(changes[a], changes[b]) ? -1 : earlier(changes[b], changes[a]) ? 1 : a - b));
    if (removed.length === 0) return states;
    const low = changes[removed[0]];
    const last = changes[removed[removed.length - 1]];
    const after: IndexPosition = { key: last.key, rowId: last.rowId + 1 };
    await this.visit(id, changes, removed, add, states);
    if (states.includes(TAKEN_OUT)) await this.keepSingles(id, low, after, changes, states);
    return states;
  }

  /** Looks at the blocks that hold removed entries, and at no others unless neighbours lose many. */
  private async visit(
    id: StorageId,
    changes: readonly EntryChange[],
    removed: readonly number[],
    add: (operation: KvOperation) => void,
    states: Uint8Array,
  ): Promise<void> {
    const { kv, form } = this;
    const { gte } = form.entryBlockRange(id);
    const keyBehind = (i: number): Buffer => {
      const { key, rowId } = changes[removed[i]];
      return form.entryBlockKey(id, key, rowId + 1);
    };
    const lt = keyBehind(removed.length - 1);
    /** The block that was looked at last. */
    let seen: Buffer | null = null;
    let isDense = false;
    for (let next = 0; next < removed.length; ) {
      const behind: Buffer = seen === null ? gte : Buffer.concat([seen, LEAST_SUFFIX]);
      const found: [Buffer, Buffer][] = isDense
        ? await kv.range({ gte: behind, lt, limit: BLOCKS_AT_ONCE })
        : await kv.range({ gte, lt: keyBehind(next), limit: 1, reverse: true });
      const isNew: boolean = found.length > 0 && (seen === null || !found[0][0].equals(seen));
      if (isNew) {
        isDense = false;
        for (const [key, block] of this.decoded(found)) {
          const lost = lostEntries(block, changes, removed, next);
          next = lost.next;
          isDense = lost.positions.length >= REWRITE_FROM;
          for (const i of lost.changes) states[i] = isDense ? TAKEN_OUT : IN_BLOCK;
          if (isDense) add(this.without(key, block, lost.positions));
        }
        seen = found[found.length - 1][0];
        continue;
      }
      // The next entry is behind the last block that begins before it: nothing is in a block until another begins.
      const [following] = isDense ? [] : await kv.range({ gte: behind, lt, limit: 1 });
      if (following === undefined) return;
      const start = form.entryBlockStart(following[0]);
      while (next < removed.length && earlier(changes[removed[next]], start)) next++;
    }
  }

  private *decoded(found: readonly [key: Buffer, value: Buffer][]): Iterable<[key: Buffer, block: BlockEntries]> {
    for (const [key, bytes] of found) {
      const known = this.rewritten.get(key.toString('latin1'));
      if (known !== null) yield [key, known ?? decodeEntries(bytes)];
    }
  }

  /** The block without the entries at the positions, which are in order. */
  private without(key: Buffer, { keys, rowIds }: BlockEntries, lost: readonly number[]): KvOperation {
    const left: BlockEntries = { keys: [], rowIds: [] };
    let next = 0;
    for (let i = 0; i < keys.length; i++) {
      if (i === lost[next]) {
        next++;
        continue;
      }
      left.keys.push(keys[i]);
      left.rowIds.push(rowIds[i]);
      const bytes = Buffer.from(keys[i], 'latin1');
      this.writer.add(bytes, 0, bytes.length, rowIds[i]);
    }
    const isEmpty = left.keys.length === 0;
    this.rewritten.set(key.toString('latin1'), isEmpty ? null : left);
    return isEmpty ? { type: 'del', key } : { type: 'put', key, value: this.writer.finish().bytes };
  }

  /** Those that have a record of their own lose it as if they were in no block. */
  private async keepSingles(
    id: StorageId,
    low: IndexPosition,
    high: IndexPosition,
    changes: readonly EntryChange[],
    states: Uint8Array,
  ): Promise<void> {
    const singles = await this.entries.singles(id, low, high, SINGLES, false);
    if (singles.length === 0) return;
    const known = new EntrySet();
    for (const { key, rowId } of singles) known.add(key, rowId);
    changes.forEach(({ key, rowId }, i) => {
      if (states[i] === TAKEN_OUT && (singles.length === SINGLES || known.has(key, rowId))) states[i] = IN_NO_BLOCK;
    });
  }
}

/** Which entries of a block are removed: their positions in it, the changes that say so, and the first one behind the block. */
function lostEntries(block: BlockEntries, changes: readonly EntryChange[], removed: readonly number[], from: number) {
  const positions: number[] = [];
  const found: number[] = [];
  let next = from;
  for (let i = 0; i < block.keys.length && next < removed.length; i++) {
    const entry = { key: block.keys[i], rowId: block.rowIds[i] };
    while (next < removed.length && earlier(changes[removed[next]], entry)) next++;
    const first = next;
    while (next < removed.length && !earlier(entry, changes[removed[next]])) found.push(removed[next++]);
    if (next > first) positions.push(i);
  }
  return { positions, changes: found, next };
}
