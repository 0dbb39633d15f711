/**
 * Codecs of range and multirange types, and the arithmetic of bounds that their functions share. A codec's `make` is
 * the only way to a range: it checks the bounds and brings the range into canonical form.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BinaryInput } from '../array/binary-input.js';
import { type Datum, isInfinite, normalizeInt8 } from '../datum.js';
import * as oid from '../oids.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import {
  EMPTY_RANGE,
  FLAG_EMPTY,
  FLAG_LOWER_INCLUSIVE,
  FLAG_LOWER_INFINITE,
  FLAG_UPPER_INCLUSIVE,
  FLAG_UPPER_INFINITE,
  Multirange,
  Range,
  rangeFlags,
} from './range.js';
import { formatRangeLiteral, parseMultirangeLiteral, parseRangeLiteral } from './range-literal.js';

/** int4range, int8range and daterange: the built-in ranges with a canonical function. */
const DISCRETE_RANGES: ReadonlySet<number> = new Set([3904, 3926, 3912]);

/** The first day after the last date, in days since 2000-01-01. */
const DATE_END = 2145031949;

export class RangeCodec implements TypeCodec<Range> {
  constructor(
    readonly rangeType: number,
    readonly subtype: number,
    readonly element: TypeCodec,
    private readonly discrete: boolean,
  ) {}

  /** The range with these bounds (null: infinite). Throws 22000 when they are in the wrong order. */
  make(lower: Datum, upper: Datum, lowerInclusive: boolean, upperInclusive: boolean): Range {
    const order = lower === null || upper === null ? -1 : this.element.compare(lower, upper);
    if (order > 0)
      throw sqlError('data_exception', 'range lower bound must be less than or equal to range upper bound');
    if (order === 0 && !(lowerInclusive && upperInclusive)) return EMPTY_RANGE;
    if (!this.discrete)
      return new Range(lower, upper, lowerInclusive && lower !== null, upperInclusive && upper !== null);
    const lowerSteps = this.steps(lower);
    const upperSteps = this.steps(upper);
    const from = lowerSteps && !lowerInclusive ? this.successor(lower) : lower;
    const to = upperSteps && upperInclusive ? this.successor(upper) : upper;
    const fromInclusive = lowerSteps || (lowerInclusive && lower !== null);
    const toInclusive = !upperSteps && upperInclusive && upper !== null;
    if (from !== null && to !== null && !(fromInclusive && toInclusive) && this.element.compare(from, to) === 0)
      return EMPTY_RANGE;
    return new Range(from, to, fromInclusive, toInclusive);
  }

  /** Whether a bound of a discrete range has a successor: it is neither absent nor a date's infinity. */
  private steps(bound: Datum): boolean {
    return bound !== null && !(this.subtype === oid.DATE && typeof bound === 'number' && isInfinite(bound));
  }

  private successor(value: Datum): Datum {
    if (typeof value === 'bigint' || this.subtype === oid.INT8) {
      const next = BigInt(String(value)) + 1n;
      if (next >= 1n << 63n) throw sqlError('numeric_value_out_of_range', 'bigint out of range');
      return normalizeInt8(next);
    }
    if (typeof value !== 'number') throw new Error('a discrete range has numeric bounds');
    if (this.subtype === oid.DATE && value + 1 >= DATE_END)
      throw sqlError('datetime_value_out_of_range', 'date out of range');
    if (this.subtype === oid.INT4 && value === 2147483647)
      throw sqlError('numeric_value_out_of_range', 'integer out of range');
    return value + 1;
  }

  parse(text: string, cx: TypeContext, typmod: number): Range {
    const literal = parseRangeLiteral(text);
    if (literal === null) return EMPTY_RANGE;
    const bound = (item: string | null): Datum => (item === null ? null : this.element.parse(item, cx, typmod));
    return this.make(bound(literal.lower), bound(literal.upper), literal.lowerInclusive, literal.upperInclusive);
  }

  format(value: Range, cx: TypeContext): string {
    if (value.empty) return 'empty';
    return formatRangeLiteral({
      lower: value.lower === null ? null : this.element.format(value.lower, cx),
      upper: value.upper === null ? null : this.element.format(value.upper, cx),
      lowerInclusive: value.lowerInclusive,
      upperInclusive: value.upperInclusive,
    });
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext, typmod: number): Range {
    const input = new BinaryInput(bytes, start, end);
    const flags = input.u8();
    const bound = (infinite: number): Datum => {
      if (flags & (FLAG_EMPTY | infinite)) return null;
      const length = input.i32();
      const position = input.skip(length);
      return this.element.receive(bytes, position, position + length, cx, typmod);
    };
    const lower = bound(FLAG_LOWER_INFINITE);
    const upper = bound(FLAG_UPPER_INFINITE);
    input.expectEnd();
    if (flags & FLAG_EMPTY) return EMPTY_RANGE;
    return this.make(lower, upper, (flags & FLAG_LOWER_INCLUSIVE) !== 0, (flags & FLAG_UPPER_INCLUSIVE) !== 0);
  }

  send(value: Range, out: ByteWriter, cx: TypeContext): void {
    out.u8(rangeFlags(value));
    for (const bound of [value.lower, value.upper]) {
      if (bound === null) continue;
      const position = out.length;
      out.i32(0);
      this.element.send(bound, out, cx);
      out.patchI32(position, out.length - position - 4);
    }
  }

  compare(a: Range, b: Range): number {
    if (a.empty || b.empty) return Number(b.empty) - Number(a.empty);
    return this.compareLower(a, b) || this.compareUpper(a, b);
  }

