/** Casts and arithmetic of xid8 and pg_lsn. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { normalizeInt8 } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

type Int8 = number | bigint;

const MAX_LSN = (1n << 64n) - 1n;

/** An LSN that was moved by a number of bytes. */
function movedLsn(lsn: Int8, offset: Numeric, sign: 1n | -1n): Int8 {
  if (offset.isNaN)
    throw sqlError('feature_not_supported', `cannot ${sign > 0n ? 'add NaN to' : 'subtract NaN from'} pg_lsn`);
  return lsnOfNumeric(Numeric.fromInt(lsn).add(sign < 0n ? offset.negate() : offset));
}

function lsnOfNumeric(value: Numeric): Int8 {
  if (!value.isFinite) {
    throw sqlError('feature_not_supported', `cannot convert ${value.isNaN ? 'NaN' : 'infinity'} to pg_lsn`);
  }
  const lsn = value.toBigInt();
  if (lsn < 0n || lsn > MAX_LSN) throw lsnOutOfRange();
  return normalizeInt8(lsn);
}

const lsnDifference = (a: Int8, b: Int8): Numeric => Numeric.fromInt(normalizeInt8(BigInt(a) - BigInt(b)));

function lsnOutOfRange(): SqlError {
  return sqlError('invalid_parameter_value', 'pg_lsn out of range');
}

export const oidFunctions: FunctionFamily = plainFunctions({
  xid8toxid: (a: Int8) => Number(BigInt.asUintN(32, BigInt(a))),
  pg_lsn_mi: lsnDifference,
  pg_wal_lsn_diff: lsnDifference,
  pg_lsn_pli: (a: Int8, b: Numeric) => movedLsn(a, b, 1n),
  pg_lsn_mii: (a: Int8, b: Numeric) => movedLsn(a, b, -1n),
  numeric_pg_lsn: lsnOfNumeric,
  'numeric_pl_pg_lsn(numeric,pg_lsn)': (a: Numeric, b: Int8) => movedLsn(b, a, 1n),
});
