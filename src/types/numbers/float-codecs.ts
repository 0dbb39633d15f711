/** Codecs of float4 (values are rounded to single precision) and float8. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { Numeric } from '../numeric/numeric.js';
import { keyFloat64 } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { expectSize } from './binary-size.js';
import { formatFloat4, formatFloat8 } from './float-format.js';
import { compareFloats } from './number-order.js';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;
const SPECIAL = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

function parseFloatText(text: string, typeName: string): number {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  if (DECIMAL.test(trimmed)) {
    const value = Number(trimmed);
    if (!Number.isFinite(value) || (value === 0 && /^[^eE]*[1-9]/.test(trimmed))) throw outOfRange(trimmed, typeName);
    return value;
  }
  const special = SPECIAL.exec(trimmed);
  if (special !== null) {
    if (special[2] !== undefined) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const hex = HEXADECIMAL.exec(trimmed);
  if (hex === null || (hex[2] === '' && (hex[3] ?? '') === '')) {
    throw sqlError('invalid_text_representation', `invalid input syntax for type ${typeName}: "${text}"`);
  }
  return parseHexadecimal(hex, trimmed, typeName);
}

function parseHexadecimal(parts: RegExpExecArray, text: string, typeName: string): number {
  const [, sign, whole, fraction = '', exponent = '0'] = parts;
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(value)) throw outOfRange(text, typeName);
  return sign === '-' ? -value : value;
}

function outOfRange(text: string, typeName: string): Error {
  return sqlError('numeric_value_out_of_range', `"${text}" is out of range for type ${typeName}`);
}

export function parseFloat8(text: string): number {
  return parseFloatText(text, 'double precision');
}

/** Rounds once: where the double lies halfway between two floats, the digits of the text decide. */
function roundToFloat4(exact: number, text: string): number {
  const value = Math.fround(exact);
  const other = 2 * exact - value;
  if (other === value || Math.fround(other) !== other || !Number.isFinite(other) || !DECIMAL.test(text.trim()))
    return value;
  const order = Numeric.parse(text).compare(Numeric.parse(exact.toPrecision(100)));
  return order > 0 ? Math.max(value, other) : order < 0 ? Math.min(value, other) : value;
}

export function parseFloat4(text: string): number {
  const exact = parseFloatText(text, 'real');
  const value = roundToFloat4(exact, text);
  if ((value === 0 && exact !== 0) || (!Number.isFinite(value) && Number.isFinite(exact))) {
    throw outOfRange(text.trim(), 'real');
  }
  return value;
}

class Float8Codec implements TypeCodec<number> {
  parse(text: string): number {
    return parseFloat8(text);
  }

  format(value: number, cx: TypeContext): string {
    return formatFloat8(value, cx.settings.extraFloatDigits);
  }

  receive(bytes: Buffer, start: number, end: number): number {
    expectSize(start, end, 8);
    return bytes.readDoubleBE(start);
  }

  send(value: number, out: ByteWriter): void {
    out.f64(value);
  }

  compare(a: number, b: number): number {
    return compareFloats(a, b);
  }

  /** NaN is not equal to itself in JavaScript, hence its name. */
  groupKey(value: number): GroupKey {
    return Number.isNaN(value) ? 'NaN' : value + 0;
  }

  encodeKey(value: number): string {
    return keyFloat64(value);
  }
}

class Float4Codec extends Float8Codec {
  override parse(text: string): number {
    return parseFloat4(text);
  }

  override format(value: number, cx: TypeContext): string {
    return formatFloat4(value, cx.settings.extraFloatDigits);
  }

  override receive(bytes: Buffer, start: number, end: number): number {
    expectSize(start, end, 4);
    return bytes.readFloatBE(start);
  }

  override send(value: number, out: ByteWriter): void {
    out.f32(value);
  }
}

export const float8Codec: TypeCodec<number> = new Float8Codec();
export const float4Codec: TypeCodec<number> = new Float4Codec();
