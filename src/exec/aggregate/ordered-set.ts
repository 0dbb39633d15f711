/**
 * Ordered-set and hypothetical-set aggregates. Their results depend on the order that WITHIN GROUP asks for, so they
 * are computed here from the sorted rows instead of through transition functions.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { AggregateCall } from '../../sql/plan/expression.js';
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { Pace } from '../chunked-list.js';
import type { ExecServices } from '../exec-context.js';
import { keyFunction } from '../group-key.js';
import { keyComparator } from '../row-order.js';
import { interpolateInterval } from './interpolate-interval.js';
import { PG_CATALOG } from './pg-catalog.js';

/** Rows of one group in order: the arguments, then the sort keys. */
export interface SortedRows {
  readonly length: number;
  /** Column `slot` of row i. */
  value(i: number, slot: number): Datum;
}

/** Gives the result for one group. */
export type OrderedSetResult = (rows: SortedRows, direct: readonly Datum[], cx: Pace) => Task<Datum>;

/** Rows that are looked at between two looks at the clock (a power of two). */
const ROWS_PER_CLOCK_READ = 2048;

/** Null when the call is not one of these aggregates. */
export function orderedSetResult(services: ExecServices, call: AggregateCall): OrderedSetResult | null {
  if (call.aggregate.kind === 'n' || call.proc.namespace !== PG_CATALOG) return null;
  switch (call.proc.name) {
    case 'percentile_disc':
      return percentile(call, (values, fraction) => values.at(Math.max(0, Math.ceil(fraction * values.length) - 1)));
    case 'percentile_cont':
      return percentile(call, (values, fraction) => continuous(services, call, values, fraction));
    case 'mode':
      return mode(services, call);
    case 'rank':
      return hypothetical(services, call, ({ less }) => less + 1);
    case 'dense_rank':
      return hypothetical(services, call, ({ lessGroups }) => lessGroups + 1);
    case 'percent_rank':
      return hypothetical(services, call, ({ less }, count) => (count === 0 ? 0 : less / count));
    case 'cume_dist':
      return hypothetical(services, call, ({ notGreater }, count) => (notGreater + 1) / (count + 1));
    default:
      return null;
  }
}

type Values = { readonly length: number; at(i: number): Datum };

function percentile(call: AggregateCall, at: (values: Values, fraction: number) => Datum): OrderedSetResult {
  const elementType = call.args[0].type;
  return function* (rows, [wanted], cx) {
    const values = yield* withoutNulls(rows, cx);
    if (wanted === null || values.length === 0) return null;
    if (!(wanted instanceof PgArray)) return at(values, checkFraction(Number(wanted)));
    const results = wanted.elements.map((fraction) =>
      fraction === null ? null : at(values, checkFraction(Number(fraction))),
    );
    return new PgArray(elementType, wanted.dims, wanted.lowerBounds, results);
  };
}

/** The first column. NULLs stand at one end of it. */
function* withoutNulls(rows: SortedRows, cx: Pace): Task<Values> {
  let first = 0;
  let end = rows.length;
  for (; first < end && rows.value(first, 0) === null; first++) {
    if (first % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
  }
  for (; end > first && rows.value(end - 1, 0) === null; end--) {
    if (end % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
  }
  return { length: end - first, at: (i) => rows.value(first + i, 0) };
}

function checkFraction(fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw sqlError('numeric_value_out_of_range', `percentile value ${fraction} is not between 0 and 1`);
  }
  return fraction;
}

function continuous(services: ExecServices, call: AggregateCall, values: Values, fraction: number): Datum {
  const place = fraction * (values.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  if (low === high) return values.at(low);
  const portion = place - low;
  if (call.args[0].type === oid.INTERVAL) {
    return interpolateInterval(services, values.at(low), values.at(high), portion);
  }
  const a = Number(values.at(low));
  return a + portion * (Number(values.at(high)) - a);
}

function mode(services: ExecServices, call: AggregateCall): OrderedSetResult {
  const key = keyFunction(services.types, call.args[0].type);
  return function* (rows, _direct, cx) {
    let best: Datum = null;
    let bestCount = 0;
    let count = 0;
    let previous: Datum = null;
    for (let i = 0; i < rows.length; i++) {
      if (i % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
      const value = rows.value(i, 0);
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

/** Where a hypothetical row would stand among the sorted rows. */
interface Place {
  readonly less: number;
  readonly lessGroups: number;
  readonly notGreater: number;
}

function hypothetical(
  services: ExecServices,
  call: AggregateCall,
  result: (place: Place, count: number) => Datum,
): OrderedSetResult {
  const first = call.args.length;
  const comparators = call.orderBy.map((key) => keyComparator(services.types, key));
  const compare = (rows: SortedRows, i: number, other: (k: number) => Datum): number => {
    for (let k = 0; k < comparators.length; k++) {
      const order = comparators[k](rows.value(i, first + k), other(k));
      if (order !== 0) return order;
    }
    return 0;
  };
  return function* (rows, direct, cx) {
    let less = 0;
    let lessGroups = 0;
    let notGreater = 0;
    for (let i = 0; i < rows.length; i++) {
      if (i % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
      const order = compare(rows, i, (k) => direct[k]);
      if (order > 0) break;
      notGreater++;
      if (order === 0) continue;
      less++;
      if (i === 0 || compare(rows, i - 1, (k) => rows.value(i, first + k)) !== 0) lessGroups++;
    }
    return result({ less, lessGroups, notGreater }, rows.length);
  };
}
