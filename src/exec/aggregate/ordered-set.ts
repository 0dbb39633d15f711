/**
 * Ordered-set and hypothetical-set aggregates. Their results depend on the order that WITHIN GROUP asks for, so they
 * are computed here from the sorted rows instead of through transition functions.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { AggregateCall } from '../../sql/plan/expression.js';
import { type Datum, PgArray, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { ExecServices } from '../exec-context.js';
import { keyFunction } from '../group-key.js';
import { keyComparator } from '../row-order.js';
import { interpolateInterval } from './interpolate-interval.js';
import { PG_CATALOG } from './pg-catalog.js';

/** Gives the result for the sorted rows (arguments, then sort keys) of one group. */
export type OrderedSetResult = (rows: readonly Row[], direct: readonly Datum[]) => Datum;

/** Null when the call is not one of these aggregates. */
export function orderedSetResult(services: ExecServices, call: AggregateCall): OrderedSetResult | null {
  if (call.aggregate.kind === 'n' || call.proc.namespace !== PG_CATALOG) return null;
  switch (call.proc.name) {
    case 'percentile_disc':
      return percentile(call, (values, fraction) => values[Math.max(0, Math.ceil(fraction * values.length) - 1)]);
    case 'percentile_cont':
      return percentile(call, (values, fraction) => continuous(services, call, values, fraction));
    case 'mode':
      return mode(services, call);
    case 'rank':
      return (rows, direct) => before(services, call, rows, direct).less + 1;
    case 'dense_rank':
      return (rows, direct) => before(services, call, rows, direct).lessGroups + 1;
    case 'percent_rank':
      return (rows, direct) => (rows.length === 0 ? 0 : before(services, call, rows, direct).less / rows.length);
    case 'cume_dist': {
      return (rows, direct) => (before(services, call, rows, direct).notGreater + 1) / (rows.length + 1);
    }
    default:
      return null;
  }
}

function percentile(call: AggregateCall, at: (values: readonly Datum[], fraction: number) => Datum): OrderedSetResult {
  const elementType = call.args[0].type;
  return (rows, [wanted]) => {
    const values = rows.map((row) => row[0]).filter((value) => value !== null);
    if (wanted === null || values.length === 0) return null;
    if (!(wanted instanceof PgArray)) return at(values, checkFraction(Number(wanted)));
    const results = wanted.elements.map((fraction) =>
      fraction === null ? null : at(values, checkFraction(Number(fraction))),
    );
    return new PgArray(elementType, wanted.dims, wanted.lowerBounds, results);
  };
}

function checkFraction(fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw sqlError('numeric_value_out_of_range', `percentile value ${fraction} is not between 0 and 1`);
  }
  return fraction;
}

function continuous(services: ExecServices, call: AggregateCall, values: readonly Datum[], fraction: number): Datum {
  const place = fraction * (values.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  if (low === high) return values[low];
  const portion = place - low;
  if (call.args[0].type === oid.INTERVAL) {
    return interpolateInterval(services, values[low], values[high], portion);
  }
  const a = Number(values[low]);
  return a + portion * (Number(values[high]) - a);
}

function mode(services: ExecServices, call: AggregateCall): OrderedSetResult {
  const key = keyFunction(services.types, call.args[0].type);
  return (rows) => {
    let best: Datum = null;
    let bestCount = 0;
    let count = 0;
    let previous: Datum = null;
    for (const [value] of rows) {
      if (value === null) continue;
      count = previous !== null && key(previous) === key(value) ? count + 1 : 1;
      if (count === 1) previous = value;
      if (count > bestCount) {
        bestCount = count;
        best = previous;
      }
    }
    return best;
  };
}

/** Where the hypothetical row would stand among the sorted rows. */
function before(services: ExecServices, call: AggregateCall, rows: readonly Row[], direct: readonly Datum[]) {
  const first = call.args.length;
  const comparators = call.orderBy.map((key) => keyComparator(services.types, key));
  const compare = (a: Row, b: Row, slotA: number, slotB: number): number => {
    for (let k = 0; k < comparators.length; k++) {
      const order = comparators[k](a[slotA + k], b[slotB + k]);
      if (order !== 0) return order;
    }
    return 0;
  };
  const hypothetical: Row = [...direct];
  let less = 0;
  let lessGroups = 0;
  let notGreater = 0;
  rows.forEach((row, i) => {
    const order = compare(row, hypothetical, first, 0);
    if (order > 0) return;
    notGreater++;
    if (order === 0) return;
    less++;
    if (i === 0 || compare(rows[i - 1], row, first, first) !== 0) lessGroups++;
  });
  return { less, lessGroups, notGreater };
}
