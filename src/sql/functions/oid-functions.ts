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
    throw sqlError('numeric_value_out_of_range', `cannot ${sign > 0n ? 'add NaN to' : 'subtract NaN from'} pg_lsn`);
  const moved = offset.isFinite ? BigInt(lsn) + sign * offset.toBigInt() : -1n;
  if (moved < 0n || moved > MAX_LSN) throw lsnOutOfRange();
  return normalizeInt8(moved);
}

function lsnOutOfRange(): SqlError {
  return sqlError('invalid_parameter_value', 'pg_lsn out of range');
}

export const oidFunctions: FunctionFamily = plainFunctions({
  xid8toxid: (a: Int8) => Number(BigInt.asUintN(32, BigInt(a))),
  pg_lsn_mi: (a: Int8, b: Int8) => Numeric.fromInt(normalizeInt8(BigInt(a) - BigInt(b))),
  pg_lsn_pli: (a: Int8, b: Numeric) => movedLsn(a, b, 1n),
  pg_lsn_mii: (a: Int8, b: Numeric) => movedLsn(a, b, -1n),
  numeric_pg_lsn: (a: Numeric) => {
    if (a.isNaN) throw sqlError('feature_not_supported', 'cannot convert NaN to pg_lsn');
    if (!a.isFinite) throw sqlError('feature_not_supported', 'cannot convert infinity to pg_lsn');
    const value = a.toBigInt();
    if (value < 0n || value > MAX_LSN) throw lsnOutOfRange();
    return normalizeInt8(value);
  },
  'numeric_pl_pg_lsn(numeric,pg_lsn)': (a: Numeric, b: Int8) => movedLsn(b, a, 1n),
});
