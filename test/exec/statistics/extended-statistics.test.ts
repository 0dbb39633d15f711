import t from 'tap';
import { AT_ONCE } from '../../../src/exec/chunked-list.js';
import { ColumnGroups, combinations, groupColumn } from '../../../src/exec/statistics/column-groups.js';
import {
  commonCombinations,
  distinctCombinations,
  functionalDependencies,
} from '../../../src/exec/statistics/extended-statistics.js';
import type { Datum } from '../../../src/types/datum.js';
import { runSync } from '../../../src/util/task.js';

const compare = (a: Datum, b: Datum): number => Number(a) - Number(b);

function groupsOf(...columns: Datum[][]): ColumnGroups {
  return new ColumnGroups(
    AT_ONCE,
    columns.map((column) => runSync(groupColumn(AT_ONCE, column, compare))),
  );
}

t.test('rows are numbered in the order of their values, NULL last', async (t) => {
  const { numbers, count } = runSync(groupColumn(AT_ONCE, [5, null, 3, 5, null], compare));
  t.same([...numbers], [1, 2, 0, 1, 2]);
  t.equal(count, 3);
});

t.test('combinations are in order', async (t) => {
  t.same(combinations(3, 2), [
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
});

t.test('numbers of different combinations', async (t) => {
  const rows = Array.from({ length: 60 }, (_, i) => i);
  const groups = groupsOf(
    rows.map((i) => i % 2),
    rows.map((i) => i % 4),
    rows.map((i) => i % 3),
  );
  t.same(runSync(distinctCombinations(groups, 60)), [
    { columns: [0, 1], count: 4 },
    { columns: [0, 2], count: 6 },
    { columns: [1, 2], count: 12 },
    { columns: [0, 1, 2], count: 12 },
  ]);
});

t.test('what follows from what, and for how many rows', async (t) => {
  const groups = groupsOf([1, 1, 2, 2, 3, 3, 4, 4], [1, 1, 1, 1, 2, 2, 2, 3]);
  t.same(runSync(functionalDependencies(AT_ONCE, groups)), [
    { from: [0], to: 1, degree: 0.75 },
    { from: [1], to: 0, degree: 0.125 },
  ]);
});

t.test('common combinations, and how common they would be by chance', async (t) => {
  const groups = groupsOf([1, 1, 1, 2], [7, 7, 7, 8]);
  t.same(runSync(commonCombinations(groups, 4, 1)), [{ row: 0, frequency: 0.75, baseFrequency: 0.5625 }]);
  t.same(runSync(commonCombinations(groups, 4, 10)).length, 2);
});
