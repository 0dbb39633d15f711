/** Tells for most keys that they are not in a set: twelve bits a key (a Bloom filter). A hit may be wrong, a miss never is. */

const BITS_PER_KEY = 12;
const PROBES = 7;

export class KeyFilter {
  private readonly words: Uint32Array;
  private readonly bits: number;

  /** `keys`: how many there will be. */
  constructor(keys: number) {
    const words = Math.max(1, Math.ceil((keys * BITS_PER_KEY) / 32));
    this.words = new Uint32Array(words);
    this.bits = words * 32;
  }

  /** Adds a key, one byte a character. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let hash = SEED;
    for (let i = start; i < end; i++) hash = step(hash, bytes[i]);
    const stride = strideOf(hash);
    for (let i = 0, at = hash >>> 0; i < PROBES; i++, at = (at + stride) >>> 0) {
      const bit = at % this.bits;
      this.words[bit >>> 5] |= 1 << (bit & 31);
    }
  }

  mayHave(key: string): boolean {
    let hash = SEED;
    for (let i = 0; i < key.length; i++) hash = step(hash, key.charCodeAt(i));
    const stride = strideOf(hash);
    for (let i = 0, at = hash >>> 0; i < PROBES; i++, at = (at + stride) >>> 0) {
      const bit = at % this.bits;
      if ((this.words[bit >>> 5] & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

const SEED = 0x811c9dc5 | 0;

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** A second, odd number from the first. */
function strideOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) | 1) >>> 0;
}
