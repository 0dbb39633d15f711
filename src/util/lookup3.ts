/**
 * Bob Jenkins' hash "lookup3" over bytes, 32 bits or, with a seed, 64 bits wide, as PostgreSQL's hash functions have it:
 * words are read with the low byte first.
 */
const START = 0x9e3779b9 + 3923095;

const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** The three words of the state; one for all calls, which never overlap. */
const state = { a: 0, b: 0, c: 0 };

function mix(): void {
  let { a, b, c } = state;
  a = ((a - c) ^ rotate(c, 4)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 6)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 8)) | 0;
  b = (b + a) | 0;
  a = ((a - c) ^ rotate(c, 16)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 19)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 4)) | 0;
  b = (b + a) | 0;
  state.a = a;
  state.b = b;
  state.c = c;
}

function finish(): void {
  let { a, b, c } = state;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  state.b = b;
  state.c = c;
}

function begin(length: number, seed: bigint): void {
  const word = (START + length) | 0;
  state.a = word;
  state.b = word;
  state.c = word;
  if (seed === 0n) return;
  state.a = (word + Number(BigInt.asUintN(32, seed >> 32n))) | 0;
  state.b = (word + Number(BigInt.asUintN(32, seed))) | 0;
  mix();
}

function absorb(bytes: Uint8Array): void {
  const word = (at: number): number => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    state.a = (state.a + word(at)) | 0;
    state.b = (state.b + word(at + 4)) | 0;
    state.c = (state.c + word(at + 8)) | 0;
    mix();
  }
  // The low byte of the last word is left to the length.
  for (let i = bytes.length - at - 1; i >= 0; i--) {
    const byte = bytes[at + i];
    if (i >= 8) state.c = (state.c + (byte << ((i - 7) * 8))) | 0;
    else if (i >= 4) state.b = (state.b + (byte << ((i - 4) * 8))) | 0;
    else state.a = (state.a + (byte << (i * 8))) | 0;
  }
  finish();
}

/** 32 bits, unsigned. */
export function hashBytes(bytes: Uint8Array): number {
  begin(bytes.length, 0n);
  absorb(bytes);
  return state.c >>> 0;
}

/** 64 bits, unsigned. */
export function hashBytesSeeded(bytes: Uint8Array, seed: bigint): bigint {
  begin(bytes.length, seed);
  absorb(bytes);
  return wide();
}

/** Of a 32-bit word. */
export function hashWord(word: number): number {
  begin(4, 0n);
  state.a = (state.a + word) | 0;
  finish();
  return state.c >>> 0;
}

export function hashWordSeeded(word: number, seed: bigint): bigint {
  begin(4, seed);
  state.a = (state.a + word) | 0;
  finish();
  return wide();
}

function wide(): bigint {
  return (BigInt(state.b >>> 0) << 32n) | BigInt(state.c >>> 0);
}
