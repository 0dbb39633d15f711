/** Arithmetic and casts of money, which is an int8 of hundredths. */
import { sqlError } from '../../errors/sql-error.js';
import { type Datum, normalizeInt8 } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { floatOverflow, roundHalfEven } from './float-functions.js';
import { divInt8 } from './integer-functions.js';
import { divisionByZero, outOfRange, toInt8 } from './integer-range.js';
import { moneyInWords } from './money-words.js';
import type { PlainTable } from './plain-table.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

type Int8 = number | bigint;

function checked(value: bigint): Int8 {
  if (BigInt.asIntN(64, value) !== value) throw outOfRange('money');
  return normalizeInt8(value);
}

function add(a: Int8, b: Int8): Int8 {
  return checked(BigInt(a) + BigInt(b));
}

function multiply(a: Int8, b: Int8): Int8 {
  return checked(BigInt(a) * BigInt(b));
}

function scaled(value: number): Int8 {
  const rounded = roundHalfEven(value);
  if (!(rounded >= -(2 ** 63) && rounded < 2 ** 63)) throw outOfRange('money');
  return normalizeInt8(BigInt(rounded));
}

function multiplyFloat(a: Int8, b: number): Int8 {
  const product = Number(a) * b;
  if (!Number.isFinite(product) && Number.isFinite(b)) throw floatOverflow();
  return scaled(product);
}

function divideFloat(a: Int8, b: number): Int8 {
  if (b === 0) throw divisionByZero();
  const quotient = Number(a) / b;
  if (!Number.isFinite(quotient) && Number.isFinite(b)) throw floatOverflow();
  return scaled(quotient);
}

function byInteger(suffix: string): PlainTable {
  return {
    [`cash_mul_${suffix}`]: multiply,
    [`${suffix}_mul_cash`]: multiply,
    [`cash_div_${suffix}`]: divInt8,
  };
}

function byFloat(suffix: string): PlainTable {
  return {
    [`cash_mul_${suffix}`]: multiplyFloat,
    [`${suffix}_mul_cash`]: (a: number, b: Int8): Datum => multiplyFloat(b, a),
    [`cash_div_${suffix}`]: divideFloat,
  };
}

export const moneyFunctions: FunctionFamily = plainFunctions({
  cash_words: (value: Int8) => moneyInWords(BigInt(value)),
  cash_pl: add,
  cash_mi: (a: Int8, b: Int8) => checked(BigInt(a) - BigInt(b)),
  cash_div_cash: (a: Int8, b: Int8) => {
    if (b === 0) throw divisionByZero();
    return Number(a) / Number(b);
  },
  ...byInteger('int2'),
  ...byInteger('int4'),
  ...byInteger('int8'),
  ...byFloat('flt4'),
  ...byFloat('flt8'),
  int4_cash: (a: number) => multiply(a, 100),
  int8_cash: (a: Int8) => toInt8(BigInt(a) * 100n),
  numeric_cash: (a: Numeric) => {
    if (!a.isFinite) {
      throw sqlError('feature_not_supported', `cannot convert ${a.isNaN ? 'NaN' : 'infinity'} to bigint`);
    }
    return toInt8(a.mul(new Numeric(100, 0)).toBigInt());
  },
  cash_numeric: (a: Int8) => Numeric.of(BigInt(a), 2),
});
