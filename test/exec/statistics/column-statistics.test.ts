import t from 'tap';
import { AT_ONCE } from '../../../src/exec/chunked-list.js';
import { columnSample } from '../../../src/exec/statistics/column-sample.js';
import { columnFigures } from '../../../src/exec/statistics/column-statistics.js';
import { estimateDistinct, keptCommonValues } from '../../../src/exec/statistics/common-values.js';
import type { Datum } from '../../../src/types/datum.js';
import { runSync } from '../../../src/util/task.js';

const order = {
  compare: (a: Datum, b: Datum) => Number(a) - Number(b),
  key: (value: Datum) => value,
  width: () => 4,
};

function figures(values: readonly Datum[], total: number, target = 100) {
  const sample = runSync(columnSample(AT_ONCE, values, order));
  return columnFigures(sample, { target, total, order: 2, fixedWidth: 4 });
}

t.test('a column of different values is a fraction of the rows, with a histogram over all of them', async (t) => {
  const values = Array.from({ length: 1000 }, (_, i) => i);
  const found = figures(values, 1000, 10);
  t.equal(found?.distinct, -1);
  t.same(
    found?.slots.map(({ kind, numbers, values }) => [kind, numbers, values]),
    [
      [2, null, [0, 99, 199, 299, 399, 499, 599, 699, 799, 899, 999]],
      [3, [1], null],
    ],
  );
});

t.test('when every value was seen more than once, all of them are common ones', async (t) => {
  const values = [3, 1, 3, 2, 1, 3, 2, null, null, null];
  const found = figures(values, 10);
  t.equal(found?.nullFraction, 0.3);
  t.equal(found?.distinct, -0.3);
  const few = figures([...values, ...values, ...values, ...values], 40);
  t.equal(few?.distinct, 3);
  t.same(few?.slots[0].values, [3, 1, 2]);
  t.same(few?.slots[0].numbers, [0.3, 0.2, 0.2]);
  t.notOk(few?.slots.some(({ kind }) => kind === 2));
});

t.test('nothing but NULLs, and no rows at all', async (t) => {
  t.same(figures([null, null], 2), { nullFraction: 1, width: 4, distinct: 0, slots: [] });
  t.equal(figures([], 0), null);
});

t.test('a sample of a larger table keeps the values that are surely common', async (t) => {
  const at = { rows: 30000, total: 1000000, nullFraction: 0, distinct: 5000 };
  t.equal(keptCommonValues([3000, 1500, 12, 9], at), 2);
  t.equal(keptCommonValues([3000, 1500, 12, 9], { ...at, total: 30000 }), 4);
  t.equal(keptCommonValues([8, 8, 8], at), 0);
});

t.test('values seen once tell how many were not seen', async (t) => {
  t.equal(estimateDistinct(100, 10000, 10, 0), 10);
  t.equal(estimateDistinct(100, 10000, 100, 100), 10000);
  t.equal(estimateDistinct(1000, 100000, 500, 200), 623);
});
