/**
 * numeric values: coefficient / 10^scale, immutable. The coefficient is a number while it is a safe integer and a bigint
 * beyond; `scale` is PostgreSQL's display scale (digits behind the point, 0 to 16383). NaN and the infinities have
 * the JavaScript number of that name as coefficient, and scale 0. Arithmetic on small values allocates only its result.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { halfToEven } from '../numbers/float-format.js';
import { digitCount, powerOfTen, smallPowerOfTen } from './powers-of-ten.js';

type Coefficient = number | bigint;

export const MAX_SCALE = 16383;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
/** Digits before the point that the format has room for. */
const MAX_INTEGER_DIGITS = 131072;
/** A safe integer may be multiplied by this power of ten and still be judged by its double. */
const MAX_QUICK_SHIFT = 22;
const MIN_SIGNIFICANT_DIGITS = 16;
const MAX_DIVISION_SCALE = 1000;
const DIGITS_PER_GROUP = 4;

let integerLimit: bigint | null = null;

/** The value has more digits than the format has room for. */
export function numericOverflow(): SqlError {
  return sqlError('numeric_value_out_of_range', 'value overflows numeric format');
}

export function divisionByZero(): SqlError {
  return sqlError('division_by_zero', 'division by zero');
}

/** Rounds a quotient of bigints half away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

export class Numeric {
  constructor(
    /** Canonical: a bigint is never a safe integer; never -0. */
    readonly coefficient: Coefficient,
    readonly scale: number,
  ) {}

  static readonly NaN = new Numeric(Number.NaN, 0);
  static readonly INFINITY = new Numeric(Number.POSITIVE_INFINITY, 0);
  static readonly NEGATIVE_INFINITY = new Numeric(Number.NEGATIVE_INFINITY, 0);
  static readonly ZERO = new Numeric(0, 0);
  static readonly ONE = new Numeric(1, 0);

  /** Brings a bigint coefficient into canonical form. Throws 22003 for more than 131072 digits before the point. */
  static of(coefficient: bigint, scale: number): Numeric {
    if (coefficient <= MAX_SAFE && coefficient >= -MAX_SAFE) return new Numeric(Number(coefficient), scale);
    integerLimit ??= powerOfTen(MAX_INTEGER_DIGITS);
    const magnitude = coefficient < 0n ? -coefficient : coefficient;
    if (magnitude >= integerLimit && magnitude / powerOfTen(scale) >= integerLimit) throw numericOverflow();
    return new Numeric(coefficient, scale);
  }

  static fromInt(value: number | bigint): Numeric {
    return typeof value === 'number' ? new Numeric(value + 0, 0) : Numeric.of(value, 0);
  }

  /** A float to `digits` significant digits (15 for float8, 6 for float4), as the cast does. */
  static fromNumber(value: number, digits = 15): Numeric {
    if (!Number.isFinite(value)) return Numeric.special(value);
    if (Number.isSafeInteger(value) && Math.abs(value) < smallPowerOfTen(digits)) return new Numeric(value + 0, 0);
    const magnitude = Numeric.parse(halfToEven(Math.abs(value), digits)).trimScale();
    return value < 0 ? magnitude.negate() : magnitude;
  }

  /** NaN or an infinity from the JavaScript number of that name. */
  static special(value: number): Numeric {
    if (Number.isNaN(value)) return Numeric.NaN;
    return value > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
  }

  /** The text input function of numeric. Throws 22P02 and 22003. */
  static parse(text: string): Numeric {
    const quick = QUICK.exec(text);
    if (quick !== null && text.length <= 17) {
      const fraction = quick[2] ?? '';
      const coefficient = Number(quick[1] + fraction) + 0;
      if (Number.isSafeInteger(coefficient)) return new Numeric(coefficient, fraction.length);
    }
    return parseGeneral(text);
  }

  get isFinite(): boolean {
    return typeof this.coefficient === 'bigint' || Number.isFinite(this.coefficient);
  }

  get isNaN(): boolean {
    return Number.isNaN(this.coefficient);
  }

  get isInfinite(): boolean {
    return this.coefficient === Number.POSITIVE_INFINITY || this.coefficient === Number.NEGATIVE_INFINITY;
  }

  get isInteger(): boolean {
    return this.isFinite && (this.scale === 0 || this.compare(this.trunc()) === 0);
  }

  /** The coefficient as a bigint. REQUIRES a finite value. */
  get big(): bigint {
    return BigInt(this.coefficient);
  }

  get isZero(): boolean {
    return this.coefficient === 0;
  }

  /** -1, 0 or 1; NaN for NaN. */
  get sign(): number {
    const { coefficient } = this;
    if (typeof coefficient === 'number') return Math.sign(coefficient);
    return coefficient < 0n ? -1 : 1;
  }

  toString(): string {
    const { coefficient, scale } = this;
    if (scale === 0) return coefficient.toString();
    const negative = coefficient < 0;
    const digits = (negative ? -coefficient : coefficient).toString().padStart(scale + 1, '0');
    const split = digits.length - scale;
    return `${negative ? '-' : ''}${digits.slice(0, split)}.${digits.slice(split)}`;
  }

  /** The nearest double; ±Infinity beyond its range. */
  toNumber(): number {
    const { coefficient, scale } = this;
    if (scale === 0) return Number(coefficient);
    if (typeof coefficient === 'number' && scale <= MAX_QUICK_SHIFT) return coefficient / smallPowerOfTen(scale);
    return Number(this.toString());
  }

  /** The nearest integer, half away from zero. REQUIRES a finite value. */
  toBigInt(): bigint {
    return this.scale === 0 ? this.big : divideRounded(this.big, powerOfTen(this.scale));
  }

  equals(other: Numeric): boolean {
    return this.compare(other) === 0;
  }

  /** Order of numeric: -Infinity, finite values, Infinity, NaN. */
  compare(other: Numeric): number {
    const a = this.coefficient;
    const b = other.coefficient;
    if (typeof a === 'number' && typeof b === 'number') {
      if (this.scale === other.scale) {
        if (a < b) return -1;
        if (a > b) return 1;
        if (a === b) return 0;
      }
      const shift = other.scale - this.scale;
      if (Math.abs(shift) <= MAX_QUICK_SHIFT) {
        const x = shift > 0 ? a * smallPowerOfTen(shift) : a;
        const y = shift < 0 ? b * smallPowerOfTen(-shift) : b;
        if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x < y ? -1 : x > y ? 1 : 0;
      }
    }
    return this.compareSlowly(other);
  }

  private compareSlowly(other: Numeric): number {
    if (!this.isFinite || !other.isFinite) {
      if (this.isNaN || other.isNaN) return Number(this.isNaN) - Number(other.isNaN);
      const a = this.isFinite ? 0 : this.sign;
      return a - (other.isFinite ? 0 : other.sign);
    }
    const scale = Math.max(this.scale, other.scale);
    const a = this.scaledTo(scale);
    const b = other.scaledTo(scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** The coefficient for a scale that is not smaller than this one's. REQUIRES a finite value. */
  scaledTo(scale: number): bigint {
    const coefficient = BigInt(this.coefficient);
    return scale === this.scale ? coefficient : coefficient * powerOfTen(scale - this.scale);
  }

  add(other: Numeric): Numeric {
    const a = this.coefficient;
    const b = other.coefficient;
    if (typeof a === 'number' && typeof b === 'number') {
      const shift = this.scale - other.scale;
      if (shift === 0) {
        const sum = a + b;
        if (sum <= MAX_SAFE && sum >= -MAX_SAFE) return new Numeric(sum, this.scale);
      } else if (shift <= MAX_QUICK_SHIFT && shift >= -MAX_QUICK_SHIFT) {
        const x = shift < 0 ? a * smallPowerOfTen(-shift) : a;
        const y = shift > 0 ? b * smallPowerOfTen(shift) : b;
        const sum = x + y;
        if (Number.isSafeInteger(x) && Number.isSafeInteger(y) && Number.isSafeInteger(sum)) {
          return new Numeric(sum + 0, shift > 0 ? this.scale : other.scale);
        }
      }
    }
    if (!this.isFinite || !other.isFinite) return Numeric.special(this.extremity() + other.extremity());
    const scale = Math.max(this.scale, other.scale);
    return Numeric.of(this.scaledTo(scale) + other.scaledTo(scale), scale);
  }

  sub(other: Numeric): Numeric {
    return this.add(other.negate());
  }

  mul(other: Numeric): Numeric {
    const a = this.coefficient;
    const b = other.coefficient;
    const scale = this.scale + other.scale;
    if (typeof a === 'number' && typeof b === 'number') {
      const product = a * b;
      if (product <= MAX_SAFE && product >= -MAX_SAFE && scale <= MAX_SCALE) return new Numeric(product + 0, scale);
    }
    if (!this.isFinite || !other.isFinite) {
      return Numeric.special(this.extremity(1) * other.extremity(1));
    }
    const product = BigInt(a) * BigInt(b);
    if (scale <= MAX_SCALE) return Numeric.of(product, scale);
    return Numeric.of(divideRounded(product, powerOfTen(scale - MAX_SCALE)), MAX_SCALE);
  }

  /** Quotient with PostgreSQL's choice of scale. Throws 22012. */
  div(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.NaN;
    if (other.isZero) throw divisionByZero();
    if (!other.isFinite) return this.isFinite ? Numeric.ZERO : Numeric.NaN;
    if (!this.isFinite) return Numeric.special(this.sign * other.sign * Number.POSITIVE_INFINITY);
    return this.divideToScale(other, divisionScale(this, other));
  }

  /** Quotient rounded to `scale` digits. REQUIRES finite values and a divisor that is not zero. */
  divideToScale(other: Numeric, scale: number): Numeric {
    const shift = scale + other.scale - this.scale;
    const dividend = BigInt(this.coefficient) * (shift > 0 ? powerOfTen(shift) : 1n);
    const divisor = BigInt(other.coefficient) * (shift < 0 ? powerOfTen(-shift) : 1n);
    return Numeric.of(divideRounded(dividend, divisor), scale);
  }

  /** The integer quotient, truncated. Throws 22012. */
  divTrunc(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.NaN;
    if (other.isZero) throw divisionByZero();
    if (!other.isFinite) return this.isFinite ? Numeric.ZERO : Numeric.NaN;
    if (!this.isFinite) return Numeric.special(this.sign * other.sign * Number.POSITIVE_INFINITY);
    const scale = Math.max(this.scale, other.scale);
    return Numeric.of(this.scaledTo(scale) / other.scaledTo(scale), 0);
  }

  /** The remainder of truncated division, with the sign of the dividend. Throws 22012. */
  mod(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.NaN;
    if (other.isZero) throw divisionByZero();
    if (!this.isFinite) return Numeric.NaN;
    if (!other.isFinite) return this;
    const { coefficient: a, scale } = this;
    const b = other.coefficient;
    if (scale === other.scale && typeof a === 'number' && typeof b === 'number') return new Numeric((a % b) + 0, scale);
    const common = Math.max(scale, other.scale);
    return Numeric.of(this.scaledTo(common) % other.scaledTo(common), common);
  }

  negate(): Numeric {
    const { coefficient } = this;
    return typeof coefficient === 'number'
      ? new Numeric(0 - coefficient, this.scale)
      : new Numeric(-coefficient, this.scale);
  }

  abs(): Numeric {
    return this.coefficient < 0 ? this.negate() : this;
  }

  /** Rounds half away from zero to `digits` behind the point (negative: before it); the scale becomes `digits`. */
  round(digits = 0): Numeric {
    return rescale(this, digits, (dividend, divisor) => divideRounded(dividend, divisor));
  }

  trunc(digits = 0): Numeric {
    return rescale(this, digits, (dividend, divisor) => dividend / divisor);
  }

  floor(): Numeric {
    return rescale(this, 0, (dividend, divisor) => {
      const quotient = dividend / divisor;
      return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
    });
  }

  ceil(): Numeric {
    return rescale(this, 0, (dividend, divisor) => {
      const quotient = dividend / divisor;
      return dividend > 0n && quotient * divisor !== dividend ? quotient + 1n : quotient;
    });
  }

  /** The same value with the fewest digits behind the point. */
  trimScale(): Numeric {
    let { coefficient, scale } = this;
    if (scale === 0) return this;
    if (coefficient === 0) return Numeric.ZERO;
    if (typeof coefficient === 'number') {
      while (scale > 0 && coefficient % 10 === 0) {
        coefficient /= 10;
        scale--;
      }
      return new Numeric(coefficient, scale);
    }
    const zeros = Math.min(scale, trailingZeros(coefficient.toString()));
    return zeros === 0 ? this : Numeric.of(coefficient / powerOfTen(zeros), scale - zeros);
  }

  /** The same value written with another scale that loses nothing; used for results of given scale. */
  withScale(scale: number): Numeric {
    return scale === this.scale ? this : this.round(scale);
  }

  /** For arithmetic with infinities: finite values count as `finite` times their sign. */
  private extremity(finite = 0): number {
    if (typeof this.coefficient === 'number' && !Number.isFinite(this.coefficient)) return this.coefficient;
    return finite * this.sign;
  }
}

function trailingZeros(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.length - end;
}

function rescale(value: Numeric, digits: number, divide: (dividend: bigint, divisor: bigint) => bigint): Numeric {
  const { coefficient, scale } = value;
  if (!value.isFinite || digits === scale) return value;
  if (digits > scale) {
    if (typeof coefficient === 'number' && digits - scale <= MAX_QUICK_SHIFT) {
      const shifted = coefficient * smallPowerOfTen(digits - scale);
      if (Number.isSafeInteger(shifted)) return new Numeric(shifted, digits);
    }
    return Numeric.of(value.scaledTo(digits), digits);
  }
  if (coefficient === 0) return new Numeric(0, Math.max(digits, 0));
  const quotient = divide(BigInt(coefficient), powerOfTen(scale - digits));
  return digits >= 0 ? Numeric.of(quotient, digits) : Numeric.of(quotient * powerOfTen(-digits), 0);
}

/** The first group of four digits of the value, and the place of that group (0: the group of the units). */
export function leadingGroup(value: Numeric): { group: number; weight: number } {
  const { coefficient, scale } = value;
  if (coefficient === 0) return { group: 0, weight: 0 };
  const magnitude = coefficient < 0 ? -coefficient : coefficient;
  const digits = digitCount(magnitude);
  const weight = Math.ceil((digits - scale) / DIGITS_PER_GROUP) - 1;
  const length = digits - scale - weight * DIGITS_PER_GROUP;
  const drop = digits - length;
  if (typeof magnitude === 'bigint') return { group: Number(magnitude / powerOfTen(drop)), weight };
  if (drop < 0) return { group: magnitude * smallPowerOfTen(-drop), weight };
  return { group: Math.floor(magnitude / smallPowerOfTen(drop)), weight };
}

/** How many digits behind the point a quotient has: at least 16 significant ones. */
export function divisionScale(a: Numeric, b: Numeric): number {
  const x = leadingGroup(a);
  const y = leadingGroup(b);
  const weight = x.weight - y.weight - (x.group <= y.group ? 1 : 0);
  return Math.min(
    Math.max(MIN_SIGNIFICANT_DIGITS - weight * DIGITS_PER_GROUP, a.scale, b.scale, 0),
    MAX_DIVISION_SCALE,
  );
}

const QUICK = /^(-?\d+)(?:\.(\d*))?$/;
const GENERAL = /^[ \t\n\v\f\r]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/;
const SPECIAL = /^[ \t\n\v\f\r]*(nan|[+-]?inf(?:inity)?)[ \t\n\v\f\r]*$/i;
const MAX_EXPONENT = 1073741823;

function parseGeneral(text: string): Numeric {
  const match = GENERAL.exec(text);
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) return parseSpecial(text);
  const fraction = match[3] ?? '';
  const exponent = match[4] === undefined ? 0 : Number(match[4]);
  if (Math.abs(exponent) >= MAX_EXPONENT) throw numericOverflow();
  const scale = fraction.length - exponent;
  if (scale > MAX_SCALE) throw numericOverflow();
  const digits = match[2] + fraction;
  if (/^0*$/.test(digits)) return new Numeric(0, Math.max(scale, 0));
  if (digits.length - scale > MAX_INTEGER_DIGITS + digits.length) throw numericOverflow();
  const magnitude = BigInt(digits) * (scale < 0 ? powerOfTen(-scale) : 1n);
  return Numeric.of(match[1] === '-' ? -magnitude : magnitude, Math.max(scale, 0));
}

function parseSpecial(text: string): Numeric {
  const name = SPECIAL.exec(text)?.[1].toLowerCase();
  if (name === undefined) {
    throw sqlError('invalid_text_representation', `invalid input syntax for type numeric: "${text}"`);
  }
  if (name === 'nan') return Numeric.NaN;
  return name.startsWith('-') ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
}
