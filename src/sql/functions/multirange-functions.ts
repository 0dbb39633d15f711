/**
 * Functions, operators and aggregates of multiranges. A range that meets a multirange counts as a multirange of one
 * (or, when empty, of none), so that each operation is written once.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Datum, PgArray } from '../../types/datum.js';
import { EMPTY_RANGE, Multirange, Range } from '../../types/range/range.js';
import { MultirangeCodec, RangeCodec } from '../../types/range/range-codec.js';
import { rangeContains, rangeHull, rangeIntersection, rangeRemainders, rangesOverlap } from './range-functions.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  plainFunctions,
  setFunctions,
} from './registry.js';

type Operand = Range | Multirange;
type Ranges = readonly Range[];

/** The range codec below a range or multirange type. */
function rangeCodecBelow(cx: CallContext, type: number): RangeCodec {
  const codec = cx.codec(type);
  if (codec instanceof RangeCodec) return codec;
  if (codec instanceof MultirangeCodec) return codec.range;
  throw sqlError('datatype_mismatch', `type ${cx.catalog.formatType(type, -1)} is not a multirange type`);
}

function rangesOf(value: Operand): Ranges {
  if (value instanceof Multirange) return value.ranges;
  return value.empty ? [] : [value];
}

type Operation<T> = (codec: RangeCodec, a: Ranges, b: Ranges) => T;

function operator<T extends Datum>(operation: Operation<T>): (cx: CallContext, a: Operand, b: Operand) => T {
  return (cx, a, b) => operation(rangeCodecBelow(cx, cx.argTypes[0]), rangesOf(a), rangesOf(b));
}

const last = (ranges: Ranges): Range => ranges[ranges.length - 1];
const neither = (a: Ranges, b: Ranges): boolean => a.length > 0 && b.length > 0;

const contains: Operation<boolean> = (codec, outer, inner) =>
  inner.every((range) => outer.some((candidate) => rangeContains(codec, candidate, range)));
const contained: Operation<boolean> = (codec, inner, outer) => contains(codec, outer, inner);
const overlaps: Operation<boolean> = (codec, a, b) => a.some((x) => b.some((y) => rangesOverlap(codec, x, y)));
const before: Operation<boolean> = (codec, a, b) => neither(a, b) && codec.isBefore(last(a), b[0]);
const after: Operation<boolean> = (codec, a, b) => before(codec, b, a);
const overleft: Operation<boolean> = (codec, a, b) => neither(a, b) && codec.compareUpper(last(a), last(b)) <= 0;
const overright: Operation<boolean> = (codec, a, b) => neither(a, b) && codec.compareLower(a[0], b[0]) >= 0;
const adjacent: Operation<boolean> = (codec, a, b) =>
  neither(a, b) && (codec.meets(last(a), b[0]) || codec.meets(last(b), a[0]));

const union: Operation<Multirange> = (codec, a, b) => codec.normalize([...a, ...b]);
const intersect: Operation<Multirange> = (codec, a, b) =>
  codec.normalize(a.flatMap((x) => b.map((y) => rangeIntersection(codec, x, y))));

function minus(codec: RangeCodec, a: Ranges, b: Ranges): Multirange {
  let rest: Ranges = a;
  for (const range of b) rest = rest.flatMap((part) => rangeRemainders(codec, part, range));
  return codec.normalize(rest);
}

