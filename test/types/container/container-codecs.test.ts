/** Properties that every codec of this family must have: binary round trips, stored forms, keys in the codec's order. */
import t from 'tap';
import { PgArray } from '../../../src/types/datum.js';
import { MAX_JSON_DEPTH } from '../../../src/types/json/json-reader.js';
import { JSON_NULL, JsonbArray, JsonbObject } from '../../../src/types/json/jsonb.js';
import { jsonbStoredForms } from '../../../src/types/json/jsonb-codec.js';
import { ByteWriter } from '../../../src/util/byte-writer.js';
import { TYPE_OIDS, testCallContext } from './test-context.js';

const cx = testCallContext();

const VALUES: Readonly<Record<string, readonly string[]>> = {
  jsonb: [
    'null',
    'true',
    'false',
    '0',
    '1',
    '-1',
    '1.5',
    '1.50',
    '-1.5',
    '10',
    '-10',
    '100',
    '0.001',
    '-0.001',
    '12345678901234567890',
    '99.9',
    '-99.9',
    '""',
    '"a"',
    '"ab"',
    '"b"',
    '"é"',
    '"😀"',
    '"\ufffd"',
    '[]',
    '{}',
    '[[]]',
    '[1]',
    '[2]',
    '[1,2]',
    '["a"]',
    '[null]',
    '{"a":1}',
    '{"a":2}',
    '{"b":0}',
    '{"aa":0}',
    '{"a":1,"b":2}',
    '{"a":[1,{"x":null}]}',
  ],
  'int4[]': [
    '{}',
    '{1}',
    '{1,2}',
    '{2}',
    '{NULL}',
    '{1,NULL}',
    '{{1}}',
    '{{1,2}}',
    '[0:0]={1}',
    '[2:2]={1}',
    '{{1},{2}}',
  ],
  'text[]': ['{}', '{a}', '{"a b",NULL,""}', '{{a},{b}}'],
  int2vector: ['', '1', '1 2', '-1'],
  oidvector: ['', '1', '1 2', '4294967295', '2 1'],
  pair: ['(,)', '(1,)', '(1,a)', '(1,b)', '(2,)', '(,a)'],
  mood: ['sad', 'ok', 'happy'],
  int4range: ['empty', '[1,5)', '[1,6)', '(,5)', '[1,)', '(,)', '[2,3)', '[-3,1)'],
  numrange: ['empty', '[1,5)', '(1,5)', '[1,5]', '(,5]', '[1,)', '(,)'],
  int4multirange: ['{}', '{[1,2)}', '{[1,2),[4,5)}', '{(,)}', '{[2,3)}'],
};

for (const [type, texts] of Object.entries(VALUES)) {
  t.test(type, async (t) => {
    const codec = cx.codec(TYPE_OIDS[type]);
    const values = texts.map((text) => codec.parse(text, cx, -1));
    for (const value of values) {
      const out = new ByteWriter();
      codec.send(value, out, cx);
      const bytes = out.copy();
      const back = codec.receive(bytes, 0, bytes.length, cx, -1);
      t.equal(codec.format(back, cx), codec.format(value, cx), 'binary round trip');
    }
    for (const a of values) {
      for (const b of values) {
        const order = Math.sign(codec.compare(a, b));
        const x = codec.encodeKey(a);
        const y = codec.encodeKey(b);
        const name = `${codec.format(a, cx)} and ${codec.format(b, cx)}`;
        t.equal(x < y ? -1 : x > y ? 1 : 0, order + 0, `keys of ${name}`);
        t.equal(codec.groupKey(a) === codec.groupKey(b), order === 0, `group keys of ${name}`);
        if (order !== 0) t.notOk(x.startsWith(y), `the key of one of ${name} does not begin with the other's`);
      }
    }
  });
}

t.test('arrays in binary have PostgreSQL’s layout', async (t) => {
  const codec = cx.codec(TYPE_OIDS['text[]']);
  const out = new ByteWriter();
  codec.send(codec.parse('[3:4]={a,NULL}', cx, -1), out, cx);
  t.equal(out.view().toString('hex'), '00000001000000010000001900000002000000030000000161ffffffff');
  const bad = Buffer.from('00000001000000000000001700000000000000', 'hex');
  t.throws(() => codec.receive(bad, 0, bad.length, cx, -1), { code: '42804' });
  t.throws(() => codec.receive(Buffer.from('0000', 'hex'), 0, 2, cx, -1), { code: '08P01' });
});

t.test('json and jsonb in binary have to be UTF-8', async (t) => {
  const receive = (type: string, hex: string) => () => {
    const bytes = Buffer.from(hex, 'hex');
    return cx.codec(TYPE_OIDS[type]).receive(bytes, 0, bytes.length, cx, -1);
  };
  const refused = { code: '22021', message: 'invalid byte sequence for encoding "UTF8": 0xff' };
  t.throws(receive('json', '22ff22'), refused);
  t.throws(receive('jsonb', '0122ff22'), refused);
  t.equal(receive('json', '22c3a922')(), '"é"');
});

t.test('nesting is limited', async (t) => {
  const jsonb = cx.codec(TYPE_OIDS.jsonb);
  const json = cx.codec(TYPE_OIDS.json);
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const accepted = jsonb.parse(deep(MAX_JSON_DEPTH), cx, -1);
  t.equal(jsonb.format(accepted, cx).length, 2 * MAX_JSON_DEPTH);
  t.equal(jsonb.compare(accepted, jsonb.parse(deep(MAX_JSON_DEPTH), cx, -1)), 0);
  t.type(jsonb.groupKey(accepted), 'string');
  t.type(jsonb.encodeKey(accepted), 'string');
  t.throws(() => jsonb.parse(deep(MAX_JSON_DEPTH + 1), cx, -1), { code: '54001' });
  t.throws(() => json.parse(deep(MAX_JSON_DEPTH + 1), cx, -1), { code: '54001' });
});

t.test('jsonb nodes', async (t) => {
  const object = JsonbObject.fromPairs(['b', 'aa', 'a', 'b'], [1, 2, 3, JSON_NULL]);
  t.same(object.keys, ['a', 'b', 'aa']);
  t.equal(object.get('b'), JSON_NULL);
  t.equal(object.get('c'), undefined);
  const wide = JsonbObject.fromPairs(
    Array.from({ length: 50 }, (_, i) => `k${i}`),
    Array.from({ length: 50 }, (_, i) => i),
  );
  t.equal(wide.get('k37'), 37);
  t.equal(wide.indexOf('k50'), -1);
  t.same(jsonbStoredForms.map(({ tag, type }) => [tag, type]).slice(1), [
    [20, JsonbArray],
    [21, JsonbObject],
  ]);
});

t.test('an array knows its shape', async (t) => {
  const array = cx.codec(TYPE_OIDS['int4[]']).parse('[0:1][5:6]={{1,2},{3,NULL}}', cx, -1);
  t.ok(array instanceof PgArray);
  t.same(array, new PgArray(23, [2, 2], [0, 5], [1, 2, 3, null]));
});
