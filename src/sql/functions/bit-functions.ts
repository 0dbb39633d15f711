/** Functions of bit and varbit: comparison, logic, shifts, parts, and casts from and to integers. */
import { sqlError } from '../../errors/sql-error.js';
import { applyBitLength, applyVarbitLength } from '../../types/bits/bit-codecs.js';
import { BitString, bitNot, combineBits, concatenateBits, shiftBits } from '../../types/bits/bit-string.js';
import { normalizeInt8 } from '../../types/datum.js';
import { orderOperators, supportFunction } from './comparison-functions.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

const MAX_INT4 = 2147483647;

/** Bits `start` (1-based) to `end` (exclusive), clipped to the value. */
function part(value: BitString, start: number, end: number): BitString {
  const from = Math.max(start, 1);
  const to = Math.min(end, value.length + 1);
  return to <= from ? BitString.EMPTY : value.slice(from - 1, to - 1);
}

function substring(value: BitString, start: number, length: number): BitString {
  if (length < 0) throw sqlError('substring_error', 'negative substring length not allowed');
  return part(value, start, start + length);
}

function overlay(value: BitString, replacement: BitString, start: number, length: number): BitString {
  if (start <= 0) throw sqlError('substring_error', 'negative substring length not allowed');
  if (start + length > MAX_INT4) throw sqlError('numeric_value_out_of_range', 'integer out of range');
  const before = part(value, 1, start);
  const after = part(value, start + length, value.length + 1);
  return concatenateBits(concatenateBits(before, replacement), after);
}

function checkIndex(value: BitString, index: number): void {
  if (index < 0 || index >= value.length) {
    throw sqlError('array_subscript_error', `bit index ${index} out of valid range (0..${value.length - 1})`);
  }
}

function setBit(value: BitString, index: number, bit: number): BitString {
  checkIndex(value, index);
  if (bit !== 0 && bit !== 1) throw sqlError('invalid_parameter_value', 'new bit must be 0 or 1');
  const bytes = Uint8Array.from(value.bytes);
  const mask = 128 >> (index & 7);
  if (bit === 1) bytes[index >> 3] |= mask;
  else bytes[index >> 3] &= ~mask;
  return new BitString(value.length, bytes);
}

/** The lower `length` bits of an integer of `width` bits; the sign is repeated in front. */
function fromInteger(value: number | bigint, typmod: number): BitString {
  const length = typmod <= 0 ? 1 : typmod;
  return BitString.fromBits(BigInt.asUintN(length, BigInt(value)).toString(2).padStart(length, '0'));
}

function toInteger(value: BitString, width: number, typeName: string): number | bigint {
  if (value.length > width) throw sqlError('numeric_value_out_of_range', `${typeName} out of range`);
  if (value.length === 0) return 0;
  return normalizeInt8(BigInt.asIntN(width, BigInt(`0b${value.toString()}`)));
}

function countOnes(value: BitString): number {
  let count = 0;
  for (let i = 0; i < value.bytes.length; i++) count += ONES[value.bytes[i]];
  return count;
}

/** Ones in each byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

const compareBits = (a: BitString, b: BitString): number => a.compare(b);

export const bitFunctions: FunctionFamily = joinFamilies(
  orderOperators((operator) => `bit${operator}`, compareBits),
  supportFunction('bitcmp', compareBits),
  plainFunctions({
    bit_and: (a: BitString, b: BitString) => combineBits(a, b, 'AND', (x, y) => x & y),
    bit_or: (a: BitString, b: BitString) => combineBits(a, b, 'OR', (x, y) => x | y),
    bitxor: (a: BitString, b: BitString) => combineBits(a, b, 'XOR', (x, y) => x ^ y),
    bitnot: bitNot,
    bitshiftleft: (value: BitString, count: number) => shiftBits(value, count),
    bitshiftright: (value: BitString, count: number) => shiftBits(value, -count),
    bitcat: concatenateBits,
    bitlength: (value: BitString) => value.length,
    bitoctetlength: (value: BitString) => value.bytes.length,
    bit_bit_count: countOnes,
    bitsubstr: substring,
    bitsubstr_no_len: (value: BitString, start: number) => part(value, start, value.length + 1),
    bitoverlay: overlay,
    bitoverlay_no_len: (value: BitString, replacement: BitString, start: number) =>
      overlay(value, replacement, start, replacement.length),
    bitposition: (value: BitString, wanted: BitString) =>
      value.length === 0 ? 0 : value.toString().indexOf(wanted.toString()) + 1,
    bitgetbit(value: BitString, index: number) {
      checkIndex(value, index);
      return value.bit(index);
    },
    bitsetbit: setBit,
    bit: (value: BitString, typmod: number, explicit: boolean) => applyBitLength(value, typmod, explicit),
    varbit: (value: BitString, typmod: number, explicit: boolean) => applyVarbitLength(value, typmod, explicit),
    bitfromint4: fromInteger,
    bitfromint8: fromInteger,
    bittoint4: (value: BitString) => toInteger(value, 32, 'integer'),
    bittoint8: (value: BitString) => toInteger(value, 64, 'bigint'),
    'bit_length(bit)': (value: BitString) => value.length,
  }),
);

export const bitFunctionFamilies: readonly FunctionFamily[] = [bitFunctions];
