/** Functions of bytea: length, parts, bits and bytes, trimming. Offsets count from 0, positions from 1. */
import { sqlError } from '../../errors/sql-error.js';
import { asBuffer } from '../../types/text/bytea-text.js';
import { outOfRange } from './integer-range.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

function part(value: Uint8Array, start: number, length: number): Uint8Array {
  if (length < 0) throw sqlError('substring_error', 'negative substring length not allowed');
  const end = start + length;
  return end <= 1 ? new Uint8Array(0) : value.subarray(Math.max(start, 1) - 1, end - 1);
}

function partFrom(value: Uint8Array, start: number): Uint8Array {
  return value.subarray(Math.max(start, 1) - 1);
}

function overlay(value: Uint8Array, replacement: Uint8Array, start: number, length: number): Uint8Array {
  if (start <= 0) throw sqlError('substring_error', 'negative substring length not allowed');
  const end = start + length;
  if (end > 2147483647) throw outOfRange('integer');
  return Buffer.concat([part(value, 1, start - 1), replacement, partFrom(value, end)]);
}

function trim(value: Uint8Array, set: Uint8Array, start: boolean, end: boolean): Uint8Array {
  let from = 0;
  let to = value.length;
  if (start) while (from < to && set.includes(value[from])) from++;
  if (end) while (to > from && set.includes(value[to - 1])) to--;
  return value.subarray(from, to);
}

/** Throws 2202E when `index` is outside of 0 … limit - 1. */
function checkIndex(index: number | bigint, limit: number): number {
  if (index < 0 || index >= limit) {
    throw sqlError('array_subscript_error', `index ${index} out of valid range, 0..${limit - 1}`);
  }
  return Number(index);
}

function getByte(value: Uint8Array, index: number): number {
  return value[checkIndex(index, value.length)];
}

function getBit(value: Uint8Array, index: number | bigint): number {
  const at = checkIndex(index, value.length * 8);
  return (value[at >>> 3] >>> (at & 7)) & 1;
}

function setByte(value: Uint8Array, index: number, byte: number): Uint8Array {
  const result = Buffer.from(value);
  result[checkIndex(index, value.length)] = byte;
  return result;
}

function setBit(value: Uint8Array, index: number | bigint, bit: number): Uint8Array {
  const at = checkIndex(index, value.length * 8);
  if (bit !== 0 && bit !== 1) throw sqlError('invalid_parameter_value', 'new bit must be 0 or 1');
  const result = Buffer.from(value);
  const mask = 1 << (at & 7);
  result[at >>> 3] = bit === 1 ? result[at >>> 3] | mask : result[at >>> 3] & ~mask;
  return result;
}

function bitCount(value: Uint8Array): number {
  let count = 0;
  for (const byte of value) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export const byteaFunctions: FunctionFamily = plainFunctions({
  byteaoctetlen: (value: Uint8Array) => value.length,
  'bit_length(bytea)': (value: Uint8Array) => value.length * 8,
  byteacat: (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b]),
  bytea_substr: part,
  bytea_substr_no_len: partFrom,
  byteaoverlay: overlay,
  byteaoverlay_no_len: (value: Uint8Array, replacement: Uint8Array, start: number) =>
    overlay(value, replacement, start, replacement.length),
  byteapos: (value: Uint8Array, wanted: Uint8Array) => asBuffer(value).indexOf(wanted) + 1,
  byteatrim: (value: Uint8Array, set: Uint8Array) => trim(value, set, true, true),
  bytealtrim: (value: Uint8Array, set: Uint8Array) => trim(value, set, true, false),
  byteartrim: (value: Uint8Array, set: Uint8Array) => trim(value, set, false, true),
  byteaGetByte: getByte,
  byteaGetBit: getBit,
  byteaSetByte: setByte,
  byteaSetBit: setBit,
  bytea_bit_count: bitCount,
});
