/**
 * A map by text that grows a part at a time: a plain map doubles in one go, which takes 20 ms and more at some hundred thousand
 * keys, and it shrinks in the same way. Beyond `WHOLE` keys it is divided by a hash. There is no order among the keys.
 */
const WHOLE = 8192;
/** A power of two. */
const PARTS = 256;
/** Characters at the end of a key that are hashed: keys of an index are alike at their beginning. */
const HASHED = 16;

export class SplitMap<V> {
  private parts: Map<string, V>[] = [new Map()];
  size = 0;

  get(key: string): V | undefined {
    return this.partOf(key).get(key);
  }

  has(key: string): boolean {
    return this.partOf(key).has(key);
  }

  set(key: string, value: V): void {
    const part = this.partOf(key);
    const before = part.size;
    part.set(key, value);
    if (part.size === before) return;
    this.size++;
    if (this.size > WHOLE && this.parts.length === 1) this.split();
  }

  delete(key: string): boolean {
    const found = this.partOf(key).delete(key);
    if (found) this.size--;
    return found;
  }

  clear(): void {
    if (this.size === 0) return;
    this.parts = [new Map()];
    this.size = 0;
  }

  *[Symbol.iterator](): IterableIterator<[string, V]> {
    for (const part of this.parts) yield* part;
  }

  *keys(): IterableIterator<string> {
    for (const part of this.parts) yield* part.keys();
  }

  *values(): IterableIterator<V> {
    for (const part of this.parts) yield* part.values();
  }

  private partOf(key: string): Map<string, V> {
    const { parts } = this;
    return parts.length === 1 ? parts[0] : parts[hashOf(key) & (PARTS - 1)];
  }

  private split(): void {
    const [whole] = this.parts;
    this.parts = Array.from({ length: PARTS }, () => new Map<string, V>());
    for (const [key, value] of whole) this.partOf(key).set(key, value);
  }
}

function hashOf(key: string): number {
  let hash = key.length;
  for (let i = Math.max(0, key.length - HASHED); i < key.length; i++)
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 16);
}
