/**
 * Index entries in no order, packed: the bytes of all keys one after the other, and a few numbers for each entry. They are
 * ordered through positions, eight bytes of the keys at a time, so that a million entries are a few dozen large objects
 * to the garbage collector, and no comparison touches more than two machine words.
 */
import { GIVE_WAY, type Task } from '../util/task.js';
import type { RowId } from './api.js';
import { ArrayGrowth } from './array-growth.js';

/** Bytes that one step of the order looks at. */
const STEP = 8;
/** Fewer entries are ordered by comparing them. */
const FEW = 1024;
/** Entries worked on between two looks at the clock. */
const SLICE = 1 << 15;
const SLICE_MS = 2;
const MIN_CAPACITY = 1 << 10;
/** Entries added between two looks at what will soon be full (a power of two). */
const LOOK = 256;
/** More entries are distributed by sixteen bits at a time. */
const MANY = 1 << 16;
const MAX_ENTRIES = 1 << 21;
const MAX_BYTES = 64 << 20;

export class PackedEntries {
  /** The keys; entry i's is from `starts[i]` to `starts[i + 1]`. */
  bytes = Buffer.allocUnsafeSlow(MIN_CAPACITY * 8);
  starts = new Uint32Array(MIN_CAPACITY + 1);
  rowIds = new Float64Array(MIN_CAPACITY);
  count = 0;
  /** Positions in the order of key and row id; after `sort`. */
  order = new Uint32Array(0);
  /** What all keys begin with. */
  private common: string | null = null;
  private high = new Uint32Array(0);
  private low = new Uint32Array(0);
  private spare = new Uint32Array(0);
  private resumed = 0;
  private readonly bytesGrowth = new ArrayGrowth((length) => Buffer.allocUnsafeSlow(length), MAX_BYTES);
  private readonly startsGrowth = new ArrayGrowth((length) => new Uint32Array(length), MAX_ENTRIES);
  private readonly rowIdsGrowth = new ArrayGrowth((length) => new Float64Array(length), MAX_ENTRIES);

  /** No more entries should be added. */
  get isFull(): boolean {
    return this.count >= MAX_ENTRIES || this.starts[this.count] >= MAX_BYTES;
  }

  add(key: string, rowId: RowId): void {
    const { count } = this;
    const start = this.starts[count];
    const { length } = key;
    if (count >= this.rowIds.length) this.growEntries();
    if (start + length > this.bytes.length) this.growBytes(start + length);
    const { bytes } = this;
    if (length > 48) bytes.write(key, start, 'latin1');
    else for (let i = 0; i < length; i++) bytes[start + i] = key.charCodeAt(i);
    this.starts[count + 1] = start + length;
    this.rowIds[count] = rowId;
    this.count = count + 1;
    if ((count & (LOOK - 1)) === 0) this.prepareGrowth();
    this.narrow(key);
  }

  private narrow(key: string): void {
    const { common } = this;
    if (common === null) this.common = key;
    else if (!key.startsWith(common)) {
      let shared = 0;
      while (common.charCodeAt(shared) === key.charCodeAt(shared)) shared++;
      this.common = common.slice(0, shared);
    }
  }

  private growEntries(): void {
    this.starts = this.startsGrowth.finish(this.starts, this.count + 1, 0);
    this.rowIds = this.rowIdsGrowth.finish(this.rowIds, this.count, 0);
  }

  private growBytes(needed: number): void {
    // Not more at once: from 64 MiB outside of its heap on, V8 stops for a full collection.
    this.bytes = this.bytesGrowth.finish(this.bytes, this.starts[this.count], needed);
  }

  /** Has what will soon be full copied to where there is more room, a little at a time. */
  private prepareGrowth(): void {
    const { count } = this;
    this.startsGrowth.prepare(this.starts, count + 1);
    this.rowIdsGrowth.prepare(this.rowIds, count);
    this.bytesGrowth.prepare(this.bytes, this.starts[count]);
  }

  /** Forgets all entries, and keeps the room. */
  clear(): void {
    this.count = 0;
    this.common = null;
    for (const growth of [this.bytesGrowth, this.startsGrowth, this.rowIdsGrowth]) growth.forget();
  }

  /** Whether the entries at these positions have the same key. */
  sameKey(a: number, b: number): boolean {
    const { bytes, starts } = this;
    return bytes.compare(bytes, starts[b], starts[b + 1], starts[a], starts[a + 1]) === 0;
  }

  *sort(): Task<void> {
    const { count } = this;
    this.order = new Uint32Array(count);
    this.spare = new Uint32Array(count);
    this.high = new Uint32Array(count);
    this.low = new Uint32Array(count);
    this.resumed = performance.now();
    for (let slice = 0; slice < count; slice += SLICE) {
      const end = Math.min(count, slice + SLICE);
      for (let i = slice; i < end; i++) this.order[i] = i;
      yield* this.pause();
    }
    yield* this.sortPart(0, count, this.common?.length ?? 0);
    this.spare = this.high = this.low = new Uint32Array(0);
  }

  private *pause(): Task<void> {
    if (performance.now() - this.resumed < SLICE_MS) return;
    yield GIVE_WAY;
    this.resumed = performance.now();
  }

