/**
 * exp, log, power and the trigonometric functions of doubles, rounded correctly in all but the rarest cases. The C
 * library under PostgreSQL is that precise; JavaScript's Math may be off in the last digit, and that digit shows.
 */
import { add2, type Double2, div2, exactProduct, mul2, negate2, round2 } from './double-double.js';

const LN_2: Double2 = [Math.LN2, 2.3190468138462996e-17];
const ONE: Double2 = [1, 0];
/** 1/n at place n, for the terms of series. */
const INVERSES: readonly Double2[] = Array.from({ length: 32 }, (_, n) => div2(ONE, [Math.max(n, 1), 0]));
/** 1/(n(n+1)) at place n. */
const INVERSE_PAIRS: readonly Double2[] = Array.from({ length: 31 }, (_, n) => mul2(INVERSES[n], INVERSES[n + 1]));

/** x * 2^k in steps that do not overflow before the result does. */
function scale(x: number, k: number): number {
  const half = Math.trunc(k / 2);
  return x * 2 ** half * 2 ** (k - half);
}

const EXP_HALVINGS = 6;
const EXP_TERMS = 13;

/** exp(x) as mantissa * 2^exponent. REQUIRES |x| < 800. */
function exp2parts(x: Double2): { mantissa: Double2; exponent: number } {
  const exponent = Math.round(x[0] / Math.LN2);
  const reduced = add2(x, negate2(mul2(LN_2, [exponent, 0])));
  const step = 2 ** -EXP_HALVINGS;
  const r: Double2 = [reduced[0] * step, reduced[1] * step];
  let sum = ONE;
  for (let n = EXP_TERMS; n >= 1; n--) sum = add2(ONE, mul2(mul2(r, sum), INVERSES[n]));
  for (let i = 0; i < EXP_HALVINGS; i++) sum = mul2(sum, sum);
  return { mantissa: sum, exponent };
}

function expOf(x: Double2): number {
  if (x[0] > 710) return Number.POSITIVE_INFINITY;
  if (x[0] < -746) return 0;
  const { mantissa, exponent } = exp2parts(x);
  return scale(round2(mantissa), exponent);
}

export function preciseExp(x: number): number {
  return Number.isFinite(x) ? expOf([x, 0]) : Math.exp(x);
}

/** Mantissa between sqrt(1/2) and sqrt(2), and the power of two. */
function fraction(x: number): [mantissa: number, exponent: number] {
  const subnormal = x < 2.2250738585072014e-308;
  const normal = subnormal ? x * 2 ** 54 : x;
  let exponent = Math.floor(Math.log2(normal));
  let mantissa = scale(normal, -exponent);
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  return [mantissa, subnormal ? exponent - 54 : exponent];
}

/** log of a positive finite number. */
function log2parts(x: number): Double2 {
  const [mantissa, exponent] = fraction(x);
  const log = Math.abs(mantissa - 1) < 2 ** -8 ? logNearOne(mantissa) : logByNewton(mantissa);
  return exponent === 0 ? log : add2(mul2(LN_2, [exponent, 0]), log);
}

function logNearOne(x: number): Double2 {
  const s = div2([x - 1, 0], add2([x, 0], ONE));
  const square = mul2(s, s);
  let sum: Double2 = [0, 0];
  for (let n = 15; n >= 1; n -= 2) sum = add2(mul2(sum, square), INVERSES[n]);
  const log = mul2(s, sum);
  return [2 * log[0], 2 * log[1]];
}

function logByNewton(x: number): Double2 {
  const guess = Math.log(x);
  const { mantissa, exponent } = exp2parts([-guess, 0]);
  const factor = 2 ** exponent;
  const near: Double2 = mul2([x, 0], [mantissa[0] * factor, mantissa[1] * factor]);
  return add2([guess, 0], add2(near, [-1, 0]));
}

export function preciseLog(x: number): number {
  return x > 0 && Number.isFinite(x) ? round2(log2parts(x)) : Math.log(x);
}

/** log10(2), the first part short enough that its products with exponents are exact. */
const LOG10_2_HIGH = 0.30102999566361177;
const LOG10_2_LOW = 3.694239077158931e-13;

/** As the C library has it, which rounds more than once: power of two and mantissa apart. */
export function preciseLog10(x: number): number {
  if (!(x >= 2.2250738585072014e-308 && Number.isFinite(x))) return Math.log10(x);
  let exponent = Math.floor(Math.log2(x));
  if (scale(x, -exponent) >= 2) exponent++;
  else if (scale(x, -exponent) < 1) exponent--;
  if (exponent < 0) exponent++;
  const rest = exponent * LOG10_2_LOW + Math.LOG10E * preciseLog(scale(x, -exponent));
  return rest + exponent * LOG10_2_HIGH;
}

/** x ** y; special values as Math.pow has them. */
export function precisePower(x: number, y: number): number {
  if (x === 0 || !Number.isFinite(x) || !Number.isFinite(y) || y === 0) return x ** y;
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  const log = log2parts(Math.abs(x));
  if (Math.abs(log[0] * y) > 800) return log[0] * y > 0 ? signOf(x, y) * Number.POSITIVE_INFINITY : 0;
  // The exact product would overflow for huge exponents.
  return signOf(x, y) * expOf(Math.abs(y) > 2 ** 900 ? [log[0] * y, 0] : mul2(log, [y, 0]));
}

function signOf(x: number, y: number): number {
  return x < 0 && Math.abs(y % 2) === 1 ? -1 : 1;
}

const HALF_PI = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33] as const;
const QUICK_LIMIT = 2 ** 20;

