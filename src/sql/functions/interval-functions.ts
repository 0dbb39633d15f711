/** Arithmetic, construction and coercion of intervals. */
import {
  addIntervals,
  Interval,
  intervalOutOfRange,
  negateInterval,
  subtractIntervals,
} from '../../types/datetime/interval.js';
import { applyIntervalTypmod } from '../../types/datetime/interval-typmod.js';
import { normalizeInt8 } from '../../types/datum.js';
import {
  divideInterval,
  justifyDays,
  justifyHours,
  justifyInterval,
  multiplyInterval,
  rint,
} from './interval-arithmetic.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

const USECS_PER_SEC = 1_000_000;

/** Parts that leave their bits wrap around, as they do in PostgreSQL 15. */
function makeInterval(
  years: number,
  months: number,
  weeks: number,
  days: number,
  hours: number,
  minutes: number,
  seconds: number,
): Interval {
  if (!Number.isFinite(seconds)) throw intervalOutOfRange();
  const micros = wrap(BigInt(hours) * 3600000000n + BigInt(minutes) * 60000000n + fractionMicros(seconds));
  return new Interval((Math.imul(years, 12) + months) | 0, (Math.imul(weeks, 7) + days) | 0, micros);
}

function fractionMicros(seconds: number): bigint {
  const micros = rint(seconds * USECS_PER_SEC);
  if (micros >= -(2 ** 63) && micros < 2 ** 63) return BigInt(micros);
  return -9223372036854775808n;
}

function wrap(value: bigint): number | bigint {
  return normalizeInt8(BigInt.asIntN(64, value));
}

export const intervalFunctions: FunctionFamily = plainFunctions({
  interval_pl: addIntervals,
  interval_mi: subtractIntervals,
  interval_um: negateInterval,
  interval_mul: multiplyInterval,
  mul_d_interval: (factor: number, value: Interval) => multiplyInterval(value, factor),
  interval_div: divideInterval,
  interval_justify_hours: justifyHours,
  interval_justify_days: justifyDays,
  interval_justify_interval: justifyInterval,
  interval_finite: () => true,
  make_interval: makeInterval,
  interval_scale: applyIntervalTypmod,
});
