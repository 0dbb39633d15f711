/**
 * An ordered set of strings that only grows: chunks of at most 512 sorted keys. Positions are found anew by key, so
 * a scan may continue after keys were added.
 */
const CHUNK = 512;

export class SortedKeys {
  private chunks: string[][] = [];

  static from(keys: Iterable<string>): SortedKeys {
    const result = new SortedKeys();
    const all = [...keys].sort(compareKeys);
    for (let i = 0; i < all.length; i += CHUNK / 2) result.chunks.push(all.slice(i, i + CHUNK / 2));
    return result;
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    if (this.chunks.length === 0) {
      this.chunks.push([key]);
      return;
    }
    const at = this.chunkOf(key);
    const chunk = this.chunks[at];
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > CHUNK) this.chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  /** The first key at or after `key` (null: the first of all). */
  atOrAfter(key: string | null, exclusive: boolean): string | undefined {
    if (this.chunks.length === 0) return undefined;
    if (key === null) return this.chunks[0][0];
    const at = this.chunkOf(key);
    const chunk = this.chunks[at];
    let i = lowerBound(chunk, key);
    if (exclusive && chunk[i] === key) i++;
    return i < chunk.length ? chunk[i] : this.chunks[at + 1]?.[0];
  }

  /** The last key before `key` (null: the last of all). */
  before(key: string | null): string | undefined {
    if (this.chunks.length === 0) return undefined;
    if (key === null) return this.chunks.at(-1)?.at(-1);
    const at = this.chunkOf(key);
    const i = lowerBound(this.chunks[at], key);
    return i > 0 ? this.chunks[at][i - 1] : this.chunks[at - 1]?.at(-1);
  }

  /** The last chunk whose first key is not above `key`. */
  private chunkOf(key: string): number {
    let low = 0;
    let high = this.chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.chunks[middle][0] <= key) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Order of index keys: by character code. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lowerBound(keys: string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
