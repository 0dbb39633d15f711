/** Looking entries up in a block of index entries. */
import t from 'tap';
import { EntryBlockWriter, findEntries, type WantedEntry } from '../../src/encoding/entry-codec.js';

function blockOf(entries: readonly WantedEntry[]): Buffer {
  const writer = new EntryBlockWriter();
  for (const { key, rowId } of entries) {
    const bytes = Buffer.from(key, 'latin1');
    writer.add(bytes, 0, bytes.length, rowId);
  }
  return writer.finish().bytes;
}

function foundIn(block: Buffer, wanted: readonly WantedEntry[], from = 0): { found: number[]; next: number } {
  const found: number[] = [];
  const next = findEntries(block, wanted, from, (position) => found.push(position));
  return { found, next };
}

const entries = Array.from({ length: 200 }, (_, i) => ({
  key: `\x01k${String(i >> 1).padStart(3, '0')}\xff\0`,
  rowId: i,
}));
const block = blockOf(entries);

t.test('all, none and some', async (t) => {
  t.same(foundIn(block, entries), { found: entries.map((_, i) => i), next: 200 });
  t.same(foundIn(block, []), { found: [], next: 0 });
  const others = entries.map(({ key, rowId }) => ({ key, rowId: rowId + 1000 }));
  t.same(foundIn(block, others).found, []);
  const some = [entries[3], { key: entries[4].key, rowId: 1000 }, entries[10], entries[199]];
  t.same(foundIn(block, some), { found: [0, 2, 3], next: 4 });
  t.same(foundIn(block, some, 1), { found: [2, 3], next: 4 });
});

t.test('what is before and behind the block, and keys that begin as others do', async (t) => {
  const [last] = entries.slice(-1);
  const wanted = [
    { key: '', rowId: 1 },
    { key: '\x01k000', rowId: 0 },
    entries[0],
    last,
    { key: last.key, rowId: last.rowId + 1 },
    { key: `${last.key}\0`, rowId: 0 },
  ];
  t.same(foundIn(block, wanted), { found: [2, 3], next: 4 });
});
