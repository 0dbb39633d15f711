/** OrderedMap against a plain Map, and cursors over a map that changes under them. */
import fc from 'fast-check';
import t from 'tap';
import { OrderedMap, type OrderedMapCursor } from '../../src/util/ordered-map.js';

function keysOf<V>(cursor: OrderedMapCursor<V>): string[] {
  const keys: string[] = [];
  while (cursor.next()) keys.push(cursor.key);
  return keys;
}

/** Deterministic, so that a failure can be repeated. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

t.test('set, get, delete over many leaves', async (t) => {
  for (const order of ['up', 'down', 'random']) {
    const random = randomSource(11);
    const map = new OrderedMap<number>();
    const model = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const n = order === 'up' ? i : order === 'down' ? 20_000 - i : random(8000);
      const key = String(n).padStart(6, '0');
      if (order === 'random' && random(3) === 0) {
        const [removed, expected] = [map.delete(key), model.get(key)];
        if (removed !== expected) t.equal(removed, expected, `delete ${key}`);
        model.delete(key);
      } else {
        const [replaced, expected] = [map.set(key, i), model.get(key)];
        if (replaced !== expected) t.equal(replaced, expected, `set ${key}`);
        model.set(key, i);
      }
    }
    t.equal(map.size, model.size, order);
    const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
    t.same([...map], sorted);
    const keys = sorted.map(([key]) => key);
    t.same(keysOf(map.cursor(null, null, true)), [...keys].reverse());
    for (const [key, value] of sorted) if (map.get(key) !== value || !map.has(key)) t.fail(`lost ${key}`);
    for (const key of keys) map.delete(key);
    t.equal(map.size, 0);
    t.same([...map], []);
    t.equal(map.set('again', 1), undefined);
    t.same([...map], [['again', 1]]);
  }
});

t.test('bounds', async (t) => {
  const map = new OrderedMap<number>();
  const keys = Array.from({ length: 1000 }, (_, i) => String(i * 2).padStart(4, '0'));
  for (const key of keys) map.set(key, 0);
  for (let i = -1; i < 2001; i += 7) {
    const key = i < 0 ? '' : String(i).padStart(4, '0');
    t.equal(
      map.atOrAfter(key),
      keys.find((k) => k >= key),
    );
    t.equal(
      map.before(key),
      keys.findLast((k) => k < key),
    );
    t.same(
      keysOf(map.cursor(key, '0999')),
      keys.filter((k) => k >= key && k < '0999'),
    );
    t.same(keysOf(map.cursor('0100', key, true)), keys.filter((k) => k >= '0100' && k < key).reverse());
  }
  const none = new OrderedMap<number>();
  t.equal(none.atOrAfter(''), undefined);
  t.equal(none.before('x'), undefined);
  t.equal(none.cursor(null, null, true).next(), false);
});

t.test('a cursor goes on where it was while the map changes', async (t) => {
  const key = fc.integer({ min: 0, max: 400 }).map((n) => String(n).padStart(3, '0'));
  const change = fc.record({ key, add: fc.boolean() });
  const property = fc.property(
    fc.array(key),
    fc.array(fc.array(change, { maxLength: 40 })),
    fc.boolean(),
    (start, steps, reverse) => {
      const map = new OrderedMap<string>();
      const model = new Set<string>();
      const apply = (k: string, add: boolean) => {
        if (add) {
          map.set(k, `v${k}`);
          model.add(k);
        } else {
          map.delete(k);
          model.delete(k);
        }
      };
      for (const k of start) apply(k, true);
      const cursor = map.cursor('010', '390', reverse);
      let last: string | null = null;
      for (const changes of [...steps, ...Array.from({ length: 400 }, () => [])]) {
        for (const { key: k, add } of changes) apply(k, add);
        const ahead = [...model]
          .filter((k) => k >= '010' && k < '390' && (last === null || (reverse ? k < last : k > last)))
          .sort();
        const expected = reverse ? ahead.at(-1) : ahead[0];
        const found = cursor.next();
        t.equal(found, expected !== undefined);
        if (expected === undefined) break;
        t.equal(cursor.key, expected);
        t.equal(cursor.value, `v${expected}`);
        last = expected;
      }
    },
  );
  fc.assert(property, { numRuns: 40 });
});

t.test('clear under a cursor', async (t) => {
  const map = new OrderedMap<number>();
  for (let i = 0; i < 300; i++) map.set(String(i), i);
  const cursor = map.cursor();
  t.ok(cursor.next());
  map.clear();
  t.equal(cursor.next(), false);
  t.equal(map.size, 0);
});
