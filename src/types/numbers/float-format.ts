/**
 * Text of float4 and float8: the shortest digits that read back as the same value (extra_float_digits above 0), or
 * 15 (6) and fewer significant digits like C's %g. Exponent forms have at least two exponent digits.
 */

/** How the digits of a positive finite number lie: 0.d1d2d3… * 10^point. */
interface Decimal {
  digits: string;
  point: number;
}

function decimalOf(text: string): Decimal {
  const [mantissa, exponent = '0'] = text.split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const point = whole.length + Number(exponent) - (all.length - digits.length);
  return { digits: digits.replace(/0+$/, ''), point };
}

function exponentForm({ digits, point }: Decimal): string {
  const exponent = point - 1;
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function plainForm({ digits, point }: Decimal): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Exponent form when the decimal exponent is below -4 or not below `limit`. */
function place(decimal: Decimal, limit: number): string {
  const exponent = decimal.point - 1;
  return exponent < -4 || exponent >= limit ? exponentForm(decimal) : plainForm(decimal);
}

function specialText(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return null;
}

const FLOAT8_DIGITS = 15;
const FLOAT4_DIGITS = 6;
const SHORT_LIMIT8 = 15;
const SHORT_LIMIT4 = 6;

export function formatFloat8(value: number, extraFloatDigits: number): string {
  // Safe integers below the exponent form are what most columns hold.
  if (Number.isSafeInteger(value) && value < 1e15 && value > -1e15 && extraFloatDigits > 0 && value !== 0) {
    return String(value);
  }
  const special = specialText(value);
  if (special !== null) return special;
  if (extraFloatDigits <= 0) return rounded(value, Math.max(FLOAT8_DIGITS + extraFloatDigits, 1));
  const text = String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e15) return text;
  const sign = value < 0 ? '-' : '';
  return sign + place(shortestFloat8(magnitude), SHORT_LIMIT8);
}

/** Between doubles this large, decimals may lie exactly halfway; PostgreSQL takes those for neither. */
function shortestFloat8(magnitude: number): Decimal {
  const text = String(magnitude);
  if (magnitude < 2 ** 54 || magnitude >= 1e45 || !isHalfway(text, magnitude, 53)) return decimalOf(text);
  for (let precision = 1; precision < 17; precision++) {
    const longer = magnitude.toPrecision(precision);
    if (Number(longer) === magnitude && !isHalfway(longer, magnitude, 53)) return decimalOf(longer);
  }
  return decimalOf(magnitude.toPrecision(17));
}

function isHalfway(text: string, magnitude: number, mantissaBits: number): boolean {
  const { digits, point } = decimalOf(text);
  if (digits.length > point) return false;
  const decimal = BigInt(digits.padEnd(point, '0'));
  const exact = BigInt(magnitude);
  const distance = decimal > exact ? decimal - exact : exact - decimal;
  const ulp = 2n ** BigInt(exact.toString(2).length - mantissaBits);
  return distance * 2n === ulp;
}

export function formatFloat4(value: number, extraFloatDigits: number): string {
  const special = specialText(value);
  if (special !== null) return special;
  if (extraFloatDigits <= 0) return rounded(value, Math.max(FLOAT4_DIGITS + extraFloatDigits, 1));
  const sign = value < 0 ? '-' : '';
  return sign + place(shortestFloat4(Math.abs(value)), SHORT_LIMIT4);
}

/** `toPrecision` takes the larger of two decimals equally near; this takes the even one. */
export function halfToEven(magnitude: number, precision: number): string {
  const text = magnitude.toPrecision(precision);
  const { digits, point } = decimalOf(magnitude.toPrecision(precision + 20));
  if (digits.length !== precision + 1 || digits[precision] !== '5' || Number(digits[precision - 1]) % 2 === 1)
    return text;
  return `0.${digits.slice(0, precision)}e${point}`;
}

const SMALLEST_NORMAL4 = 2 ** -126;

function shortestFloat4(magnitude: number): Decimal {
  // Six digits always survive in normal values, so that fewer are only trailing zeros.
  for (let precision = magnitude < SMALLEST_NORMAL4 ? 1 : FLOAT4_DIGITS; precision < 9; precision++) {
    const text = halfToEven(magnitude, precision);
    if (Math.fround(Number(text)) !== magnitude) continue;
    if (magnitude < 2 ** 25 || magnitude >= 1e20 || !isHalfway(text, magnitude, 24)) return decimalOf(text);
  }
  return decimalOf(magnitude.toPrecision(9));
}

/** Like C's %.{precision}g. */
function rounded(value: number, precision: number): string {
  const sign = value < 0 ? '-' : '';
  return sign + place(decimalOf(halfToEven(Math.abs(value), precision)), precision);
}
