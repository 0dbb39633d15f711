/** Lists that grow by chunks: no element is ever moved, so that no call takes long however large the list is. */

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
    if ((this.length & MASK) === 0) this.chunks.push([]);
    this.chunks[this.length++ >>> BITS].push(value);
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
