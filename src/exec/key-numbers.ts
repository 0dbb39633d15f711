/** Numbers distinct keys from 0 in the order in which they come. Equality is that of a Map; NULL is a key like any other. */
import type { GroupKey } from '../types/type-codec.js';
import { ChunkedList } from './chunked-list.js';
import { FREE, HashSlots, type Segment } from './hash-slots.js';
import { hashKey, hashWith } from './key-hash.js';

type Key = GroupKey | null;

export class KeyNumbers {
  private readonly slots = new HashSlots();
  private readonly keys = new ChunkedList<Key>();

  get count(): number {
    return this.keys.length;
  }

  clear(): void {
    if (this.count === 0) return;
    this.slots.clear();
    this.keys.clear();
  }

  /** The number of the key; a new one equals the former `count`. */
  number(key: Key): number {
    const hash = hashKey(key);
    const segment = this.slots.segment(hash);
    const at = this.place(segment, hash, key);
    const known = segment.entry(at);
    if (known !== FREE) return known;
    const number = this.keys.length;
    this.keys.push(key);
    this.slots.fill(segment, at, hash, number);
    return number;
  }

  /** The number of a key that is there already, or -1. */
  find(key: Key): number {
    const hash = hashKey(key);
    const segment = this.slots.segment(hash);
    return segment.entry(this.place(segment, hash, key));
  }

  /** The slot of the key, or the free one in which it belongs. */
  private place(segment: Segment, hash: number, key: Key): number {
    const { keys } = this;
    let at = segment.first(hash);
    for (let known = segment.entry(at); known !== FREE; known = segment.entry(at)) {
      if (segment.hash(at) === hash && sameKey(keys.at(known), key)) break;
      at = segment.following(at);
    }
    return at;
  }
}

/** The same for keys that consist of several, given as a list which is not kept. */
export class TupleNumbers {
  private readonly slots = new HashSlots();
  private readonly columns: readonly ChunkedList<Key>[];
  count = 0;

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => new ChunkedList<Key>());
  }

  clear(): void {
    if (this.count === 0) return;
    this.slots.clear();
    for (const column of this.columns) column.clear();
    this.count = 0;
  }

  number(keys: readonly Key[]): number {
    const hash = hashTuple(keys);
    const segment = this.slots.segment(hash);
    const at = this.place(segment, hash, keys);
    const known = segment.entry(at);
    if (known !== FREE) return known;
    const number = this.count++;
    for (let i = 0; i < this.columns.length; i++) this.columns[i].push(keys[i]);
    this.slots.fill(segment, at, hash, number);
    return number;
  }

  find(keys: readonly Key[]): number {
    const hash = hashTuple(keys);
    const segment = this.slots.segment(hash);
    return segment.entry(this.place(segment, hash, keys));
  }

  private place(segment: Segment, hash: number, keys: readonly Key[]): number {
    let at = segment.first(hash);
    for (let known = segment.entry(at); known !== FREE; known = segment.entry(at)) {
      if (segment.hash(at) === hash && this.isAt(known, keys)) break;
      at = segment.following(at);
    }
    return at;
  }

  private isAt(number: number, keys: readonly Key[]): boolean {
    const { columns } = this;
    for (let i = 0; i < columns.length; i++) if (!sameKey(columns[i].at(number), keys[i])) return false;
    return true;
  }
}

function hashTuple(keys: readonly Key[]): number {
  let hash = hashKey(keys[0]);
  for (let i = 1; i < keys.length; i++) hash = hashWith(hash, keys[i]);
  return hash;
}

export function sameKey(a: Key, b: Key): boolean {
  // NaN, which is not itself, is a key as well.
  return a === b || (typeof a === 'number' && typeof b === 'number' && Number.isNaN(a) && Number.isNaN(b));
}
