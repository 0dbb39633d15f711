/**
 * The first bytes of an index key as a number, in the keys' order. A search through numbers that lie side by side in
 * memory touches a fraction of the cache lines that one through the strings does; only equal prefixes need the strings.
 */

/** Six bytes are a whole integer key with its mark, and fit a double exactly. */
export const PREFIX_BYTES = 6;
/** One more than there are bytes: bounds of ranges may end in a unit above 255, which stands for itself and the rest. */
const BASE = 257;

/** prefixOf(a) < prefixOf(b) implies a < b; equal prefixes say nothing. */
export function prefixOf(key: string): number {
  let { length } = key;
  let prefix = 0;
  for (let i = 0; i < PREFIX_BYTES; i++) {
    prefix *= BASE;
    if (i >= length) continue;
    const unit = key.charCodeAt(i);
    if (unit < BASE - 1) prefix += unit;
    else {
      prefix += BASE - 1;
      length = 0;
    }
  }
  return prefix;
}

export function prefixesOf(keys: readonly string[]): number[] {
  const prefixes: number[] = [];
  for (let i = 0; i < keys.length; i++) prefixes.push(prefixOf(keys[i]));
  return prefixes;
}
