/**
 * An ordered map from strings (compared with `<`) to values: sorted leaves of at most 128 keys under one array of
 * separators. A lookup is two binary searches, an insertion moves at most one leaf's keys.
 *
 * Invariants: leaf i holds the keys from `lows[i]` (inclusive) to `lows[i + 1]` (exclusive); `lows[0]` is ''; no leaf is
 * empty unless it is the only one.
 */

const LEAF_KEYS = 128;
const HALF = LEAF_KEYS / 2;

interface Leaf<V> {
  readonly keys: string[];
  readonly values: V[];
}

/** The position of the first key that is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class OrderedMap<V> {
  size = 0;
  private lows: string[] = [''];
  private leaves: Leaf<V>[] = [{ keys: [], values: [] }];
  /** Counts changes of structure, so that cursors notice that their position has moved. */
  private version = 0;

  get(key: string): V | undefined {
    const leaf = this.leaves[this.leafOf(key)];
    const at = lowerBound(leaf.keys, key);
    return leaf.keys[at] === key ? leaf.values[at] : undefined;
  }

  has(key: string): boolean {
    const { keys } = this.leaves[this.leafOf(key)];
    return keys[lowerBound(keys, key)] === key;
  }

  /** Returns the value that was there before. */
  set(key: string, value: V): V | undefined {
    const index = this.leafOf(key);
    const { keys, values } = this.leaves[index];
    const length = keys.length;
    const at = length > 0 && keys[length - 1] < key ? length : lowerBound(keys, key);
    if (at < length && keys[at] === key) {
      const old = values[at];
      values[at] = value;
      return old;
    }
    this.version++;
    this.size++;
    if (at === length) {
      keys.push(key);
      values.push(value);
    } else {
      keys.splice(at, 0, key);
      values.splice(at, 0, value);
    }
    if (length === LEAF_KEYS) this.split(index, at);
    return undefined;
  }

  /** Returns the value that was there. */
  delete(key: string): V | undefined {
    const index = this.leafOf(key);
    const { keys, values } = this.leaves[index];
    const at = lowerBound(keys, key);
    if (keys[at] !== key) return undefined;
    const old = values[at];
    this.version++;
    this.size--;
    keys.splice(at, 1);
    values.splice(at, 1);
    if (keys.length === 0 && this.leaves.length > 1) {
      this.leaves.splice(index, 1);
      this.lows.splice(index, 1);
      this.lows[0] = '';
    }
    return old;
  }

  clear(): void {
    this.version++;
    this.size = 0;
    this.lows = [''];
    this.leaves = [{ keys: [], values: [] }];
  }

  /** The first key at or after `key`. */
  atOrAfter(key: string): string | undefined {
    const index = this.leafOf(key);
    const { keys } = this.leaves[index];
    const at = lowerBound(keys, key);
    return at < keys.length ? keys[at] : this.leaves[index + 1]?.keys[0];
  }

  /** The last key before `key`. */
  before(key: string): string | undefined {
    const index = this.leafOf(key);
    const { keys } = this.leaves[index];
    const at = lowerBound(keys, key);
    return at > 0 ? keys[at - 1] : this.leaves[index - 1]?.keys.at(-1);
  }

  /**
   * A cursor over the keys from `from` (inclusive; null: the first) to `to` (exclusive; null: behind the last), downward
   * when `reverse`. The map may be changed between steps: the cursor goes on behind the key it was at.
   */
  cursor(from: string | null = null, to: string | null = null, reverse = false): OrderedMapCursor<V> {
    return new Cursor(this, from, to, reverse);
  }

  /** Entries in key order, with the same promise as `cursor`. */
  *[Symbol.iterator](): IterableIterator<[key: string, value: V]> {
    for (const cursor = this.cursor(); cursor.next(); ) yield [cursor.key, cursor.value];
  }

  /** For cursors: where a key is or would be. */
  locate(key: string, place: Place): void {
    place.leaf = this.leafOf(key);
    place.at = lowerBound(this.leaves[place.leaf].keys, key);
    place.version = this.version;
  }

  /** For cursors: the position behind the last key. */
  locateEnd(place: Place): void {
    place.leaf = this.leaves.length - 1;
    place.at = this.leaves[place.leaf].keys.length;
    place.version = this.version;
  }

  isCurrent(place: Place): boolean {
    return place.version === this.version;
  }

  leafAt(index: number): Leaf<V> | undefined {
    return this.leaves[index];
  }

  /** The last leaf whose separator is not above `key`. */
  private leafOf(key: string): number {
    const { lows } = this;
    let low = 0;
    let high = lows.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (lows[middle] <= key) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Ascending insertions leave full leaves behind, others halves. */
  private split(index: number, inserted: number): void {
    const { keys, values } = this.leaves[index];
    const from = inserted === LEAF_KEYS && index === this.leaves.length - 1 ? LEAF_KEYS : HALF;
    const right: Leaf<V> = { keys: keys.splice(from), values: values.splice(from) };
    this.leaves.splice(index + 1, 0, right);
    this.lows.splice(index + 1, 0, right.keys[0]);
  }
}

interface Place {
  leaf: number;
  at: number;
  version: number;
}

export interface OrderedMapCursor<V> {
  /** Moves to the next entry; false at the end. */
  next(): boolean;
  /** Of the entry moved to. */
  readonly key: string;
  readonly value: V;
}

class Cursor<V> implements OrderedMapCursor<V> {
  key = '';
  private current: V | undefined;
  private started = false;
  private readonly place: Place = { leaf: 0, at: 0, version: -1 };

  constructor(
    private readonly map: OrderedMap<V>,
    private readonly from: string | null,
    private readonly to: string | null,
    private readonly reverse: boolean,
  ) {}

  get value(): V {
    // Only read after next() has returned true, when it holds an entry's value.
    return this.current as V;
  }

  next(): boolean {
    return this.reverse ? this.down() : this.up();
  }

  private up(): boolean {
    const { map, place } = this;
    if (!this.started) {
      map.locate(this.from ?? '', place);
    } else if (map.isCurrent(place)) {
      place.at++;
    } else {
      map.locate(this.key, place);
      if (map.leafAt(place.leaf)?.keys[place.at] === this.key) place.at++;
    }
    let leaf = map.leafAt(place.leaf);
    while (leaf !== undefined && place.at >= leaf.keys.length) {
      place.at = 0;
      leaf = map.leafAt(++place.leaf);
    }
    if (leaf === undefined || (this.to !== null && leaf.keys[place.at] >= this.to)) return this.finish();
    return this.take(leaf);
  }

  private down(): boolean {
    const { map, place } = this;
    if (!this.started) {
      if (this.to === null) map.locateEnd(place);
      else map.locate(this.to, place);
    } else if (!map.isCurrent(place)) {
      map.locate(this.key, place);
    }
    let leaf = map.leafAt(place.leaf);
    while (leaf !== undefined && place.at === 0) {
      leaf = map.leafAt(--place.leaf);
      place.at = leaf === undefined ? 0 : leaf.keys.length;
    }
    if (leaf === undefined || (this.from !== null && leaf.keys[place.at - 1] < this.from)) return this.finish();
    place.at--;
    return this.take(leaf);
  }

  private take(leaf: Leaf<V>): boolean {
    this.key = leaf.keys[this.place.at];
    this.current = leaf.values[this.place.at];
    this.started = true;
    return true;
  }

  /** A further step looks again behind the last key. */
  private finish(): boolean {
    this.place.version = -1;
    return false;
  }
}
