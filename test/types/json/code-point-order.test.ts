/** Strings order by their UTF-8 bytes. */
import t from 'tap';
import { compareCodePoints } from '../../../src/types/json/code-point-order.js';

const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'b',
  'é',
  'é\u{1f600}',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{1f600}a',
  '\u{10ffff}',
];

t.test('as their bytes do', async (t) => {
  for (const a of TEXTS) {
    for (const b of TEXTS) {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      t.equal(Math.sign(compareCodePoints(a, b)), expected, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
      const longer = Buffer.compare(Buffer.from(`x${a}y`), Buffer.from(`x${b}y`));
      t.equal(Math.sign(compareCodePoints(`x${a}y`, `x${b}y`)), longer);
    }
  }
});
