/** When the main thread may wait for the device itself. */
import t from 'tap';
import { BlockingWrites } from '../../src/wal/blocking-writes.js';

t.test('only for a client that is alone, and for short records', async (t) => {
  let isAlone = false;
  const writes = new BlockingWrites(() => isAlone);
  t.equal(writes.allows(100), false);
  isAlone = true;
  t.equal(writes.allows(100), true);
  t.equal(writes.allows(1 << 20), false);
});

t.test('a slow write is followed by a pause, the next one by a longer one', async (t) => {
  let now = 0;
  const writes = new BlockingWrites(
    () => true,
    () => now,
  );
  const slow = () => {
    now += 5;
  };
  const refusals = (): number => {
    let count = 0;
    while (!writes.allows(100)) count++;
    return count;
  };
  t.equal(refusals(), 0);
  writes.perform(slow);
  const first = refusals();
  t.ok(first > 0);
  writes.perform(slow);
  t.ok(refusals() > first);
  writes.perform(() => undefined);
  t.equal(refusals(), 0, 'a fast one needs no pause');
});

t.test('a write that fails is passed on, and counts', async (t) => {
  let now = 0;
  const writes = new BlockingWrites(
    () => true,
    () => now,
  );
  t.throws(() =>
    writes.perform(() => {
      now += 5;
      throw new Error('no');
    }),
  );
  t.equal(writes.allows(100), false);
});
