/** Lists that grow by chunks: no element is ever moved, so that no call takes long however large the list is. */
import { GIVE_WAY, type Pace, type Task } from '../util/task.js';

export type { Pace } from '../util/task.js';

/** For small work that is not to be interrupted. */
export const AT_ONCE: Pace = { overdue: () => false, giveWay: () => GIVE_WAY };

const BITS = 13;
const CHUNK = 1 << BITS;
const MASK = CHUNK - 1;
/** Room in a short list of integers. */
const FIRST = 32;

/** Of anything. */
export class ChunkedList<T> {
  private chunks: T[][] = [];
  length = 0;

  at(i: number): T {
    return this.chunks[i >>> BITS][i & MASK];
  }

  push(value: T): void {
    // A literal has no room to spare: most lists of groups are short.
    if ((this.length & MASK) === 0) this.chunks.push([value]);
    else this.chunks[this.length >>> BITS].push(value);
    this.length++;
  }

  pushAll(values: readonly T[], count: number): void {
    for (let i = 0; i < count; i++) this.push(values[i]);
  }

  /** The same elements as an array, made in slices. */
  *flat(cx: Pace): Task<T[]> {
    const { chunks } = this;
    if (chunks.length === 1) return chunks[0];
    const all = new Array<T>(this.length);
    for (let c = 0; c < chunks.length; c++) {
      if (cx.overdue()) yield cx.giveWay();
      const chunk = chunks[c];
      for (let i = 0; i < chunk.length; i++) all[c * CHUNK + i] = chunk[i];
    }
    return all;
  }

  clear(): void {
    this.chunks = [];
    this.length = 0;
  }
}

/** Of 32-bit integers. */
export class ChunkedIntegers {
  private chunks: Int32Array[] = [];
  length = 0;

  at(i: number): number {
    return this.chunks[i >>> BITS][i & MASK];
  }

  set(i: number, value: number): void {
    this.chunks[i >>> BITS][i & MASK] = value;
  }

  push(value: number): void {
    if (this.length < CHUNK) this.growFirst();
    else if ((this.length & MASK) === 0) this.chunks.push(new Int32Array(CHUNK));
    this.set(this.length++, value);
  }

  /** The first chunk of a short list is short. */
  private growFirst(): void {
    if (this.length === 0) this.chunks.push(new Int32Array(FIRST));
    const [first] = this.chunks;
    if (this.length < first.length) return;
    this.chunks[0] = new Int32Array(first.length * 2);
    this.chunks[0].set(first);
  }

  clear(): void {
    this.chunks = [];
    this.length = 0;
  }
}
