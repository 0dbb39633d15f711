/**
 * Doubles a large array that is only appended to. From three quarters on it is copied a part at a time, so that the moment in
 * which it is full takes no longer than any other.
 */

/** Part of the room that is full when copying begins. */
const PREPARED_FROM = 0.75;
/** Elements copied in one go, and smaller arrays are copied as a whole. */
const PART = 1 << 17;

interface Elements<T> {
  readonly length: number;
  subarray(from: number, to: number): T;
  set(elements: T, at: number): void;
}

export class ArrayGrowth<T extends Elements<T>> {
  private next: T | null = null;
  private copied = 0;

  /** From `limit` elements on the array is not expected to grow. */
  constructor(
    private readonly make: (length: number) => T,
    private readonly limit: number,
  ) {}

  /** To be called between appends, often enough: `used` elements of the array are final. */
  prepare(array: T, used: number): void {
    const { length } = array;
    if (length <= PART || length >= this.limit || used < length * PREPARED_FROM) return;
    this.next ??= this.make(length * 2);
    this.copy(array, this.next, Math.min(used, this.copied + PART));
  }

  /** The larger array, with all `used` elements and room for at least `needed`. */
  finish(array: T, used: number, needed: number): T {
    const isEnough = this.next !== null && this.next.length >= needed;
    const grown = isEnough && this.next !== null ? this.next : this.make(Math.max(array.length * 2, needed));
    if (!isEnough) this.copied = 0;
    this.copy(array, grown, used);
    this.forget();
    return grown;
  }

  /** What was copied is of no use any more. */
  forget(): void {
    this.next = null;
    this.copied = 0;
  }

  private copy(array: T, next: T, end: number): void {
    if (end <= this.copied) return;
    next.set(array.subarray(this.copied, end), this.copied);
    this.copied = end;
  }
}
