import t from 'tap';
import { SplitMap } from '../../src/storage/split-map.js';

t.test('it is a map, small or large, while it grows and shrinks', (t) => {
  const split = new SplitMap<number>();
  const plain = new Map<string, number>();
  const same = (what: string): void => {
    t.equal(split.size, plain.size, what);
    t.equal(String([...split].sort()), String([...plain].sort()), what);
    t.equal(String([...split.keys()].sort()), String([...plain.keys()].sort()));
    t.equal(
      [...split.values()].reduce((sum, value) => sum + value, 0),
      [...plain.values()].reduce((sum, value) => sum + value, 0),
    );
  };
  for (const count of [0, 100, 20_000]) {
    for (let i = 0; i < count; i++) {
      const key = `key ${(i * 7919) % 15_000} of an index`;
      split.set(key, i);
      plain.set(key, i);
    }
    same(`${count} times`);
    for (let i = 0; i < count; i += 3) {
      const key = `key ${i} of an index`;
      if (split.get(key) !== plain.get(key) || split.delete(key) !== plain.delete(key) || split.has(key)) t.fail(key);
    }
    same('after some are deleted');
  }
  split.clear();
  plain.clear();
  same('cleared');
  split.set('', 1);
  t.equal(split.get(''), 1);
  t.end();
});
