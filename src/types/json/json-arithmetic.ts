/**
 * Arithmetic on the numbers of jsonb, as numeric does it: exact sums and products, quotients to numeric's number of
 * digits. Works on decimals (a bigint and a scale); small integers take a short way.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Numeric } from '../numeric/numeric.js';
import { parseNumberNode } from './jsonb.js';
import type { ArithmeticOperator } from './jsonpath.js';

type JsonNumber = number | Numeric;

interface Decimal {
  readonly digits: bigint;
  /** Digits behind the point. */
  readonly scale: number;
}

const MIN_SIGNIFICANT_DIGITS = 16;
const MAX_DIVISION_SCALE = 1000;
const DIGITS_PER_GROUP = 4;

function toDecimal(value: JsonNumber): Decimal {
  const [whole, fraction = ''] = value.toString().split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

function fromDecimal({ digits, scale }: Decimal): JsonNumber {
  if (scale === 0) return parseNumberNode(digits.toString());
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const text = `${magnitude.slice(0, -scale)}.${magnitude.slice(-scale)}`;
  return parseNumberNode(digits < 0n ? `-${text}` : text);
}

function scaled(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale);
}

/** The first group of four digits of a decimal that is not zero, and the place of that group (0: the units' group). */
function leadingGroup(value: Decimal): { group: number; weight: number } {
  if (value.digits === 0n) return { group: 0, weight: 0 };
  const text = (value.digits < 0n ? -value.digits : value.digits).toString();
  const magnitude = text.length - value.scale;
  const weight = Math.ceil(magnitude / DIGITS_PER_GROUP) - 1;
  const length = magnitude - weight * DIGITS_PER_GROUP;
  return { group: Number(text.slice(0, length).padEnd(length, '0')), weight };
}

/** How many digits behind the point numeric division gives. */
function divisionScale(a: Decimal, b: Decimal): number {
  const x = leadingGroup(a);
  const y = leadingGroup(b);
  const weight = x.weight - y.weight - (x.group <= y.group ? 1 : 0);
  const scale = Math.max(MIN_SIGNIFICANT_DIGITS - weight * DIGITS_PER_GROUP, a.scale, b.scale, 0);
  return Math.min(scale, MAX_DIVISION_SCALE);
}

function divide(a: Decimal, b: Decimal): Decimal {
  const scale = divisionScale(a, b);
  const dividend = a.digits * 10n ** BigInt(Math.max(0, scale + b.scale - a.scale));
  const divisor = b.digits * 10n ** BigInt(Math.max(0, a.scale - scale - b.scale));
  const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
  const rounded = (magnitude(dividend) * 2n + magnitude(divisor)) / (magnitude(divisor) * 2n);
  return { digits: dividend < 0n === divisor < 0n ? rounded : -rounded, scale };
}

/** Throws 22012 for division by zero. */
export function calculate(operator: ArithmeticOperator, left: JsonNumber, right: JsonNumber): JsonNumber {
  const a = toDecimal(left);
  const b = toDecimal(right);
  const scale = Math.max(a.scale, b.scale);
  switch (operator) {
    case '+':
      return fromDecimal({ digits: scaled(a, scale) + scaled(b, scale), scale });
    case '-':
      return fromDecimal({ digits: scaled(a, scale) - scaled(b, scale), scale });
    case '*':
      return fromDecimal({ digits: a.digits * b.digits, scale: a.scale + b.scale });
    default:
      if (b.digits === 0n) throw sqlError('division_by_zero', 'division by zero');
      if (operator === '/') return fromDecimal(divide(a, b));
      return fromDecimal({ digits: scaled(a, scale) % scaled(b, scale), scale });
  }
}

export function negate(value: JsonNumber): JsonNumber {
  const { digits, scale } = toDecimal(value);
  return fromDecimal({ digits: -digits, scale });
}

export function absolute(value: JsonNumber): JsonNumber {
  return value.toString().startsWith('-') ? negate(value) : value;
}

/** Rounds towards minus infinity (`floor`) or plus infinity (`ceiling`). */
export function roundTo(value: JsonNumber, direction: 'floor' | 'ceiling'): JsonNumber {
  const { digits, scale } = toDecimal(value);
  const unit = 10n ** BigInt(scale);
  let whole = digits / unit;
  const rest = digits % unit;
  if (rest < 0n && direction === 'floor') whole -= 1n;
  if (rest > 0n && direction === 'ceiling') whole += 1n;
  return fromDecimal({ digits: whole, scale: 0 });
}

/** The integer part as an int4, or null when it does not fit. */
export function truncateToInt4(value: JsonNumber): number | null {
  const { digits, scale } = toDecimal(value);
  const whole = Number(digits / 10n ** BigInt(scale));
  return whole >= -2147483648 && whole <= 2147483647 ? whole : null;
}
