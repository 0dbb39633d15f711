/**
 * Numbers the distinct keys of rows from 0 in the order in which they come: the heart of grouping, DISTINCT and set
 * operations. NULL is a key like any other.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';
import { KeyNumbers, sameKey, TupleNumbers } from './key-numbers.js';

export type KeyPart = (row: Row) => GroupKey | null;

export class KeyTable {
  private readonly single = new KeyNumbers();
  private readonly tuples: TupleNumbers;
  /** The keys of the row at hand. */
  private readonly keys: (GroupKey | null)[];

  constructor(private readonly parts: readonly KeyPart[]) {
    this.tuples = new TupleNumbers(parts.length);
    this.keys = parts.map(() => null);
  }

  get count(): number {
    return this.parts.length > 1 ? this.tuples.count : this.single.count;
  }

  clear(): void {
    this.single.clear();
    this.tuples.clear();
  }

  /** The number of the row's key; a new one equals the former `count`. May throw a `Suspend` before anything changes. */
  number(row: Row): number {
    const { parts } = this;
    if (parts.length > 1) return this.tuples.number(this.keysOf(row));
    return this.single.number(parts.length === 0 ? null : parts[0](row));
  }

  /** The same by the key. REQUIRES: there is one part. */
  numberOfKey(key: GroupKey | null): number {
    return this.single.number(key);
  }

  /** The number of a key that is there already, or -1. */
  find(row: Row): number {
    const { parts } = this;
    if (parts.length > 1) return this.tuples.find(this.keysOf(row));
    return this.single.find(parts.length === 0 ? null : parts[0](row));
  }

  private keysOf(row: Row): readonly (GroupKey | null)[] {
    const { parts, keys } = this;
    for (let i = 0; i < parts.length; i++) keys[i] = parts[i](row);
    return keys;
  }
}

/** The key of the latest row: all that has to be known where equal keys come one after the other. */
export class LatestKey {
  private latest: (GroupKey | null)[] | null = null;
  /** The keys of the row at hand. */
  private next: (GroupKey | null)[] = [];

  constructor(private readonly parts: readonly KeyPart[]) {}

  clear(): void {
    this.latest = null;
  }

  /** Whether the row's key is another one than that of the row before. May throw a `Suspend` before anything changes. */
  isNew(row: Row): boolean {
    const { parts, latest, next } = this;
    for (let i = 0; i < parts.length; i++) next[i] = parts[i](row);
    if (latest?.every((key, i) => sameKey(key, next[i]))) return false;
    this.latest = next;
    this.next = latest ?? [];
    return true;
  }
}
