/** Superseded entries of a leaf: found by entry and age, and divided between leaves. */
import t from 'tap';
import { Zombies } from '../../src/storage/zombies.js';

function entries(zombies: Zombies | null): string[] {
  const found: string[] = [];
  zombies?.forEach((key, rowId) => found.push(`${key}${rowId}`));
  return found.sort();
}

t.test('the oldest one is taken, if it is as old as asked for', async (t) => {
  const zombies = new Zombies();
  zombies.add('a', 1, 10);
  zombies.add('b', 1, 20);
  zombies.add('a', 1, 30);
  t.equal(zombies.take('a', 1, 9), 0);
  t.equal(zombies.take('a', 2, 99), 0);
  t.equal(zombies.take('a', 1, 99), 10);
  t.equal(zombies.take('a', 1, 20), 0);
  t.equal(zombies.take('b', 1, 20), 20);
  t.equal(zombies.take('a', 1, 30), 30);
  t.ok(zombies.empty);
});

t.test('dividing moves what does not stay, in order', async (t) => {
  const zombies = new Zombies();
  for (const [key, rowId, lsn] of [
    ['a', 1, 1],
    ['c', 1, 2],
    ['d', 2, 3],
    ['c', 1, 4],
    ['b', 3, 5],
  ] as const)
    zombies.add(key, rowId, lsn);
  const right = zombies.divide(({ key }) => key < 'c');
  t.same(entries(zombies), ['a1', 'b3']);
  t.same(entries(right), ['c1', 'c1', 'd2']);
  t.equal(right?.take('c', 1, 99), 2);
  t.equal(right?.take('c', 1, 99), 4);
  t.equal(
    zombies.divide(() => true),
    null,
  );
});
