/** Subscripts of jsonb and assignment to them, with the answers that PostgreSQL 15 gives. */
import t from 'tap';
import { assignJsonb, subscriptJsonb } from '../../../src/types/json/jsonb-access.js';
import { formatJsonb } from '../../../src/types/json/jsonb-format.js';
import { parseJsonb } from '../../../src/types/json/jsonb-parser.js';

function assign(target: string | null, path: (string | number | null)[], value: string | null): string {
  const steps = path.map((step) => (step === null ? null : String(step)));
  const node = target === null ? null : parseJsonb(target);
  return formatJsonb(assignJsonb(node, steps, typeof path[0] === 'number', value === null ? null : parseJsonb(value)));
}

t.test('reading', async (t) => {
  const node = parseJsonb('{"a":[1,2],"1":5}');
  t.equal(subscriptJsonb(node, ['a', '1']), 2);
  t.equal(subscriptJsonb(node, ['a', '-1']), 2);
  t.equal(subscriptJsonb(node, ['1']), 5);
  t.equal(subscriptJsonb(node, ['a', 'x']), null);
  t.equal(subscriptJsonb(node, [null]), null);
  t.equal(subscriptJsonb(5, ['0']), null);
});

t.test('assigning', async (t) => {
  t.equal(assign(null, ['a'], '1'), '{"a": 1}');
  t.equal(assign('{"a": 1}', ['b', 'c'], '2'), '{"a": 1, "b": {"c": 2}}');
  t.equal(assign('{}', ['d', 2], '3'), '{"d": [null, null, 3]}');
  t.equal(assign('{"d": [null, null, 3]}', ['d', -1], '9'), '{"d": [null, null, 9]}');
  t.equal(assign(null, [1], '5'), '[null, 5]');
  t.equal(assign('[null, 5]', [3, 'q'], '7'), '[null, 5, null, {"q": 7}]');
  t.equal(assign('[1]', [0], null), '[null]');
  t.equal(assign('{}', [0], '1'), '{"0": 1}');
  t.equal(assign('{"a":[]}', ['a', 0, 1], '1'), '{"a": [[null, 1]]}');
});

t.test('errors of assigning', async (t) => {
  const scalar = { code: '22023', message: 'cannot replace existing key' };
  t.throws(() => assign('{"a": 1}', ['a', 'x'], '9'), scalar);
  t.throws(() => assign('{"a": null}', ['a', 'b'], '1'), scalar);
  t.throws(() => assign('5', ['a'], '1'), scalar);
  t.throws(() => assign('[1]', [-2], '1'), {
    code: '22023',
    message: 'path element at position 1 is out of range: -2',
  });
  t.throws(() => assign('[]', ['a'], '1'), {
    code: '22P02',
    message: 'path element at position 1 is not an integer: "a"',
  });
  t.throws(() => assign('[]', [null], '1'), {
    code: '22004',
    message: 'jsonb subscript in assignment must not be null',
  });
});
