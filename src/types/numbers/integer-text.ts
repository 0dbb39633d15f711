/** Text input of the integer types, with PostgreSQL's errors. */
import { sqlError } from '../../errors/sql-error.js';
import { normalizeInt8 } from '../datum.js';

const INTEGER = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/;

/** Most values are a few digits and nothing else; -1 for all others. */
export function parseDigits(text: string, start = 0, end: number = text.length): number {
  if (start >= end || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** An integer of any size; a safe one as number. `typeName` as messages spell it (`integer`). */
function parseAny(text: string, typeName: string): number | bigint {
  const plain = parseDigits(text);
  if (plain >= 0) return plain;
  const match = INTEGER.exec(text);
  if (match === null)
    throw sqlError('invalid_text_representation', `invalid input syntax for type ${typeName}: "${text}"`);
  const digits = match[1];
  if (digits.length <= 15) return Number(digits) + 0;
  return normalizeInt8(BigInt(digits[0] === '+' ? digits.slice(1) : digits));
}

function outOfRange(text: string, typeName: string): Error {
  return sqlError('numeric_value_out_of_range', `value "${text}" is out of range for type ${typeName}`);
}

export function parseInt2(text: string): number {
  const value = parseAny(text, 'smallint');
  if (typeof value === 'bigint' || value > 32767 || value < -32768) throw outOfRange(text, 'smallint');
  return value;
}

export function parseInt4(text: string): number {
  const value = parseAny(text, 'integer');
  if (typeof value === 'bigint' || value > 2147483647 || value < -2147483648) throw outOfRange(text, 'integer');
  return value;
}

export function parseInt8(text: string): number | bigint {
  const value = parseAny(text, 'bigint');
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) throw outOfRange(text, 'bigint');
  return value;
}

const C_INTEGER = /^[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9]\d*))/;
const UINT64 = 1n << 64n;

/** As C's strtoul with base 0: what is no number is 0, the rest of the text is ignored, 64 bits at most. */
export function parseCUnsigned(text: string): bigint {
  const match = C_INTEGER.exec(text);
  if (match === null) return 0n;
  const [, sign, hex, octal, decimal] = match;
  let value = hex !== undefined ? BigInt(`0x${hex}`) : octal ? BigInt(`0o${octal}`) : BigInt(decimal ?? 0);
  if (value >= UINT64) value = UINT64 - 1n;
  return BigInt.asUintN(64, sign === '-' ? -value : value);
}

/** oid: digits, with a sign allowed; -2147483648 and up count from 2^32. */
export function parseOid(text: string): number {
  const value = parseAny(text, 'oid');
  if (typeof value === 'bigint' || value > 4294967295 || value < -2147483648) throw outOfRange(text, 'oid');
  return value < 0 ? value + 4294967296 : value;
}
