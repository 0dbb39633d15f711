/**
 * cbrt with the last bit that PostgreSQL gives on Linux, whose C library is off by one in the last place for about every
 * second argument: a polynomial for the mantissa, one step of Halley's iteration, and the root of the exponent.
 */

/** Of the polynomial that is near the cube root between 1/2 and 1, the highest power first. */
const COEFFICIENTS = [
  0.14526389938548637, -0.7849323449766392, 1.8346927748361308, -2.4469312256353444, 2.114994941673713,
  -1.508191937815849, -0.35489576504391984,
];
/** 2^(-2/3), 2^(-1/3), 1, 2^(1/3), 2^(2/3): what is left of an exponent that 3 does not divide. */
const EXPONENT_REST = [0.6299605249474365, 0.7937005259840997, 1, 1.2599210498948732, 1.5874010519681996];
const SMALLEST_NORMAL = 2 ** -1022;

const parts = new DataView(new ArrayBuffer(8));

export function cubeRoot(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const { mantissa, exponent } = split(Math.abs(value));
  let guess = 0;
  for (const coefficient of COEFFICIENTS) guess = guess * mantissa + coefficient;
  guess = -guess;
  const cube = guess * guess * guess;
  const refined = (guess * (cube + 2 * mantissa)) / (2 * cube + mantissa);
  const root = refined * EXPONENT_REST[2 + (exponent % 3)] * 2 ** Math.trunc(exponent / 3);
  return value > 0 ? root : -root;
}

/** `value` = mantissa * 2^exponent with a mantissa from 1/2 to below 1. */
function split(value: number): { mantissa: number; exponent: number } {
  const scaled = value < SMALLEST_NORMAL;
  parts.setFloat64(0, scaled ? value * 2 ** 54 : value);
  const high = parts.getUint32(0);
  parts.setUint32(0, (high & 0xfffff) | (1022 << 20));
  return { mantissa: parts.getFloat64(0), exponent: (high >>> 20) - 1022 - (scaled ? 54 : 0) };
}
