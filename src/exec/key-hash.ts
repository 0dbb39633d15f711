/**
 * Hashes of keys: 32 bits, as a signed number. Equal keys (as a Map takes them: -0 for 0, NaN for NaN) have equal hashes. A
 * start that differs from process to process keeps clients from choosing keys that collide.
 */
import { randomInt } from 'node:crypto';
import type { GroupKey } from '../types/type-codec.js';

const SEED = randomInt(2 ** 32) | 0;
/** Of longer texts only about so many units are looked at. */
const HASHED_UNITS = 4096;
const NAN_HASH = 0x5bd1e995;
const NULL_HASH = 0x1b873593;

const float = new Float64Array(1);
const large = new BigInt64Array(float.buffer);
const halves = new Int32Array(float.buffer);

/** Different hashes for different numbers: the steps can be undone. */
export function hashInteger(value: number): number {
  let h = value ^ SEED;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function hashKey(key: GroupKey | null): number {
  if (typeof key === 'number') return hashNumber(key);
  if (typeof key === 'string') return hashText(key);
  if (key === null) return NULL_HASH;
  if (typeof key === 'boolean') return hashInteger(key ? 1 : 0);
  large[0] = key;
  return hashHalves();
}

/** The hash of several keys, made of the hash of those before and the next one. */
export function hashWith(before: number, key: GroupKey | null): number {
  return hashInteger(Math.imul(before, 31) + hashKey(key));
}

function hashNumber(value: number): number {
  if ((value | 0) === value) return hashInteger(value);
  // Not every NaN has the same bits.
  if (Number.isNaN(value)) return NAN_HASH;
  float[0] = value;
  return hashHalves();
}

function hashHalves(): number {
  return hashInteger(halves[0] ^ Math.imul(halves[1], 0x9e3779b1));
}

function hashText(text: string): number {
  const step = text.length <= HASHED_UNITS ? 1 : Math.ceil(text.length / HASHED_UNITS);
  let h = SEED ^ text.length;
  for (let i = 0; i < text.length; i += step) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return hashInteger(h);
}
