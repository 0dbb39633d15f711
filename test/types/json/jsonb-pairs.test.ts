/** Large objects against the way small ones are put in order. */
import fc from 'fast-check';
import t from 'tap';
import { JsonbObject } from '../../../src/types/json/jsonb.js';
import { objectInSlices } from '../../../src/types/json/jsonb-pairs.js';
import { runTask } from '../../../src/util/task.js';

t.test('members are in the same order as fromPairs gives, and the last of equal keys wins', async (t) => {
  const key = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('ü', '😀', '\ue000', 'a', 'b'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(key, fc.integer()), { maxLength: 60 }), async (pairs) => {
      const keys = pairs.map(([name]) => name);
      const values = pairs.map(([, value]) => value);
      const object = await runTask(objectInSlices(keys, values));
      const expected = JsonbObject.fromPairs([...keys], [...values]);
      t.strictSame([object.keys, object.values], [expected.keys, expected.values]);
    }),
  );
});

t.test('many keys out of order', async (t) => {
  const keys = Array.from({ length: 30_000 }, (_, i) => String((i * 7919) % 20_011));
  const values = keys.map((_, i) => i);
  const object = await runTask(objectInSlices(keys, values));
  const expected = JsonbObject.fromPairs([...keys], [...values]);
  t.strictSame(object.keys, expected.keys);
  t.strictSame(object.values, expected.values);
  t.equal(keys[0], '0', 'the lists are not changed');
});
