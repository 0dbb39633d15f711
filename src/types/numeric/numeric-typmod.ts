/** The check of values against numeric(precision, scale). */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { Numeric } from './numeric.js';
import { digitCount } from './powers-of-ten.js';

/** Rounds to the scale of a type modifier and checks the precision (22003). */
export function applyNumericTypmod(value: Numeric, typmod: number): Numeric {
  if (typmod < 4 || value.isNaN) return value;
  const precision = ((typmod - 4) >> 16) & 0xffff;
  const scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
  if (value.isInfinite) {
    throw overflow(`A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`);
  }
  const rounded = value.round(scale);
  const wholeDigits = precision - scale;
  if (digitCount(rounded.coefficient) - rounded.scale > wholeDigits && rounded.coefficient !== 0) {
    const limit = wholeDigits === 0 ? '1' : `10^${wholeDigits}`;
    throw overflow(
      `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${limit}.`,
    );
  }
  return rounded;
}

function overflow(detail: string): SqlError {
  return sqlError('numeric_value_out_of_range', 'numeric field overflow', { detail });
}
