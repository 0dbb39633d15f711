/** Aggregates over containers, run through their transition and final functions as the executor does. */
import t from 'tap';
import { containerFunctionFamilies } from '../../../src/sql/functions/container-families.js';
import { joinFamilies } from '../../../src/sql/functions/registry.js';
import type { Datum } from '../../../src/types/datum.js';
import { TYPE_OIDS, testCallContext } from '../../types/container/test-context.js';

const functions = joinFamilies(...containerFunctionFamilies);

/** Feeds rows of texts to an aggregate; the result as text. */
function aggregate(
  transition: string,
  final: string | null,
  types: string[],
  resultType: string,
  rows: (string | null)[][],
): string | null {
  const cx = testCallContext(['int4', ...types], resultType);
  const call = (name: string, args: Datum[]): Datum => {
    const entry = functions.get(name);
    if (entry === undefined || entry.kind === 'set') throw new Error(`no function ${name}`);
    return entry.kind === 'plain' ? entry.call(...args) : entry.call(cx, ...args);
  };
  let state: Datum = null;
  for (const row of rows) {
    const values = row.map((item, i) => (item === null ? null : cx.codec(TYPE_OIDS[types[i]]).parse(item, cx, -1)));
    state = call(transition, [state, ...values]);
  }
  const result = final === null ? state : call(final, [state]);
  return result === null ? null : cx.codec(cx.resultType).format(result, cx);
}

t.test('array_agg', async (t) => {
  const elements = (rows: (string | null)[][]): string | null =>
    aggregate('array_agg_transfn', 'array_agg_finalfn', ['int4'], 'int4[]', rows);
  t.equal(elements([]), null);
  t.equal(elements([['1'], [null], ['2']]), '{1,NULL,2}');
  const arrays = (rows: (string | null)[][]): string | null =>
    aggregate('array_agg_array_transfn', 'array_agg_array_finalfn', ['int4[]'], 'int4[]', rows);
  t.equal(arrays([['{1,2}'], ['{3,4}']]), '{{1,2},{3,4}}');
  t.throws(() => arrays([['{1,2}'], ['{3}']]), {
    code: '2202E',
    message: 'cannot accumulate arrays of different dimensionality',
  });
  t.throws(() => arrays([['{1,2}'], [null]]), { code: '22004', message: 'cannot accumulate null arrays' });
  t.throws(() => arrays([['{}']]), { code: '2202E', message: 'cannot accumulate empty arrays' });
});

t.test('json_agg and jsonb_agg', async (t) => {
  const numbers = [['1'], [null], ['2']];
  t.equal(aggregate('json_agg_transfn', 'json_agg_finalfn', ['int4'], 'json', numbers), '[1, null, 2]');
  t.equal(aggregate('jsonb_agg_transfn', 'jsonb_agg_finalfn', ['int4'], 'jsonb', numbers), '[1, null, 2]');
  const arrays = [['{1,2}'], [null], ['{3}']];
  t.equal(aggregate('json_agg_transfn', 'json_agg_finalfn', ['int4[]'], 'json', arrays), '[[1,2], null, \n [3]]');
  t.equal(aggregate('json_agg_transfn', 'json_agg_finalfn', ['int4'], 'json', []), null);
});

t.test('json_object_agg and jsonb_object_agg', async (t) => {
  const rows = [
    ['b', '1'],
    ['a', '2'],
    ['b', null],
  ];
  t.equal(
    aggregate('json_object_agg_transfn', 'json_object_agg_finalfn', ['text', 'int4'], 'json', rows),
    '{ "b" : 1, "a" : 2, "b" : null }',
  );
  t.equal(
    aggregate('jsonb_object_agg_transfn', 'jsonb_object_agg_finalfn', ['text', 'int4'], 'jsonb', rows),
    '{"a": 2, "b": null}',
  );
  t.throws(() => aggregate('json_object_agg_transfn', null, ['text', 'int4'], 'json', [[null, '1']]), {
    code: '22023',
    message: 'field name must not be null',
  });
});

t.test('range_agg and range_intersect_agg', async (t) => {
  const rows = [['[1,3)'], [null], ['[5,6)'], ['[2,4)']];
  t.equal(aggregate('range_agg_transfn', 'range_agg_finalfn', ['int4range'], 'int4multirange', rows), '{[1,4),[5,6)}');
});