  /** Orders the positions `from` to `to` - 1, whose keys are the same in their first `depth` bytes. */
  private *sortPart(from: number, to: number, depth: number): Task<void> {
    if (to - from < 2) return;
    if (to - from <= FEW) {
      this.sortFew(from, to, depth);
      yield* this.pause();
      return;
    }
    yield* this.readWords(from, to, depth);
    const bits = to - from > MANY ? 16 : 8;
    for (const words of [this.low, this.high])
      for (let shift = 0; shift < 32; shift += bits) yield* this.distribute(from, to, words, shift, bits);
    yield* this.sortGroups(from, to, depth);
  }

  /** What follows the first `depth` bytes of each key as two numbers, by entry; zeros behind the end. */
  private *readWords(from: number, to: number, depth: number): Task<void> {
    const { bytes, starts, order, high, low } = this;
    for (let slice = from; slice < to; slice += SLICE) {
      const end = Math.min(to, slice + SLICE);
      for (let i = slice; i < end; i++) {
        const entry = order[i];
        const start = starts[entry] + depth;
        const rest = starts[entry + 1] - start;
        if (rest >= STEP) {
          high[entry] = (bytes[start] << 24) | (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
          low[entry] = (bytes[start + 4] << 24) | (bytes[start + 5] << 16) | (bytes[start + 6] << 8) | bytes[start + 7];
        } else {
          high[entry] = wordOf(bytes, start, rest);
          low[entry] = wordOf(bytes, start + 4, rest - 4);
        }
      }
      yield* this.pause();
    }
  }

  /** One stable pass of a radix sort. */
  private *distribute(from: number, to: number, words: Uint32Array, shift: number, bits: number): Task<void> {
    const mask = (1 << bits) - 1;
    const places = new Uint32Array(mask + 1);
    for (let slice = from; slice < to; slice += SLICE) {
      const end = Math.min(to, slice + SLICE);
      for (let i = slice; i < end; i++) places[(words[this.order[i]] >>> shift) & mask]++;
      yield* this.pause();
    }
    // Nothing to do where all have the same digit.
    if (places[(words[this.order[from]] >>> shift) & mask] === to - from) return;
    let place = from;
    for (let digit = 0; digit <= mask; digit++) {
      const found = places[digit];
      places[digit] = place;
      place += found;
    }
    const { order, spare } = this;
    for (let slice = from; slice < to; slice += SLICE) {
      const end = Math.min(to, slice + SLICE);
      for (let i = slice; i < end; i++) {
        const entry = order[i];
        spare[places[(words[entry] >>> shift) & mask]++] = entry;
      }
      yield* this.pause();
    }
    if (from === 0 && to === this.count) {
      this.order = spare;
      this.spare = order;
    } else order.set(spare.subarray(from, to), from);
  }

  /** Orders what the words leave equal by the bytes behind them. */
  private *sortGroups(from: number, to: number, depth: number): Task<void> {
    let start = from;
    for (let i = from + 1; i <= to; i++) {
      if ((i & (SLICE - 1)) === 0) yield* this.pause();
      const { order, high, low } = this;
      const first = order[start];
      if (i < to && high[order[i]] === high[first] && low[order[i]] === low[first]) continue;
      if (i - start > 1) {
        if (this.endsWithin(start, i, depth + STEP)) this.sortRows(start, i);
        else yield* this.sortPart(start, i, depth + STEP);
      }
      start = i;
    }
  }

  /** Whether the keys, which are the same up to there, have ended. None is the beginning of another, so one tells for all. */
  private endsWithin(from: number, _to: number, depth: number): boolean {
    const entry = this.order[from];
    return this.starts[entry + 1] - this.starts[entry] <= depth;
  }

  /** Orders entries of the same key. They come in the order of their rows, as a rule. */
  private sortRows(from: number, to: number): void {
    const { order, rowIds } = this;
    for (let i = from + 1; i < to; i++) {
      if (rowIds[order[i - 1]] < rowIds[order[i]]) continue;
      order.subarray(from, to).sort((a, b) => rowIds[a] - rowIds[b]);
      return;
    }
  }

  private sortFew(from: number, to: number, depth: number): void {
    const { bytes, starts, rowIds } = this;
    const compare = (a: number, b: number): number => {
      let i = starts[a] + depth;
      let k = starts[b] + depth;
      const endA = starts[a + 1];
      const endB = starts[b + 1];
      for (; i < endA && k < endB; i++, k++) {
        const difference = bytes[i] - bytes[k];
        if (difference !== 0) return difference;
      }
      return endA - i - (endB - k) || rowIds[a] - rowIds[b];
    };
    if (to - from === 2) {
      const { order } = this;
      if (compare(order[from], order[from + 1]) <= 0) return;
      const first = order[from];
      order[from] = order[from + 1];
      order[from + 1] = first;
      return;
    }
    const entries = Array.from(this.order.subarray(from, to)).sort(compare);
    this.order.set(entries, from);
  }
}

/** Up to four bytes as a number, with zeros where there are none. */
function wordOf(bytes: Uint8Array, start: number, length: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word = word * 256 + (i < length ? bytes[start + i] : 0);
  return word;
}
