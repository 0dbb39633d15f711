/** Replacing texts in parts gives what replacing in one go gives. */
import fc from 'fast-check';
import t from 'tap';
import { replaceTexts } from '../../src/util/long-text.js';

t.test('long texts', async (t) => {
  const letters = fc.constantFrom('a', 'b', 'aab', 'ba', 'é');
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 6 }),
      fc.array(letters, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 20_000, max: 90_000 }),
      (unit, from, times) => {
        const text = unit.join('').repeat(times / unit.join('').length + 1);
        const odd = `${text.slice(0, 65_530)}xaabaab${text}`;
        return replaceTexts(odd, from.join(''), 'Z$&') === odd.replaceAll(from.join(''), () => 'Z$&');
      },
    ),
    { numRuns: 200 },
  );
  const long = 'q'.repeat(70_000);
  t.equal(replaceTexts(`${long}${long}x`, `${long}x`, 'y'), `${long}y`, 'what is looked for is longer than a part');
  t.equal(replaceTexts('abc', '', 'x'), 'abc');
});
