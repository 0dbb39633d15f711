/** Range checks of integer results (22003). */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { normalizeInt8 } from '../../types/datum.js';

export function outOfRange(typeName: string): SqlError {
  return sqlError('numeric_value_out_of_range', `${typeName} out of range`);
}

export function toInt2(value: number): number {
  if (value > 32767 || value < -32768) throw outOfRange('smallint');
  return value + 0;
}

export function toInt4(value: number): number {
  if (value > 2147483647 || value < -2147483648) throw outOfRange('integer');
  return value + 0;
}

/** A bigint of any size as int8. */
export function toInt8(value: bigint): number | bigint {
  if (BigInt.asIntN(64, value) !== value) throw outOfRange('bigint');
  return normalizeInt8(value);
}

export function divisionByZero(): SqlError {
  return sqlError('division_by_zero', 'division by zero');
}
