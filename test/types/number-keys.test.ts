/** Order keys, group keys and stored forms of numbers, text, bytes and bits over edge and random values. */
import t from 'tap';
import { bitStoredForm } from '../../src/types/bits/bit-codecs.js';
import { BitString } from '../../src/types/bits/bit-string.js';
import type { Datum } from '../../src/types/datum.js';
import { Numeric } from '../../src/types/numeric/numeric.js';
import { numericStoredForm } from '../../src/types/numeric/numeric-codec.js';
import { invertKey } from '../../src/types/ordered-key.js';
import type { DatumCodec } from '../../src/types/stored-form.js';
import { ByteWriter } from '../../src/util/byte-writer.js';
import { codecNamed, codecs, context } from '../sql/functions/number-golden.js';
import { EDGES, randomSource, someValue } from '../tools/number-cases.js';

const random = randomSource(7);

function sample(type: string): Datum[] {
  const texts = [...EDGES[type], ...Array.from({ length: 60 }, () => someValue(type, random))];
  return texts.map((text) => codecNamed(type).parse(text, context, -1));
}

function orderOf(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

for (const type of codecs.keys()) {
  if (EDGES[type] === undefined) continue;
  t.test(`keys of ${type}`, async (t) => {
    const codec = codecNamed(type);
    const values = sample(type);
    const wrong: unknown[] = [];
    for (const a of values) {
      const keyA = codec.encodeKey(a);
      if (/[^\0-\xff]/.test(keyA)) wrong.push({ a, why: 'not bytes' });
      for (const b of values) {
        const keyB = codec.encodeKey(b);
        const order = Math.sign(codec.compare(a, b));
        if (orderOf(keyA, keyB) !== order) wrong.push({ a, b, order, why: 'order' });
        if (orderOf(invertKey(keyA), invertKey(keyB)) !== 0 - order) wrong.push({ a, b, why: 'inverted order' });
        if (keyA !== keyB && keyB.startsWith(keyA)) wrong.push({ a, b, why: 'prefix' });
        if ((codec.groupKey(a) === codec.groupKey(b)) !== (order === 0)) wrong.push({ a, b, why: 'group' });
      }
    }
    t.same(wrong.slice(0, 3), []);
  });
}

const NO_DATUMS: DatumCodec = {
  write: () => t.fail('asked for a datum'),
  read: () => t.fail('asked for a datum'),
};

t.test('stored forms', async (t) => {
  const out = new ByteWriter();
  const numerics = sample('numeric').filter((value) => value instanceof Numeric);
  const bits = sample('varbit').filter((value) => value instanceof BitString);
  for (const value of numerics) numericStoredForm.write(value, out, NO_DATUMS);
  for (const value of bits) bitStoredForm.write(value, out, NO_DATUMS);
  const cursor = { bytes: out.copy(), position: 0, end: out.length };
  for (const value of numerics) t.equal(numericStoredForm.read(cursor, NO_DATUMS).toString(), value.toString());
  for (const value of bits) t.equal(bitStoredForm.read(cursor, NO_DATUMS).toString(), value.toString());
  t.equal(cursor.position, cursor.end);
});

t.test('binary form comes back', async (t) => {
  for (const type of codecs.keys()) {
    if (EDGES[type] === undefined) continue;
    const codec = codecNamed(type);
    for (const value of sample(type)) {
      const out = new ByteWriter();
      codec.send(value, out, context);
      const back = codec.receive(out.copy(), 0, out.length, context, -1);
      if (codec.compare(back, value) !== 0) t.same(back, value, type);
    }
  }
  t.pass('all');
});
