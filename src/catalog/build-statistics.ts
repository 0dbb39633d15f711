/** Rows of pg_statistic to descriptors. */
import { type Datum, PgArray, PgRecord } from '../types/datum.js';
import { STATISTIC_SLOTS } from './ddl/statistics.js';
import type { ColumnStatistics, ExtendedStatistics } from './descriptors.js';
import { parseExpressionList } from './expression-list.js';
import { SystemRow } from './system-row.js';
import type { SystemTable } from './system-tables.js';

/** Kinds of a slot that the planner reads, as in stakind. */
const KIND = { common: 1, histogram: 2, correlation: 3, elements: 4 };

interface Slot {
  readonly values: readonly Datum[];
  readonly frequencies: readonly number[];
}

export function buildStatistics(row: SystemRow): ColumnStatistics {
  const histogram = slotOf(row, KIND.histogram);
  return {
    nullFraction: row.number('stanullfrac'),
    width: row.number('stawidth'),
    distinct: row.number('stadistinct'),
    common: slotOf(row, KIND.common),
    histogram: histogram === null ? null : histogram.values,
    correlation: slotOf(row, KIND.correlation)?.frequencies[0] ?? null,
    elements: slotOf(row, KIND.elements),
  };
}

function slotOf(row: SystemRow, kind: number): Slot | null {
  for (let i = 1; i <= STATISTIC_SLOTS; i++) {
    if (row.number(`stakind${i}`) !== kind) continue;
    const values = row.datum(`stavalues${i}`);
    return {
      values: values instanceof PgArray ? values.elements : [],
      frequencies: row.numbersOrNull(`stanumbers${i}`) ?? [],
    };
  }
  return null;
}

/** `object`: of pg_statistic_ext; `data`: of pg_statistic_ext_data; `layout`: of the rows that figures of expressions are. */
export function buildExtendedStatistics(object: SystemRow, data: SystemRow, layout: SystemTable): ExtendedStatistics {
  const figures = data.datum('stxdexpr');
  const records = figures instanceof PgArray ? figures.elements : [];
  return {
    columns: object.numbers('stxkeys'),
    expressions: parseExpressionList(object.textOrNull('stxexprs') ?? '[]'),
    figures: records.flatMap((record) =>
      record instanceof PgRecord ? [buildStatistics(new SystemRow(layout, [...record.values]))] : [],
    ),
    distinct: entries(data.textOrNull('stxdndistinct')).map(([key, count]) => ({ members: numbers(key), count })),
    dependencies: entries(data.textOrNull('stxddependencies')).map(([key, degree]) => {
      const [from, to] = key.split(' => ');
      return { from: numbers(from), to: Number(to), degree };
    }),
    common: commonOf(data.datum('stxdmcv')),
  };
}

/** Names and numbers of an object as JSON; none without a text. */
function entries(text: string | null): [string, number][] {
  if (text === null) return [];
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error('statistics in the catalog are damaged');
  return Object.entries(parsed).map(([key, value]) => [key, Number(value)]);
}

function numbers(list: string): number[] {
  return list.split(', ').map(Number);
}

function commonOf(stored: Datum): ExtendedStatistics['common'] {
  if (!(stored instanceof PgRecord)) return null;
  const [frequencies, baseFrequencies, members, ...columns] = stored.values.map((value) =>
    value instanceof PgArray ? value.elements : [],
  );
  return {
    members: members.map(Number),
    rows: frequencies.map((_, i) => columns.map((column) => column[i])),
    frequencies: frequencies.map(Number),
    baseFrequencies: baseFrequencies.map(Number),
  };
}
