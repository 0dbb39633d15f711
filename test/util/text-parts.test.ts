import t from 'tap';
import { TextParts } from '../../src/util/text-parts.js';

t.test('the text is all pieces one behind the other, whenever it is asked for', async (t) => {
  const parts = new TextParts();
  t.equal(parts.text, '');
  let expected = '';
  for (let i = 0; i < 20_000; i++) {
    const piece = i % 1000 === 0 ? 'x'.repeat(i * 7) : i % 3 === 0 ? '' : `piece ${i}`;
    parts.add(piece);
    expected += piece;
    if (i % 777 === 0 && parts.text !== expected) t.fail(`differs after ${i} pieces`);
  }
  t.ok(parts.text === expected);
  t.ok(parts.text === expected, 'asked again');
});

t.test('long pieces alone', async (t) => {
  const parts = new TextParts();
  for (const piece of ['a'.repeat(100_000), 'b', 'c'.repeat(100_000)]) parts.add(piece);
  t.ok(parts.text === `${'a'.repeat(100_000)}b${'c'.repeat(100_000)}`);
});
