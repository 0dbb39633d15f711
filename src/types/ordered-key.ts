/**
 * Order-preserving keys of primitive values, as `TypeCodec.encodeKey` asks for them: strings of characters below
 * U+0100 that order as the values do and of which none is a prefix of another of the same kind.
 */

const SIGN_32 = 0x80000000;
const TWO_32 = 4294967296;

export function keyBool(value: boolean): string {
  return value ? '\x01' : '\x00';
}

export function keyUint8(value: number): string {
  return String.fromCharCode(value & 255);
}

export function keyInt16(value: number): string {
  const biased = value + 0x8000;
  return String.fromCharCode(biased >>> 8, biased & 255);
}

export function keyInt32(value: number): string {
  return keyUint32((value ^ SIGN_32) >>> 0);
}

/** 0 <= value < 2^32: oid, xid and the like. */
export function keyUint32(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** A signed 64-bit integer; equal values have equal keys, whether number or bigint. */
export function keyInt64(value: number | bigint): string {
  if (typeof value === 'bigint') {
    const biased = BigInt.asUintN(64, value) ^ 0x8000000000000000n;
    return keyUint32(Number(biased >> 32n)) + keyUint32(Number(biased & 0xffffffffn));
  }
  const high = Math.floor(value / TWO_32);
  const low = value - high * TWO_32;
  const top = (high ^ SIGN_32) >>> 0;
  return String.fromCharCode(
    top >>> 24,
    (top >>> 16) & 255,
    (top >>> 8) & 255,
    top & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  );
}

/** 0 <= value < 2^64: xid8, pg_lsn. */
export function keyUint64(value: number | bigint): string {
  if (typeof value === 'bigint') return keyUint32(Number(value >> 32n)) + keyUint32(Number(value & 0xffffffffn));
  const high = Math.floor(value / TWO_32);
  return keyUint32(high) + keyUint32(value - high * TWO_32);
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
const HIGH_WORD = words[1] === 0 ? 0 : 1;

/** -Infinity < finite values < Infinity < NaN; -0 and 0 have the same key. */
export function keyFloat64(value: number): string {
  if (Number.isNaN(value)) return '\xff\xff\xff\xff\xff\xff\xff\xff';
  float[0] = value + 0;
  let high = words[HIGH_WORD];
  let low = words[1 - HIGH_WORD];
  if (high >= SIGN_32) {
    high = ~high >>> 0;
    low = ~low >>> 0;
  } else {
    high = (high ^ SIGN_32) >>> 0;
  }
  return keyUint32(high) + keyUint32(low);
}

const NOT_ASCII = /[^\x01-\x7f]/;

/** UTF-8 bytes and a zero; REQUIRES text without NUL. Orders by code point. */
export function keyText(text: string): string {
  if (!NOT_ASCII.test(text)) return `${text}\x00`;
  return `${Buffer.from(text, 'utf8').toString('latin1')}\x00`;
}

/** Zero bytes are followed by FF, the end is 00 01. */
export function keyBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return `${text.includes('\x00') ? text.replaceAll('\x00', '\x00\xff') : text}\x00\x01`;
}

/** Short keys are turned in place, one array for each length; longer ones are faster in native code. */
const SHORT_KEY = 32;
const units: number[][] = Array.from({ length: SHORT_KEY + 1 }, (_, length) => new Array<number>(length).fill(0));

/** The key for descending order: every byte complemented. */
export function invertKey(key: string): string {
  const { length } = key;
  if (length > SHORT_KEY) return invertLongKey(key);
  const inverted = units[length];
  for (let i = 0; i < length; i++) inverted[i] = 255 - key.charCodeAt(i);
  return String.fromCharCode.apply(null, inverted);
}

function invertLongKey(key: string): string {
  const bytes = Buffer.from(key, 'latin1');
  for (let i = 0; i < bytes.length; i++) bytes[i] ^= 255;
  return bytes.toString('latin1');
}
