import t from 'tap';
import { histogramFraction } from '../../../src/sql/optimizer/histogram.js';
import type { Variable } from '../../../src/sql/optimizer/variable.js';
import type { Datum } from '../../../src/types/datum.js';
import { TEXT } from '../../../src/types/oids.js';

/** A column of 1000 different values with the histogram. */
function column(histogram: readonly Datum[]): Variable {
  return {
    expr: { kind: 'column', id: 1, name: 'x', type: TEXT, typmod: -1, collation: 0, location: -1 },
    relation: 0,
    figures: {
      nullFraction: 0,
      width: 4,
      distinct: 1000,
      common: null,
      histogram,
      correlation: null,
      elements: null,
    },
    tuples: 1000,
    distinct: 1000,
    unique: false,
    compare: (a, b) =>
      a === b ? 0 : String(a) < String(b) && typeof a === 'string' ? -1 : Number(a) < Number(b) ? -1 : 1,
  };
}

const below = { greater: false, orEqual: false };
const above = { greater: true, orEqual: false };

t.test('numbers', async (t) => {
  const numbers = column([0, 10, 20, 100]);
  t.equal(histogramFraction(numbers, { greater: false, orEqual: true }, 15), 0.5);
  t.equal(histogramFraction(numbers, below, 15), 0.5 - 0.001);
  t.equal(histogramFraction(numbers, above, 60), 1 - 2.5 / 3);
  t.equal(histogramFraction(numbers, below, -5), 0.01 / 3);
  t.equal(histogramFraction(numbers, below, 1000), 1 - 0.01 / 3);
});

t.test('texts go by the characters behind their common beginning', async (t) => {
  const texts = column(['key a', 'key n', 'key z']);
  const fraction = histogramFraction(texts, { greater: false, orEqual: true }, 'key t') ?? 0;
  t.ok(fraction > 0.6 && fraction < 0.9, String(fraction));
});

t.test('there is nothing to say without bounds', async (t) => {
  t.equal(histogramFraction(column([5]), below, 3), null);
});