  /** Order of the lower bounds of ranges that are not empty. */
  compareLower(a: Range, b: Range): number {
    if (a.lower === null || b.lower === null) return Number(a.lower !== null) - Number(b.lower !== null);
    return this.element.compare(a.lower, b.lower) || Number(b.lowerInclusive) - Number(a.lowerInclusive);
  }

  compareUpper(a: Range, b: Range): number {
    if (a.upper === null || b.upper === null) return Number(b.upper !== null) - Number(a.upper !== null);
    return this.element.compare(a.upper, b.upper) || Number(a.upperInclusive) - Number(b.upperInclusive);
  }

  /** Whether everything in `a` is below everything in `b`. */
  isBefore(a: Range, b: Range): boolean {
    if (a.upper === null || b.lower === null) return false;
    const order = this.element.compare(a.upper, b.lower);
    return order < 0 || (order === 0 && !(a.upperInclusive && b.lowerInclusive));
  }

  /** Whether `b` begins exactly where `a` ends. */
  meets(a: Range, b: Range): boolean {
    if (a.upper === null || b.lower === null) return false;
    return this.element.compare(a.upper, b.lower) === 0 && a.upperInclusive !== b.lowerInclusive;
  }

  contains(range: Range, value: Datum): boolean {
    if (range.empty || value === null) return false;
    if (range.lower !== null) {
      const order = this.element.compare(range.lower, value);
      if (order > 0 || (order === 0 && !range.lowerInclusive)) return false;
    }
    if (range.upper === null) return true;
    const order = this.element.compare(range.upper, value);
    return order > 0 || (order === 0 && range.upperInclusive);
  }

  groupKey(value: Range): GroupKey {
    if (value.empty) return 'empty';
    const bound = (item: Datum): string => {
      if (item === null) return '*';
      const key = String(this.element.groupKey(item));
      return `${key.length}:${key}`;
    };
    return `${rangeFlags(value)}${bound(value.lower)}${bound(value.upper)}`;
  }

  encodeKey(value: Range): string {
    if (value.empty) return '\x00';
    const lower =
      value.lower === null
        ? '\x00'
        : `\x01${this.element.encodeKey(value.lower)}${value.lowerInclusive ? '\x00' : '\x01'}`;
    const upper =
      value.upper === null
        ? '\x02'
        : `\x01${this.element.encodeKey(value.upper)}${value.upperInclusive ? '\x01' : '\x00'}`;
    return `\x01${lower}${upper}`;
  }

  /** Sorts ranges and joins those that touch. */
  normalize(ranges: readonly Range[]): Multirange {
    const sorted = ranges.filter((range) => !range.empty).sort((a, b) => this.compare(a, b));
    const result: Range[] = [];
    for (const range of sorted) {
      const last = result[result.length - 1];
      if (last === undefined || (this.isBefore(last, range) && !this.meets(last, range))) result.push(range);
      else if (this.compareUpper(last, range) < 0) result[result.length - 1] = this.join(last, range);
    }
    return new Multirange(result);
  }

  /** From the lower bound of `a` to the upper bound of `b`. */
  join(a: Range, b: Range): Range {
    return new Range(a.lower, b.upper, a.lowerInclusive, b.upperInclusive);
  }
}

export class MultirangeCodec implements TypeCodec<Multirange> {
  constructor(
    readonly multirangeType: number,
    readonly rangeType: number,
    readonly range: RangeCodec,
  ) {}

  parse(text: string, cx: TypeContext, typmod: number): Multirange {
    return this.range.normalize(parseMultirangeLiteral(text).map((item) => this.range.parse(item, cx, typmod)));
  }

  format(value: Multirange, cx: TypeContext): string {
    return `{${value.ranges.map((range) => this.range.format(range, cx)).join(',')}}`;
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext, typmod: number): Multirange {
    const input = new BinaryInput(bytes, start, end);
    const count = input.u32();
    const ranges: Range[] = [];
    for (let i = 0; i < count; i++) {
      const length = input.i32();
      const position = input.skip(length);
      ranges.push(this.range.receive(bytes, position, position + length, cx, typmod));
    }
    input.expectEnd();
    return this.range.normalize(ranges);
  }

  send(value: Multirange, out: ByteWriter, cx: TypeContext): void {
    out.u32(value.ranges.length);
    for (const range of value.ranges) {
      const position = out.length;
      out.i32(0);
      this.range.send(range, out, cx);
      out.patchI32(position, out.length - position - 4);
    }
  }

  compare(a: Multirange, b: Multirange): number {
    const count = Math.min(a.ranges.length, b.ranges.length);
    for (let i = 0; i < count; i++) {
      const order = this.range.compare(a.ranges[i], b.ranges[i]);
      if (order !== 0) return order;
    }
    return a.ranges.length - b.ranges.length;
  }

  groupKey(value: Multirange): GroupKey {
    return value.ranges.map((range) => this.range.groupKey(range)).join(';');
  }

  encodeKey(value: Multirange): string {
    return `${value.ranges.map((range) => `\x01${this.range.encodeKey(range)}`).join('')}\x00`;
  }
}

/** `discrete`: the type has one of the built-in canonical functions; by default, whether it is a built-in type with one. */
export function rangeCodec(
  rangeType: number,
  subtype: number,
  element: TypeCodec,
  discrete: boolean = DISCRETE_RANGES.has(rangeType),
): TypeCodec<Range> {
  return new RangeCodec(rangeType, subtype, element, discrete);
}

/** `range` must come from `rangeCodec`. */
export function multirangeCodec(multirangeType: number, rangeType: number, range: TypeCodec): TypeCodec<Multirange> {
  if (!(range instanceof RangeCodec)) throw new Error('a multirange is made over a range codec');
  return new MultirangeCodec(multirangeType, rangeType, range);
}
