/**
 * A hash table of positions that never grows in one long go. It consists of segments; a full one is divided in two, which
 * takes some tenths of a millisecond however large the table is. Which segment a hash belongs to is told by its first
 * bits, the slot in it by its last ones. The table knows hashes only: its owner compares keys.
 *
 *     const segment = slots.segment(hash);
 *     let at = segment.first(hash);
 *     for (; segment.entry(at) !== FREE; at = segment.following(at))
 *       if (segment.hash(at) === hash && …the key at segment.entry(at) is the wanted one…) return segment.entry(at);
 *     slots.fill(segment, at, hash, position);
 */

/** What `Segment.entry` gives for a slot with nothing in it. */
export const FREE = -1;

/** Slots of the first segment, and of the largest ones; powers of two. */
const FEWEST_SLOTS = 32;
const MOST_SLOTS = 16 * 1024;
/** Out of ten slots so many are filled at most. */
const FILLED_OF_TEN = 6;
/** Segments are divided by so many bits at most: beyond, equal hashes come together, and a segment doubles. */
const MOST_DEPTH = 20;

/** Slots side by side. A slot is a pair: a position + 1, or 0 where it is free, and a hash. */
export class Segment {
  used = 0;

  constructor(
    private pairs: Int32Array,
    /** How many first bits are equal in all hashes here. */
    readonly depth: number,
  ) {}

  /** Where to look first. */
  first(hash: number): number {
    return (hash << 1) & (this.pairs.length - 2);
  }

  following(at: number): number {
    return (at + 2) & (this.pairs.length - 2);
  }

  entry(at: number): number {
    return this.pairs[at] - 1;
  }

  hash(at: number): number {
    return this.pairs[at + 1];
  }

  set(at: number, hash: number, position: number): void {
    this.pairs[at] = position + 1;
    this.pairs[at + 1] = hash;
    this.used++;
  }

  get isFull(): boolean {
    return this.used * 20 > this.pairs.length * FILLED_OF_TEN;
  }

  get canDouble(): boolean {
    return this.pairs.length < 2 * MOST_SLOTS || this.depth >= MOST_DEPTH;
  }

  double(): void {
    const { pairs } = this;
    this.pairs = new Int32Array(pairs.length * 2);
    this.used = 0;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] !== 0) this.insert(pairs[i + 1], pairs[i] - 1);
  }

  /** Two segments by the first bit that differs. */
  divided(): [Segment, Segment] {
    const { pairs, depth } = this;
    const zero = new Segment(new Int32Array(pairs.length), depth + 1);
    const one = new Segment(new Int32Array(pairs.length), depth + 1);
    const bit = 1 << (31 - depth);
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] === 0) continue;
      const hash = pairs[i + 1];
      ((hash & bit) === 0 ? zero : one).insert(hash, pairs[i] - 1);
    }
    return [zero, one];
  }

  private insert(hash: number, position: number): void {
    let at = this.first(hash);
    while (this.pairs[at] !== 0) at = this.following(at);
    this.set(at, hash, position);
  }
}

export class HashSlots {
  /** The segment of each beginning of `depth` bits; one segment may stand for several of them. */
  private directory: Segment[] = [newSegment()];
  private depth = 0;

  clear(): void {
    this.directory = [newSegment()];
    this.depth = 0;
  }

  segment(hash: number): Segment {
    return this.directory[this.depth === 0 ? 0 : hash >>> (32 - this.depth)];
  }

  /** Puts a position into a free slot. */
  fill(segment: Segment, at: number, hash: number, position: number): void {
    segment.set(at, hash, position);
    if (segment.isFull) this.grow(segment);
  }

  private grow(segment: Segment): void {
    if (segment.canDouble) segment.double();
    else this.divide(segment);
  }

  private divide(segment: Segment): void {
    if (segment.depth === this.depth) {
      this.directory = this.directory.flatMap((each) => [each, each]);
      this.depth++;
    }
    const { directory } = this;
    const [zero, one] = segment.divided();
    const bit = 1 << (this.depth - 1 - segment.depth);
    for (let i = 0; i < directory.length; i++) {
      if (directory[i] === segment) directory[i] = (i & bit) === 0 ? zero : one;
    }
  }
}

function newSegment(): Segment {
  return new Segment(new Int32Array(2 * FEWEST_SLOTS), 0);
}
