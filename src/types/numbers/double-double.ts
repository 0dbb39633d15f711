/**
 * Numbers of about 106 bits as unevaluated sums of two doubles (high, low). Used where a result has to be rounded
 * correctly from more digits than a double has.
 */
export type Double2 = readonly [high: number, low: number];

const SPLITTER = 134217729;

function quickSum(a: number, b: number): Double2 {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

/** a + b exactly. */
export function exactSum(a: number, b: number): Double2 {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

/** a * b exactly; REQUIRES magnitudes below 2^996. */
export function exactProduct(a: number, b: number): Double2 {
  const product = a * b;
  const shiftedA = SPLITTER * a;
  const highA = shiftedA - (shiftedA - a);
  const lowA = a - highA;
  const shiftedB = SPLITTER * b;
  const highB = shiftedB - (shiftedB - b);
  const lowB = b - highB;
  return [product, highA * highB - product + highA * lowB + lowA * highB + lowA * lowB];
}

export function add2(a: Double2, b: Double2): Double2 {
  const [high, rest] = exactSum(a[0], b[0]);
  const [low, tail] = exactSum(a[1], b[1]);
  const [sum, carried] = quickSum(high, rest + low);
  return quickSum(sum, carried + tail);
}

export function negate2(a: Double2): Double2 {
  return [-a[0], -a[1]];
}

export function mul2(a: Double2, b: Double2): Double2 {
  const [high, low] = exactProduct(a[0], b[0]);
  return quickSum(high, low + (a[0] * b[1] + a[1] * b[0]));
}

export function div2(a: Double2, b: Double2): Double2 {
  const first = a[0] / b[0];
  let rest = add2(a, negate2(mul2(b, [first, 0])));
  const second = rest[0] / b[0];
  rest = add2(rest, negate2(mul2(b, [second, 0])));
  const [high, low] = quickSum(first, second);
  return quickSum(high, low + rest[0] / b[0]);
}

/** The nearest double. */
export function round2(a: Double2): number {
  return a[0] + a[1];
}