/** x - k * pi/2 within ±pi/4, and k modulo 4. */
function reduceAngle(x: number): { angle: Double2; quadrant: number } {
  if (Math.abs(x) <= Math.PI / 4) return { angle: [x, 0], quadrant: 0 };
  if (Math.abs(x) >= QUICK_LIMIT) return reduceLarge(x);
  const k = Math.round(x / HALF_PI[0]);
  let angle = add2([x, 0], negate2(exactProduct(k, HALF_PI[0])));
  angle = add2(angle, negate2(exactProduct(k, HALF_PI[1])));
  angle = add2(angle, [-k * HALF_PI[2], 0]);
  return { angle, quadrant: ((k % 4) + 4) % 4 };
}

const FRACTION_BITS = 200n;
const EXTRA_BITS = 1100n;
let halfPi: bigint | null = null;

/** pi/2 * 2^bits by Machin's formula. */
function computeHalfPi(bits: bigint): bigint {
  const guarded = bits + 16n;
  const arctanInverse = (n: bigint): bigint => {
    let power = (1n << guarded) / n;
    let sum = power;
    for (let i = 3n, sign = -1n; power !== 0n; i += 2n, sign = -sign) {
      power /= n * n;
      sum += (sign * power) / i;
    }
    return sum;
  };
  return (8n * arctanInverse(5n) - 2n * arctanInverse(239n)) >> 16n;
}

function reduceLarge(x: number): { angle: Double2; quadrant: number } {
  halfPi ??= computeHalfPi(FRACTION_BITS + EXTRA_BITS);
  // A double beyond 2^20 is a multiple of 2^-32.
  const exact = x >= 2 ** 53 || x <= -(2 ** 53) ? BigInt(x) << 32n : BigInt(x * 2 ** 32);
  const wide = exact << (FRACTION_BITS - 32n + EXTRA_BITS);
  const doubled = 2n * wide + (wide < 0n ? -halfPi : halfPi);
  const k = doubled / (2n * halfPi);
  const rest = (wide - k * halfPi) >> EXTRA_BITS;
  const unit = 2 ** -Number(FRACTION_BITS);
  const high = Number(rest);
  const angle: Double2 = [high * unit, Number(rest - BigInt(high)) * unit];
  return { angle, quadrant: Number(((k % 4n) + 4n) % 4n) };
}

function sinSeries(x: Double2): Double2 {
  const square = mul2(x, x);
  let sum = ONE;
  for (let n = 28; n >= 2; n -= 2) sum = add2(ONE, negate2(mul2(mul2(square, sum), INVERSE_PAIRS[n])));
  return mul2(x, sum);
}

function cosSeries(x: Double2): Double2 {
  const square = mul2(x, x);
  let sum = ONE;
  for (let n = 27; n >= 1; n -= 2) sum = add2(ONE, negate2(mul2(mul2(square, sum), INVERSE_PAIRS[n])));
  return sum;
}

function sinAndCos(x: number): { sin: Double2; cos: Double2 } {
  const { angle, quadrant } = reduceAngle(x);
  const sin = sinSeries(angle);
  const cos = cosSeries(angle);
  switch (quadrant) {
    case 0:
      return { sin, cos };
    case 1:
      return { sin: cos, cos: negate2(sin) };
    case 2:
      return { sin: negate2(sin), cos: negate2(cos) };
    default:
      return { sin: negate2(cos), cos: sin };
  }
}

/** Smaller arguments are their own sine to the last bit, or nearly: Math is right there. */
const TINY = 1e-8;

export function preciseSin(x: number): number {
  return Number.isFinite(x) && Math.abs(x) > TINY ? round2(sinAndCos(x).sin) : Math.sin(x);
}

export function preciseCos(x: number): number {
  return Number.isFinite(x) ? round2(sinAndCos(x).cos) : Number.NaN;
}

export function preciseTan(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) <= TINY) return Math.tan(x);
  const { sin, cos } = sinAndCos(x);
  return round2(div2(sin, cos));
}

/** Math's result with one step of Newton's method for the direction (x, y). */
function refineAngle(guess: number, y: number, x: number): number {
  const { sin, cos } = sinAndCos(guess);
  const across = add2(mul2(cos, [y, 0]), negate2(mul2(sin, [x, 0])));
  const along = add2(mul2(cos, [x, 0]), mul2(sin, [y, 0]));
  return round2(add2([guess, 0], div2(across, along)));
}

export function preciseAtan(x: number): number {
  const size = Math.abs(x);
  return size > TINY && size < 1e17 ? refineAngle(Math.atan(x), x, 1) : Math.atan(x);
}

export function preciseAtan2(y: number, x: number): number {
  const guess = Math.atan2(y, x);
  const ratio = Math.abs(y / x);
  if (!(ratio > 1e-280 && ratio < 1e280)) return guess;
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(x), Math.abs(y))));
  return refineAngle(guess, scale(y, -exponent), scale(x, -exponent));
}

export function preciseAsin(x: number): number {
  const guess = Math.asin(x);
  if (!(Math.abs(x) > TINY && Math.abs(x) < 1)) return guess;
  const { sin, cos } = sinAndCos(guess);
  return round2(add2([guess, 0], div2(add2([x, 0], negate2(sin)), cos)));
}

export function preciseAcos(x: number): number {
  const guess = Math.acos(x);
  if (!(Math.abs(x) < 1)) return guess;
  const { sin, cos } = sinAndCos(guess);
  return round2(add2([guess, 0], div2(add2(cos, [-x, 0]), sin)));
}
