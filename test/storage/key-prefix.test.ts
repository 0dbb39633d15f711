import t from 'tap';
import { prefixesOf, prefixOf } from '../../src/storage/key-prefix.js';

const KEYS = ['', '\0', 'a', 'a\0', 'ab', 'abcdef', 'abcdefg', 'abcdeg', 'b', '\xff', '\xff\xff', '\u0100', '\uffff'];

t.test('prefixes are in the order of their keys', async (t) => {
  const sorted = [...KEYS].sort((a, b) => (a < b ? -1 : 1));
  for (let i = 1; i < sorted.length; i++) {
    t.ok(
      prefixOf(sorted[i - 1]) <= prefixOf(sorted[i]),
      `${JSON.stringify(sorted[i - 1])}, ${JSON.stringify(sorted[i])}`,
    );
  }
});

t.test('random keys of bytes and units beyond', async (t) => {
  let state = 12345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 1;
    return state % below;
  };
  const units = [0, 1, 127, 128, 254, 255, 256, 65535];
  const random = (): string => String.fromCharCode(...Array.from({ length: next(9) }, () => units[next(units.length)]));
  for (let i = 0; i < 5000; i++) {
    const a = random();
    const b = random();
    if (prefixOf(a) < prefixOf(b) && !(a < b)) t.fail(`${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    if (a < b && prefixOf(a) > prefixOf(b)) t.fail(`${JSON.stringify(a)} and ${JSON.stringify(b)}`);
  }
  t.ok(Number.isSafeInteger(prefixOf('\uffff\uffff\uffff\uffff\uffff\uffff')));
  t.same(prefixesOf(['a', 'b']), [prefixOf('a'), prefixOf('b')]);
});