function compare(codec: RangeCodec, a: Ranges, b: Ranges): number {
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i++) {
    const order = codec.compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function containsValue(cx: CallContext, type: number, multirange: Multirange, value: Datum): boolean {
  const codec = rangeCodecBelow(cx, type);
  return multirange.ranges.some((range) => codec.contains(range, value));
}

function construct(cx: CallContext, array: PgArray): Multirange {
  if (array.dims.length > 1)
    throw sqlError('cardinality_violation', 'multiranges cannot be constructed from multidimensional arrays');
  const ranges = array.elements.map((element) => {
    if (element instanceof Range) return element;
    throw sqlError('null_value_not_allowed', 'multirange values cannot contain null members');
  });
  return rangeCodecBelow(cx, cx.resultType).normalize(ranges);
}

/** Ranges of range_agg so far; one group's own. */
class AggregateState {
  readonly ranges: Range[] = [];

  constructor(readonly codec: RangeCodec) {}
}

function collect(cx: CallContext, state: AggregateState | null, value: Operand | null): AggregateState {
  const current = state ?? new AggregateState(rangeCodecBelow(cx, cx.argTypes[1]));
  if (value === null) return current;
  const ranges = rangesOf(value);
  // An empty multirange counts as a value: without any the result is NULL.
  current.ranges.push(...(ranges.length === 0 ? [EMPTY_RANGE] : ranges));
  return current;
}

const finish = (_cx: CallContext, state: AggregateState | null): Multirange | null =>
  state === null || state.ranges.length === 0 ? null : state.codec.normalize(state.ranges);

const contextual: FunctionFamily = contextFunctions({
  multirange_constructor0: () => new Multirange([]),
  multirange_constructor1: (cx, range: Range) => rangeCodecBelow(cx, cx.resultType).normalize([range]),
  multirange_constructor2: construct,
  multirange_contains_elem: (cx, multirange: Multirange, value: Datum) =>
    containsValue(cx, cx.argTypes[0], multirange, value),
  elem_contained_by_multirange: (cx, value: Datum, multirange: Multirange) =>
    containsValue(cx, cx.argTypes[1], multirange, value),
  multirange_eq: operator((codec, a, b) => compare(codec, a, b) === 0),
  multirange_ne: operator((codec, a, b) => compare(codec, a, b) !== 0),
  multirange_lt: operator((codec, a, b) => compare(codec, a, b) < 0),
  multirange_le: operator((codec, a, b) => compare(codec, a, b) <= 0),
  multirange_gt: operator((codec, a, b) => compare(codec, a, b) > 0),
  multirange_ge: operator((codec, a, b) => compare(codec, a, b) >= 0),
  multirange_cmp: operator((codec, a, b) => Math.sign(compare(codec, a, b))),
  multirange_union: operator(union),
  multirange_minus: operator(minus),
  multirange_intersect: operator(intersect),
  multirange_intersect_agg_transfn: operator(intersect),
  range_merge_from_multirange: (cx, multirange: Multirange) => {
    const { ranges } = multirange;
    return ranges.length === 0 ? EMPTY_RANGE : rangeHull(rangeCodecBelow(cx, cx.argTypes[0]), ranges[0], last(ranges));
  },
  range_agg_transfn: collect,
  range_agg_finalfn: finish,
  multirange_agg_transfn: collect,
});

/** The operators that exist for every pairing of range and multirange. */
const paired: FunctionFamily = contextFunctions({
  range_contains_multirange: operator(contains),
  multirange_contains_range: operator(contains),
  multirange_contains_multirange: operator(contains),
  range_contained_by_multirange: operator(contained),
  multirange_contained_by_range: operator(contained),
  multirange_contained_by_multirange: operator(contained),
  range_overlaps_multirange: operator(overlaps),
  multirange_overlaps_range: operator(overlaps),
  multirange_overlaps_multirange: operator(overlaps),
  range_before_multirange: operator(before),
  multirange_before_range: operator(before),
  multirange_before_multirange: operator(before),
  range_after_multirange: operator(after),
  multirange_after_range: operator(after),
  multirange_after_multirange: operator(after),
  range_overleft_multirange: operator(overleft),
  multirange_overleft_range: operator(overleft),
  multirange_overleft_multirange: operator(overleft),
  range_overright_multirange: operator(overright),
  multirange_overright_range: operator(overright),
  multirange_overright_multirange: operator(overright),
  range_adjacent_multirange: operator(adjacent),
  multirange_adjacent_range: operator(adjacent),
  multirange_adjacent_multirange: operator(adjacent),
});

const first = (multirange: Multirange): Range => multirange.ranges[0] ?? EMPTY_RANGE;
const final = (multirange: Multirange): Range => last(multirange.ranges) ?? EMPTY_RANGE;

export const multirangeFunctions: FunctionFamily = joinFamilies(
  contextual,
  paired,
  plainFunctions({
    multirange_empty: (multirange: Multirange) => multirange.ranges.length === 0,
    multirange_lower: (multirange: Multirange) => first(multirange).lower,
    multirange_upper: (multirange: Multirange) => final(multirange).upper,
    multirange_lower_inc: (multirange: Multirange) => first(multirange).lowerInclusive,
    multirange_upper_inc: (multirange: Multirange) => final(multirange).upperInclusive,
    multirange_lower_inf: (multirange: Multirange) => multirange.ranges.length > 0 && first(multirange).lower === null,
    multirange_upper_inf: (multirange: Multirange) => multirange.ranges.length > 0 && final(multirange).upper === null,
  }),
  setFunctions({
    multirange_unnest: (_cx, multirange: Multirange) => multirange.ranges,
  }),
);
