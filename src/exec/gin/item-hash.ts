/** A hash for items: 64 bits in two lanes, each step a multiplication as in FNV-1a, mixed at the end. Not for secrets. */

const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x9747b28c;
const FIRST_PRIME = 0x01000193;
const SECOND_PRIME = 0x85ebca6b;

function mixed(lane: number): number {
  const once = Math.imul(lane ^ (lane >>> 16), 0x7feb352d);
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b);
  return twice ^ (twice >>> 16);
}

function bytesOf(lane: number): string {
  return String.fromCharCode((lane >>> 24) & 255, (lane >>> 16) & 255, (lane >>> 8) & 255, lane & 255);
}

/** Eight characters below U+0100. */
export function itemHash(item: string): string {
  let first = FIRST_SEED;
  let second = SECOND_SEED;
  for (let i = 0; i < item.length; i++) {
    const unit = item.charCodeAt(i);
    first = Math.imul(first ^ unit, FIRST_PRIME);
    second = Math.imul(second ^ (unit + i), SECOND_PRIME);
    second ^= second >>> 13;
  }
  return bytesOf(mixed(first ^ second)) + bytesOf(mixed(second));
}
