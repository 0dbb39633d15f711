/** Bit strings against texts of their digits. */
import fc from 'fast-check';
import t from 'tap';
import { BitString, concatenateBits, shiftBits } from '../../../src/types/bits/bit-string.js';

const digits = fc.array(fc.constantFrom('0', '1'), { maxLength: 70 }).map((bits) => bits.join(''));

/** Unused bits are zero, or values that look the same would not be equal. */
function same(actual: BitString, expected: string): boolean {
  return actual.toString() === expected && actual.compare(BitString.fromBits(expected)) === 0;
}

t.test('text there and back, parts, concatenation and shifts', async () => {
  fc.assert(
    fc.property(digits, digits, fc.nat(80), fc.nat(80), (a, b, x, y) => {
      const value = BitString.fromBits(a);
      const [from, to] = [Math.min(x, y, a.length), Math.min(Math.max(x, y), a.length)];
      const count = Math.min(x, a.length);
      return (
        same(value, a) &&
        same(concatenateBits(value, BitString.fromBits(b)), a + b) &&
        same(value.slice(from, to), a.slice(from, to)) &&
        same(shiftBits(value, x), a.slice(count) + '0'.repeat(count)) &&
        same(shiftBits(value, -x), '0'.repeat(count) + a.slice(0, a.length - count))
      );
    }),
    { numRuns: 1000 },
  );
});

t.test('long ones', async (t) => {
  let bits = '';
  for (let i = 0; i < 100_003; i++) bits += (i * i) % 7 < 3 ? '1' : '0';
  const value = BitString.fromBits(bits);
  t.ok(same(value, bits));
  t.ok(same(concatenateBits(value, value), bits + bits));
  t.ok(same(value.slice(5, 90_000), bits.slice(5, 90_000)));
});
