/** Subscripts, slices, assignment and constructors, with the answers that PostgreSQL 15 gives. */
import t from 'tap';
import {
  assignElement,
  assignSlice,
  makeArray,
  type SliceBound,
  sliceArray,
  subscriptArray,
} from '../../../src/types/array/array-access.js';
import { PgArray } from '../../../src/types/datum.js';
import { TYPE_OIDS, testCallContext } from '../container/test-context.js';

const cx = testCallContext();
const codec = cx.codec(TYPE_OIDS['int4[]']);

function parse(text: string): PgArray {
  const array = codec.parse(text, cx, -1);
  if (!(array instanceof PgArray)) throw new Error('not an array');
  return array;
}

function text(array: PgArray | null): string | null {
  return array === null ? null : codec.format(array, cx);
}

t.test('subscripts', async (t) => {
  t.equal(subscriptArray(parse('{1,2,3}'), [2]), 2);
  t.equal(subscriptArray(parse('{1,2,3}'), [0]), null);
  t.equal(subscriptArray(parse('{1,2,3}'), [4]), null);
  t.equal(subscriptArray(parse('[5:6]={1,2}'), [6]), 2);
  t.equal(subscriptArray(parse('{{1,2},{3,4}}'), [2, 1]), 3);
  t.equal(subscriptArray(parse('{{1,2},{3,4}}'), [2]), null);
  t.equal(subscriptArray(parse('{1}'), [null]), null);
  t.equal(subscriptArray(null, [1]), null);
});

t.test('slices', async (t) => {
  const cases: [string, SliceBound[], SliceBound[], string | null][] = [
    ['{1,2,3}', [2], [undefined], '{2,3}'],
    ['{{1,2},{3,4}}', [1], [1], '{{1,2}}'],
    ['{{1,2},{3,4}}', [2, 1], [2, 2], '{{3,4}}'],
    ['[0:2]={1,2,3}', [1], [5], '{2,3}'],
    ['{1,2,3}', [5], [6], '{}'],
    ['{1,2}', [null], [2], null],
    ['{{1,2},{3,4}}', [undefined, 2], [undefined, undefined], '{{2},{4}}'],
    ['[5:7]={1,2,3}', [5], [6], '{1,2}'],
    ['{1,2}', [1, 1], [2, 2], '{}'],
  ];
  for (const [array, lower, upper, wanted] of cases) {
    t.equal(text(sliceArray(parse(array), lower, upper)), wanted, `${array} [${lower}:${upper}]`);
  }
  t.equal(sliceArray(null, [1], [2]), null);
});

t.test('assignment to elements', async (t) => {
  t.equal(text(assignElement(null, 23, [3], 1)), '[3:3]={1}');
  t.equal(text(assignElement(parse('[3:3]={1}'), 23, [1], 5)), '{5,NULL,1}');
  t.equal(text(assignElement(parse('{5,NULL,1}'), 23, [-1], 7)), '[-1:3]={7,NULL,5,NULL,1}');
  t.equal(text(assignElement(parse('{{1,2},{3,4}}'), 23, [1, 2], 9)), '{{1,9},{3,4}}');
  t.throws(() => assignElement(parse('{{1,2},{3,4}}'), 23, [3, 1], 9), {
    code: '2202E',
    message: 'array subscript out of range',
  });
  t.throws(() => assignElement(parse('{{1,2},{3,4}}'), 23, [1], 9), {
    code: '2202E',
    message: 'wrong number of array subscripts',
  });
  t.throws(() => assignElement(parse('{1}'), 23, [null], 9), { code: '22004' });
  t.throws(() => assignElement(parse('{1}'), 23, [200000000], 9), {
    code: '54000',
    message: 'array size exceeds the maximum allowed (134217727)',
  });
  t.throws(() => assignElement(null, 23, [2147483647], 9), {
    code: '54000',
    message: 'array lower bound is too large: 2147483647',
  });
});

t.test('assignment to slices', async (t) => {
  const assign = (
    array: string | null,
    lower: SliceBound[],
    upper: SliceBound[],
    source: string | null,
  ): string | null =>
    text(assignSlice(array === null ? null : parse(array), 23, lower, upper, source === null ? null : parse(source)));
  t.equal(assign('{1,2,3,4}', [2], [3], '{8,9}'), '{1,8,9,4}');
  t.equal(assign('{1,8,9,4}', [4], [6], '{8,9,10}'), '{1,8,9,8,9,10}');
  t.equal(assign('{1,8,9,8,9,10}', [9], [9], '{1}'), '{1,8,9,8,9,10,NULL,NULL,1}');
  t.equal(assign('{1,8,9}', [undefined], [2], '{5,6}'), '{5,6,9}');
  t.equal(assign(null, [2], [3], '{5,6}'), '[2:3]={5,6}');
  t.equal(assign('{1}', [2], [3], null), '{1}');
  t.equal(assign('{{1,2},{3,4}}', [1, 1], [1, 2], '{{7,8}}'), '{{7,8},{3,4}}');
  t.equal(assign('{{7,8},{3,4}}', [1], [2], '{7,8,9,10}'), '{{7,8},{9,10}}');
  t.throws(() => assign('{1,2,3}', [2], [3], '{8}'), { code: '2202E', message: 'source array too small' });
  t.throws(() => assign('{1,2,3}', [3], [2], '{8}'), {
    code: '2202E',
    message: 'upper bound cannot be less than lower bound',
  });
  t.throws(() => assign(null, [2], [undefined], '{8}'), {
    code: '2202E',
    message: 'array slice subscript must provide both boundaries',
  });
  t.throws(() => assign('{{1,2},{3,4}}', [2, 1], [3, 2], '{{7,8},{1,1}}'), {
    code: '2202E',
    message: 'array subscript out of range',
  });
});

t.test('constructors', async (t) => {
  t.equal(text(makeArray(23, [1, null], false)), '{1,NULL}');
  t.equal(text(makeArray(23, [], false)), '{}');
  t.equal(text(makeArray(23, [parse('{1,2}'), parse('{3,4}')], true)), '{{1,2},{3,4}}');
  t.equal(text(makeArray(23, [parse('{}'), null], true)), '{}');
  const message = 'multidimensional arrays must have array expressions with matching dimensions';
  t.throws(() => makeArray(23, [parse('{1,2}'), parse('{3}')], true), { code: '2202E', message });
  t.throws(() => makeArray(23, [parse('{1,2}'), null], true), { code: '2202E', message });
});
