/** Finding entries in a leaf, against a sorted list: keys that numbers hold completely, and keys that they do not. */
import fc from 'fast-check';
import t from 'tap';
import { openStore } from '../../src/storage/open-store.js';
import { candidates, commit, testSettings } from './support.js';

const unit = fc.constantFrom('\0', '\x01', 'a', '\xff');
const exact = fc.string({ unit, minLength: 3, maxLength: 3 });
const mixed = fc.string({ unit, minLength: 0, maxLength: 9 });

for (const [name, key] of Object.entries({ 'keys of one short length': exact, 'keys of any length': mixed })) {
  t.test(name, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(key, fc.integer({ min: 1, max: 3 })), { maxLength: 60 }),
        fc.array(key, { maxLength: 5 }),
        async (entries, others) => {
          const store = await openStore(testSettings());
          const tx = store.begin('read committed');
          const index = store.index(store.create(tx, 'index'));
          for (const [k, rowId] of entries) index.insert(tx, k, rowId);
          await commit(tx);
          const sorted = [...new Map(entries.map((entry) => [entry.join('/'), entry])).values()].sort(
            ([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x - y),
          );
          const reader = store.begin('read committed');
          const snapshot = reader.snapshot();
          t.same(await candidates(index, snapshot), sorted);
          for (const wanted of [...sorted.map(([k]) => k), ...others]) {
            const expected = sorted.filter(([k]) => k === wanted);
            t.same(
              await candidates(index, snapshot, wanted, `${wanted}\0`).then((all) => all.filter(([k]) => k === wanted)),
              expected,
            );
            const found = index.tryGet(snapshot, wanted);
            if (expected.length === 1) t.equal(found, expected[0][1]);
            else t.equal(found, expected.length === 0 ? 0 : -1, `${expected.length} entries`);
          }
          reader.rollback();
          await store.close();
        },
      ),
      { numRuns: 60 },
    );
  });
}
