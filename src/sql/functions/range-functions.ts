/** Functions and operators of ranges. Those that involve multiranges are in multirange-functions.ts. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import { EMPTY_RANGE, type Range } from '../../types/range/range.js';
import { RangeCodec } from '../../types/range/range-codec.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

/** The codec of a range type. */
export function rangeCodecOf(cx: CallContext, type: number): RangeCodec {
  const codec = cx.codec(type);
  if (codec instanceof RangeCodec) return codec;
  throw sqlError('datatype_mismatch', `type ${cx.catalog.formatType(type, -1)} is not a range type`);
}

function construct(cx: CallContext, lower: Datum, upper: Datum, flags: string | null): Range {
  if (flags === null) throw sqlError('data_exception', 'range constructor flags argument must not be null');
  if (!/^[[(][\])]$/.test(flags))
    throw sqlError('syntax_error', 'invalid range bound flags', {
      hint: 'Valid values are "[]", "[)", "(]", and "()".',
    });
  return rangeCodecOf(cx, cx.resultType).make(lower, upper, flags[0] === '[', flags[1] === ']');
}

export function rangeContains(codec: RangeCodec, outer: Range, inner: Range): boolean {
  if (inner.empty) return true;
  return !outer.empty && codec.compareLower(outer, inner) <= 0 && codec.compareUpper(outer, inner) >= 0;
}

export function rangesOverlap(codec: RangeCodec, a: Range, b: Range): boolean {
  return !a.empty && !b.empty && !codec.isBefore(a, b) && !codec.isBefore(b, a);
}

function adjacent(codec: RangeCodec, a: Range, b: Range): boolean {
  return !a.empty && !b.empty && (codec.meets(a, b) || codec.meets(b, a));
}

/** The smallest range that includes both. */
export function rangeHull(codec: RangeCodec, a: Range, b: Range): Range {
  if (a.empty) return b;
  if (b.empty) return a;
  return codec.join(codec.compareLower(a, b) <= 0 ? a : b, codec.compareUpper(a, b) >= 0 ? a : b);
}

export function rangeIntersection(codec: RangeCodec, a: Range, b: Range): Range {
  if (!rangesOverlap(codec, a, b)) return EMPTY_RANGE;
  return codec.join(codec.compareLower(a, b) >= 0 ? a : b, codec.compareUpper(a, b) <= 0 ? a : b);
}

function notContiguous(operation: string): SqlError {
  return sqlError('data_exception', `result of range ${operation} would not be contiguous`);
}

function union(codec: RangeCodec, a: Range, b: Range): Range {
  if (!a.empty && !b.empty && !rangesOverlap(codec, a, b) && !adjacent(codec, a, b)) throw notContiguous('union');
  return rangeHull(codec, a, b);
}

/** What of `a` is left without `b`: up to two ranges. */
export function rangeRemainders(codec: RangeCodec, a: Range, b: Range): Range[] {
  if (a.empty) return [];
  if (!rangesOverlap(codec, a, b)) return [a];
  const rest: Range[] = [];
  if (codec.compareLower(a, b) < 0) rest.push(codec.make(a.lower, b.lower, a.lowerInclusive, !b.lowerInclusive));
  if (codec.compareUpper(a, b) > 0) rest.push(codec.make(b.upper, a.upper, !b.upperInclusive, a.upperInclusive));
  return rest.filter((range) => !range.empty);
}

function minus(codec: RangeCodec, a: Range, b: Range): Range {
  const rest = rangeRemainders(codec, a, b);
  if (rest.length > 1) throw notContiguous('difference');
  return rest[0] ?? EMPTY_RANGE;
}

type Operation<T extends Datum> = (codec: RangeCodec, a: Range, b: Range) => T;

/** An operation on two ranges of the same type, as a function. */
function operator<T extends Datum>(operation: Operation<T>): (cx: CallContext, a: Range, b: Range) => T {
  return (cx, a, b) => operation(rangeCodecOf(cx, cx.argTypes[0]), a, b);
}

const neither = (a: Range, b: Range): boolean => !a.empty && !b.empty;

/** The distance of two bounds that are plain numbers. */
function difference(a: number | bigint, b: number | bigint): number {
  return Number(a) - Number(b);
}

export const rangeFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    range_lower: (range: Range) => range.lower,
    range_upper: (range: Range) => range.upper,
    range_empty: (range: Range) => range.empty,
    range_lower_inc: (range: Range) => range.lowerInclusive,
    range_upper_inc: (range: Range) => range.upperInclusive,
    range_lower_inf: (range: Range) => !range.empty && range.lower === null,
    range_upper_inf: (range: Range) => !range.empty && range.upper === null,
    int4range_canonical: (range: Range) => range,
    int8range_canonical: (range: Range) => range,
    daterange_canonical: (range: Range) => range,
    int4range_subdiff: difference,
    int8range_subdiff: difference,
    daterange_subdiff: difference,
    tsrange_subdiff: (a: number | bigint, b: number | bigint) => difference(a, b) / 1e6,
    tstzrange_subdiff: (a: number | bigint, b: number | bigint) => difference(a, b) / 1e6,
    numrange_subdiff: (a: object, b: object) => Number(a.toString()) - Number(b.toString()),
  }),
  contextFunctions({
    range_constructor2: (cx, lower: Datum, upper: Datum) => construct(cx, lower, upper, '[)'),
    range_constructor3: construct,
    range_contains_elem: (cx, range: Range, value: Datum) => rangeCodecOf(cx, cx.argTypes[0]).contains(range, value),
    elem_contained_by_range: (cx, value: Datum, range: Range) =>
      rangeCodecOf(cx, cx.argTypes[1]).contains(range, value),
    range_eq: operator((codec, a, b) => codec.compare(a, b) === 0),
    range_ne: operator((codec, a, b) => codec.compare(a, b) !== 0),
    range_lt: operator((codec, a, b) => codec.compare(a, b) < 0),
    range_le: operator((codec, a, b) => codec.compare(a, b) <= 0),
    range_gt: operator((codec, a, b) => codec.compare(a, b) > 0),
    range_ge: operator((codec, a, b) => codec.compare(a, b) >= 0),
    range_cmp: operator((codec, a, b) => Math.sign(codec.compare(a, b))),
    range_contains: operator(rangeContains),
    range_contained_by: operator((codec, a, b) => rangeContains(codec, b, a)),
    range_overlaps: operator(rangesOverlap),
    range_adjacent: operator(adjacent),
    range_before: operator((codec, a, b) => neither(a, b) && codec.isBefore(a, b)),
    range_after: operator((codec, a, b) => neither(a, b) && codec.isBefore(b, a)),
    range_overleft: operator((codec, a, b) => neither(a, b) && codec.compareUpper(a, b) <= 0),
    range_overright: operator((codec, a, b) => neither(a, b) && codec.compareLower(a, b) >= 0),
    range_union: operator(union),
    range_merge: operator(rangeHull),
    range_intersect: operator(rangeIntersection),
    range_intersect_agg_transfn: operator(rangeIntersection),
    range_minus: operator(minus),
  }),
);
