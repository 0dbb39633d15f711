/** Looking for bytes that are not zero in memory that mostly is. */

const BLOCK = Buffer.alloc(64 << 10);

/** Whether all bytes from `start` to `end` are zero. */
export function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += BLOCK.length) {
    const length = Math.min(BLOCK.length, end - at);
    if (bytes.compare(BLOCK, 0, length, at, at + length) !== 0) return false;
  }
  return true;
}

/** Length of the bytes without the zeroes at their end. */
export function lengthWithoutZeroes(bytes: Buffer): number {
  let used = bytes.length;
  while (used >= BLOCK.length && isZero(bytes, used - BLOCK.length, used)) used -= BLOCK.length;
  while (used > 0 && bytes[used - 1] === 0) used--;
  return used;
}
