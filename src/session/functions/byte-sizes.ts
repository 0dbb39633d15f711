/** Sizes in bytes as people write them: pg_size_pretty and pg_size_bytes. */
import { sqlError } from '../../errors/sql-error.js';
import type { CallContext } from '../../sql/functions/registry.js';
import { normalizeInt8 } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import * as oid from '../../types/oids.js';

const SIZE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** As pg_size_pretty: whole numbers, rounded half up, moving to the next unit at 10240. */
export function prettySize(size: bigint): string {
  let value = size < 0n ? -size : size;
  let unit = 0;
  let half = false;
  while (unit < SIZE_UNITS.length - 1 && (unit === 0 ? value : (value + 1n) / 2n) >= 10240n) {
    if (unit === 0) {
      value = value >> 9n;
      half = true;
    } else value = value >> 10n;
    unit++;
  }
  const shown = half ? (value + 1n) >> 1n : value;
  return `${size < 0n ? '-' : ''}${shown} ${SIZE_UNITS[unit]}`;
}

/** Small sizes keep their fraction; larger ones are whole numbers of their unit. */
export function prettyNumeric(size: Numeric): string {
  const limit = Numeric.fromInt(10240);
  const negative = size.compare(Numeric.ZERO) < 0;
  const small = negative ? size.compare(Numeric.fromInt(-10240)) > 0 : size.compare(limit) < 0;
  return small || !size.isFinite ? `${size.toString()} bytes` : prettySize(size.trunc().toBigInt());
}

const POWERS = new Map(['bytes', 'kb', 'mb', 'gb', 'tb', 'pb'].map((unit, i) => [unit, i * 10]));
const SIZE = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$/s;

/** @throws SqlError 22023, 22003 */
export function sizeInBytes(cx: CallContext, text: string): number | bigint {
  const match = SIZE.exec(text);
  const invalid = (fields = {}): Error => sqlError('invalid_parameter_value', `invalid size: "${text}"`, fields);
  if (match === null) throw invalid();
  const unit = match[2].toLowerCase();
  const power = unit === '' || unit === 'b' ? 0 : POWERS.get(unit);
  if (power === undefined) {
    throw invalid({
      detail: `Invalid size unit: "${match[2]}".`,
      hint: 'Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".',
    });
  }
  const parsed = cx.codec(oid.NUMERIC).parse(match[1], cx, -1);
  if (!(parsed instanceof Numeric)) throw invalid();
  const bytes = parsed
    .mul(Numeric.fromInt(1n << BigInt(power)))
    .round(0)
    .toBigInt();
  if (BigInt.asIntN(64, bytes) !== bytes) throw sqlError('numeric_value_out_of_range', 'bigint out of range');
  return normalizeInt8(bytes);
}
