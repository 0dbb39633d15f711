/** Numbers of keys against a Map: growth over many segments, keys of all kinds, several columns. */
import t from 'tap';
import { KeyNumbers, TupleNumbers } from '../../src/exec/key-numbers.js';
import type { GroupKey } from '../../src/types/type-codec.js';

type Key = GroupKey | null;

/** A mixture that repeats itself. */
function keyAt(i: number): Key {
  const n = (i * 7919) % 60_000;
  switch (n % 6) {
    case 0:
      return n;
    case 1:
      return `text ${n}`;
    case 2:
      return n / 7 + 2 ** 40;
    case 3:
      return BigInt(n) + 2n ** 62n;
    case 4:
      return -n * 65_536;
    default:
      return n % 5 === 0 ? null : n % 5 === 1;
  }
}

t.test('numbers keys as a Map would', async (t) => {
  const table = new KeyNumbers();
  const expected = new Map<Key, number>();
  let wrong = 0;
  for (let i = 0; i < 200_000; i++) {
    const key = keyAt(i);
    const number = expected.get(key) ?? expected.size;
    expected.set(key, number);
    if (table.number(key) !== number) wrong++;
  }
  t.equal(wrong, 0);
  t.equal(table.count, expected.size);
  for (const [key, number] of expected) if (table.find(key) !== number) wrong++;
  t.equal(wrong, 0);
  t.equal(table.find('absent'), -1);
  table.clear();
  t.equal(table.count, 0);
  t.equal(table.find('text 1'), -1);
});

t.test('zeroes are one key, and so are NaNs; a number is not the bigint', async (t) => {
  const table = new KeyNumbers();
  t.same(
    [0, -0, Number.NaN, Number.NaN, 1, 1n, '1', true, null].map((key) => table.number(key)),
    [0, 0, 1, 1, 2, 3, 4, 5, 6],
  );
});

t.test('keys of several columns', async (t) => {
  const table = new TupleNumbers(3);
  const expected = new Map<string, number>();
  let wrong = 0;
  for (let i = 0; i < 100_000; i++) {
    const keys = [i % 211, keyAt(i % 500), i % 2 === 0 ? null : 'x'];
    const joined = keys.map((key) => `${typeof key}${key}`).join();
    const number = expected.get(joined) ?? expected.size;
    expected.set(joined, number);
    if (table.number(keys) !== number) wrong++;
  }
  t.equal(wrong, 0);
  t.equal(table.count, expected.size);
  t.equal(table.find([0, keyAt(0), null]), 0);
  t.equal(table.find([0, keyAt(0), 'x']), expected.get(`number0,${typeof keyAt(0)}${keyAt(0)},stringx`) ?? -1);
});
