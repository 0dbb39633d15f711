/** Codec of money: hundredths as int8. lc_monetary is C: `$` in front, `,` between thousands, `-` for negative amounts. */
import { sqlError } from '../../errors/sql-error.js';
import { normalizeInt8 } from '../datum.js';
import type { TypeCodec } from '../type-codec.js';
import { Int8Codec } from './integer-codecs.js';

/** Commas are ignored wherever they stand; signs, brackets and the symbol may follow as well. */
const MONEY = /^\s*\$?\s*([-(+])?\s*\$?\s*([\d,]*)(?:\.([\d,]*))?([\s)$+-]*)$/;

export function parseMoney(text: string): number | bigint {
  const match = MONEY.exec(text);
  if (match === null) throw moneySyntax(text);
  const [, open, whole, decimals = '', tail] = match;
  const negative = open === '(' || open === '-' || tail.includes('-');
  const fraction = decimals.replaceAll(',', '');
  const digits = whole.replaceAll(',', '') + fraction.slice(0, 2).padEnd(2, '0');
  let value = BigInt(digits);
  if (fraction.length > 2 && fraction[2] >= '5') value++;
  if (negative) value = -value;
  if (BigInt.asIntN(64, value) !== value) {
    throw sqlError('numeric_value_out_of_range', `value "${text}" is out of range for type money`);
  }
  return normalizeInt8(value);
}

function moneySyntax(text: string): Error {
  return sqlError('invalid_text_representation', `invalid input syntax for type money: "${text}"`);
}

export function formatMoney(value: number | bigint): string {
  const negative = value < 0;
  const digits = String(negative ? -BigInt(value) : value).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}$${whole}.${digits.slice(-2)}`;
}

class MoneyCodec extends Int8Codec {
  override parse(text: string): number | bigint {
    return parseMoney(text);
  }

  override format(value: number | bigint): string {
    return formatMoney(value);
  }
}

export const moneyCodec: TypeCodec<number | bigint> = new MoneyCodec();
