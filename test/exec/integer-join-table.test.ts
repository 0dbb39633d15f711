/** The typed hash table of joins against a plain list: chains in input order, growth, NULL keys. */
import t from 'tap';
import { IntegerJoinTable } from '../../src/exec/integer-join-table.js';
import { NONE } from '../../src/exec/join-table.js';
import { GIVE_WAY, runSync } from '../../src/util/task.js';

function partners(table: IntegerJoinTable, key: number): unknown[] {
  const found: unknown[] = [];
  for (let at = table.first(key); at !== NONE; at = table.after(at)) found.push(table.rows[at][0]);
  return found;
}

function finish(table: IntegerJoinTable): void {
  runSync(table.finish({ overdue: () => false, giveWay: () => GIVE_WAY }));
}

t.test('finds all rows of a key in the order in which they came', async (t) => {
  const table = new IntegerJoinTable();
  const expected = new Map<number, number[]>();
  for (let i = 0; i < 5000; i++) {
    const key = ((i * 7919) % 1300) * 1_650_001 - 1_000_000_000;
    table.add(key, [i]);
    expected.set(key, [...(expected.get(key) ?? []), i]);
  }
  finish(table);
  for (const [key, rows] of expected) t.same(partners(table, key), rows);
  t.same(partners(table, 12345), []);
  t.notOk(table.hasNullKey);
});

t.test('keeps rows without a key, and does not find them', async (t) => {
  const table = new IntegerJoinTable();
  table.add(null, ['nothing']);
  table.add(0, ['zero']);
  table.add(-2147483648, ['least']);
  table.add(2147483647, ['most']);
  table.add(null, ['nothing again']);
  finish(table);
  t.ok(table.hasNullKey);
  t.equal(table.rows.length, 5);
  t.same(partners(table, 0), ['zero']);
  t.same(partners(table, -2147483648), ['least']);
  t.same(partners(table, 2147483647), ['most']);
});
