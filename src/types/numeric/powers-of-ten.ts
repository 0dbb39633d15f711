/** Powers of ten, and how many decimal digits integers have. */

const SMALL: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const BIG: bigint[] = Array.from({ length: 64 }, (_, i) => 10n ** BigInt(i));

/** 10^n as an exact double; REQUIRES 0 <= n <= 22. */
export function smallPowerOfTen(n: number): number {
  return SMALL[n];
}

/** 10^n; REQUIRES n >= 0. */
export function powerOfTen(n: number): bigint {
  return n < BIG.length ? BIG[n] : 10n ** BigInt(n);
}

/** Decimal digits of an integer; 0 for 0. */
export function digitCount(value: number | bigint): number {
  if (typeof value === 'bigint') return (value < 0n ? -value : value).toString().length;
  const magnitude = Math.abs(value);
  let digits = 0;
  while (digits < 17 && magnitude >= SMALL[digits]) digits++;
  return digits;
}
