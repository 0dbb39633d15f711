/** Order-preserving keys over random values: byte characters, the order of the values, no prefixes; inverted: its reverse. */
import fc from 'fast-check';
import t from 'tap';
import {
  invertKey,
  keyBool,
  keyBytes,
  keyFloat64,
  keyInt16,
  keyInt32,
  keyInt64,
  keyText,
  keyUint32,
  keyUint64,
} from '../../src/types/ordered-key.js';

function order<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function check<T>(
  name: string,
  values: fc.Arbitrary<T>,
  key: (value: T) => string,
  compare: (a: T, b: T) => number,
): void {
  t.test(name, async (t) => {
    const property = fc.property(values, values, (a, b) => {
      const [x, y] = [key(a), key(b)];
      const expected = Math.sign(compare(a, b));
      if (/[^\0-\xff]/.test(x)) throw new Error('not bytes');
      if (order(x, y) !== expected) throw new Error('order');
      if (order(invertKey(x), invertKey(y)) + expected !== 0) throw new Error('inverted order');
      if (x !== y && y.startsWith(x)) throw new Error('prefix');
      if (invertKey(invertKey(x)) !== x) throw new Error('inverted twice');
    });
    fc.assert(property, { numRuns: 2000 });
    t.pass('all pairs');
  });
}

/** As PostgreSQL orders: NaN is equal to itself and greater than everything. */
function compareFloats(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return order(a, b);
}

const SAFE = fc.maxSafeInteger();
const int64 = fc.oneof(SAFE, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const uint64 = fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const asBigint = (a: number | bigint, b: number | bigint) => order(BigInt(a), BigInt(b));
const text = fc.string({ unit: 'grapheme', maxLength: 50 }).filter((value) => !value.includes('\0'));

check('bool', fc.boolean(), keyBool, order);
check('int16', fc.integer({ min: -32768, max: 32767 }), keyInt16, order);
check('int32', fc.integer(), keyInt32, order);
check('uint32', fc.nat(), keyUint32, order);
check('int64', int64, keyInt64, asBigint);
check('uint64', uint64, keyUint64, asBigint);
check('float64', fc.double(), keyFloat64, compareFloats);
check('text', text, keyText, (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
check('bytes', fc.uint8Array({ maxLength: 8 }), keyBytes, (a, b) => Buffer.compare(a, b));
check('bytes with many zeroes', fc.uint8Array({ max: 2, maxLength: 60 }), keyBytes, (a, b) => Buffer.compare(a, b));

t.test('values at the limits', async (t) => {
  t.equal(keyFloat64(-0), keyFloat64(0));
  t.equal(keyInt64(5), keyInt64(5n));
  const floats = [
    Number.NEGATIVE_INFINITY,
    -1,
    -Number.MIN_VALUE,
    0,
    Number.MIN_VALUE,
    1,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ];
  const keys = floats.map(keyFloat64);
  t.same([...keys].sort(), keys);
  for (const length of [0, 31, 32, 33, 1000]) t.equal(invertKey('\x01'.repeat(length)), '\xfe'.repeat(length));
});
