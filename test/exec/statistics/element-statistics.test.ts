import t from 'tap';
import { AT_ONCE } from '../../../src/exec/chunked-list.js';
import { elementSlots } from '../../../src/exec/statistics/element-statistics.js';
import { type Datum, PgArray } from '../../../src/types/datum.js';
import { runSync } from '../../../src/util/task.js';

const order = { compare: (a: Datum, b: Datum) => Number(a) - Number(b), key: (value: Datum) => value };
const array = (...elements: Datum[]): PgArray => PgArray.of(23, elements);

t.test('an element counts once an array', async (t) => {
  const column = [array(1, 1, 2), array(2), null, array(2, null), array()];
  const [common, sizes] = runSync(elementSlots(AT_ONCE, column, order, 3));
  t.same(common.values, [1, 2]);
  t.same(common.numbers, [0.25, 0.75, 0.25, 0.75, 0.25]);
  t.same(sizes.numbers, [0, 1, 2, 1]);
});

t.test('there is nothing to tell of NULLs', async (t) => {
  t.same(runSync(elementSlots(AT_ONCE, [null], order, 3)), []);
});
