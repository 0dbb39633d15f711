/**
 * Type modifiers: the numbers in parentheses behind a type name, as the int32 that pg_attribute.atttypmod holds
 * (the typmodin functions of PostgreSQL).
 */
import { sqlError } from '../errors/sql-error.js';

const VARHDRSZ = 4;
const MAX_CHAR_LENGTH = 10485760;
const MAX_BITS = 83886080;

/** varchar(n), char(n). */
export function charTypmod(values: readonly number[], typeName: string): number {
  if (values.length !== 1) throw sqlError('invalid_parameter_value', 'invalid type modifier');
  const [length] = values;
  if (length < 1) throw sqlError('invalid_parameter_value', `length for type ${typeName} must be at least 1`);
  if (length > MAX_CHAR_LENGTH) {
    throw sqlError('invalid_parameter_value', `length for type ${typeName} cannot exceed ${MAX_CHAR_LENGTH}`);
  }
  return length + VARHDRSZ;
}

/** bit(n), varbit(n). */
export function bitTypmod(values: readonly number[], typeName: string): number {
  if (values.length !== 1) throw sqlError('invalid_parameter_value', 'invalid type modifier');
  const [length] = values;
  if (length < 1) throw sqlError('invalid_parameter_value', `length for type ${typeName} must be at least 1`);
  if (length > MAX_BITS)
    throw sqlError('invalid_parameter_value', `length for type ${typeName} cannot exceed ${MAX_BITS}`);
  return length;
}

/** numeric(precision[, scale]): precision in the upper 16 bits, scale in the lower 11 as two's complement. */
export function numericTypmod(values: readonly number[]): number {
  if (values.length < 1 || values.length > 2)
    throw sqlError('invalid_parameter_value', 'invalid NUMERIC type modifier');
  const [precision, scale = 0] = values;
  if (precision < 1 || precision > 1000) {
    throw sqlError('invalid_parameter_value', `NUMERIC precision ${precision} must be between 1 and 1000`);
  }
  if (scale < -1000 || scale > 1000) {
    throw sqlError('invalid_parameter_value', `NUMERIC scale ${scale} must be between -1000 and 1000`);
  }
  return ((precision << 16) | (scale & 0x7ff)) + VARHDRSZ;
}

/** time(p), timestamp(p) and the forms with time zone. */
export function timeTypmod(values: readonly number[], typeName: string, warn: (message: string) => void): number {
  if (values.length !== 1) throw sqlError('invalid_parameter_value', 'invalid type modifier');
  const [precision] = values;
  const timestamp = typeName.startsWith('timestamp');
  const label = timestamp ? 'TIMESTAMP' : 'TIME';
  const zone = typeName.endsWith('tz') ? ' WITH TIME ZONE' : '';
  if (precision < 0)
    throw sqlError('invalid_parameter_value', `${label}(${precision})${zone} precision must not be negative`);
  if (precision > 6) {
    warn(`${label}(${precision})${zone} precision reduced to maximum allowed, 6`);
    return 6;
  }
  return precision;
}

const INTERVAL_FULL_RANGE = 0x7fff;
const INTERVAL_FULL_PRECISION = 0xffff;

/** interval [fields] [(p)]: the grammar gives the field mask first, then the precision. */
export function intervalTypmod(values: readonly number[], warn: (message: string) => void): number {
  const [range, precision] = values;
  if (values.length === 1) {
    return range === INTERVAL_FULL_RANGE ? -1 : (range << 16) | INTERVAL_FULL_PRECISION;
  }
  if (values.length !== 2) throw sqlError('invalid_parameter_value', 'invalid INTERVAL type modifier');
  if (precision < 0) throw sqlError('invalid_parameter_value', `INTERVAL(${precision}) precision must not be negative`);
  if (precision > 6) {
    warn(`INTERVAL(${precision}) precision reduced to maximum allowed, 6`);
    return (range << 16) | 6;
  }
  return (range << 16) | precision;
}
