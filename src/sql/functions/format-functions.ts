/** concat, concat_ws, format and quoting: values of any type as text, through their output functions. */
import { sqlError } from '../../errors/sql-error.js';
import { type Datum, PgArray } from '../../types/datum.js';
import { parseInt4 } from '../../types/numbers/integer-text.js';
import * as oid from '../../types/oids.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { characterCount } from '../../types/text/code-points.js';
import { SlicePace, type Task } from '../../util/task.js';
import { TextParts } from '../../util/text-parts.js';
import { parseIdent } from './parse-ident.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

interface Value {
  readonly value: Datum;
  readonly type: number;
}

/** The values behind the first `skip` arguments; those of the array when it was given as VARIADIC. */
function variadicValues(cx: CallContext, args: readonly Datum[], skip: number): Value[] | null {
  if (!cx.variadicArray) return args.slice(skip).map((value, i) => ({ value, type: cx.argTypes[skip + i] }));
  const array = args[skip];
  if (array === null) return null;
  if (!(array instanceof PgArray)) {
    throw sqlError('datatype_mismatch', 'VARIADIC argument must be an array');
  }
  return array.elements.map((value) => ({ value, type: array.elementType }));
}

/** What the type's output function gives. */
function outputText(cx: CallContext, { value, type }: Value): string {
  if (typeof value === 'string' && (type === oid.TEXT || type === oid.UNKNOWN)) return value;
  return cx.codec(type).format(value, cx);
}

function joined(cx: CallContext, values: readonly Value[], separator: string): string {
  let result = '';
  let first = true;
  for (const item of values) {
    if (item.value === null) continue;
    if (!first) result += separator;
    result += outputText(cx, item);
    first = false;
  }
  return result;
}

/** concat (`skip` 0) and concat_ws (1) over long arrays, in slices. */
export function* joinedInSlices(cx: CallContext, args: readonly Datum[], skip: 0 | 1): Task<Datum> {
  const separator = skip === 0 ? '' : args[0];
  if (typeof separator !== 'string') return null;
  const given = args[skip];
  if (cx.variadicArray && given === null) return null;
  const array = cx.variadicArray && given instanceof PgArray ? given : null;
  const values = array === null ? args.slice(skip) : array.elements;
  const parts = new TextParts();
  const pace = new SlicePace();
  let first = true;
  for (let i = 0; i < values.length; i++) {
    if (i % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
    const value = values[i];
    if (value === null) continue;
    if (!first) parts.add(separator);
    first = false;
    const type = array === null ? cx.argTypes[skip + i] : array.elementType;
    const { slow } = cx.codec(type);
    parts.add(slow?.isLarge(value) ? yield* slow.format(value, cx) : outputText(cx, { value, type }));
  }
  return parts.text;
}

/** Values that are joined between two looks at the clock. */
const PER_LOOK = 64;

function concat(cx: CallContext, ...args: Datum[]): Datum {
  const values = variadicValues(cx, args, 0);
  return values === null ? null : joined(cx, values, '');
}

function concatWs(cx: CallContext, separator: string | null, ...args: Datum[]): Datum {
  if (separator === null) return null;
  const values = variadicValues(cx, [separator, ...args], 1);
  return values === null ? null : joined(cx, values, separator);
}

const SPECIFIER = /%(?:(\d+)\$)?(-*)(?:(\d+)|\*(?:(\d+)\$)?)?(.)?/suy;

/** Hands out the arguments of one format() call, in turn or by number. */
class FormatArguments {
  private next = 0;

  constructor(private readonly values: readonly Value[]) {}

  take(position: string | undefined): Value {
    if (position !== undefined) {
      if (Number(position) === 0) {
        throw sqlError('invalid_parameter_value', 'format specifies argument 0, but arguments are numbered from 1');
      }
      this.next = Number(position) - 1;
    }
    if (this.next >= this.values.length) {
      throw sqlError('invalid_parameter_value', 'too few arguments for format()');
    }
    return this.values[this.next++];
  }
}

function unterminated(): Error {
  return sqlError('invalid_parameter_value', 'unterminated format() type specifier', {
    hint: 'For a single "%" use "%%".',
  });
}

function widthOf(cx: CallContext, item: Value): number {
  return item.value === null ? 0 : parseInt4(outputText(cx, item));
}

function converted(cx: CallContext, kind: string, item: Value): string {
  if (item.value === null) {
    if (kind === 'I') {
      throw sqlError('null_value_not_allowed', 'null values cannot be formatted as an SQL identifier');
    }
    return kind === 'L' ? 'NULL' : '';
  }
  const text = outputText(cx, item);
  return kind === 'I' ? quoteIdentifier(text) : kind === 'L' ? quoteLiteral(text) : text;
}

function padded(text: string, width: number, left: boolean): string {
  const missing = Math.abs(width) - characterCount(text);
  if (missing <= 0) return text;
  return left || width < 0 ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

function formatText(cx: CallContext, pattern: string, values: readonly Value[]): string {
  const supply = new FormatArguments(values);
  let result = '';
  for (let at = 0; at < pattern.length; ) {
    const mark = pattern.indexOf('%', at);
    if (mark < 0) return result + pattern.slice(at);
    result += pattern.slice(at, mark);
    if (pattern[mark + 1] === '%') {
      result += '%';
      at = mark + 2;
      continue;
    }
    SPECIFIER.lastIndex = mark;
    const match = SPECIFIER.exec(pattern);
    const kind = match?.[5];
    if (match === null || kind === undefined) throw unterminated();
    const [all, position, minus, width, widthPosition] = match;
    const star = all.includes('*');
    if (!'sIL'.includes(kind)) {
      throw sqlError('invalid_parameter_value', `unrecognized format() type specifier "${kind}"`, {
        hint: 'For a single "%" use "%%".',
      });
    }
    const size = star ? widthOf(cx, supply.take(widthPosition)) : Number(width ?? 0);
    result += padded(converted(cx, kind, supply.take(position)), size, minus !== '');
    at = mark + all.length;
  }
  return result;
}

function format(cx: CallContext, pattern: string | null, ...args: Datum[]): Datum {
  if (pattern === null) return null;
  return formatText(cx, pattern, variadicValues(cx, [pattern, ...args], 1) ?? []);
}

function countNulls(cx: CallContext, args: readonly Datum[], nulls: boolean): number | null {
  const values = variadicValues(cx, args, 0);
  return values === null ? null : values.filter((item) => (item.value === null) === nulls).length;
}

/** A string literal; with backslashes, in the E form. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

/** What a cast to text gives: the output function's text for all types but boolean, whose cast spells the word. */
function castToText(cx: CallContext, value: Datum, type: number): string {
  return typeof value === 'boolean' ? String(value) : outputText(cx, { value, type });
}

export const formatFunctions: FunctionFamily = joinFamilies(
  contextFunctions({
    pg_num_nulls: (cx, ...args: Datum[]) => countNulls(cx, args, true),
    pg_num_nonnulls: (cx, ...args: Datum[]) => countNulls(cx, args, false),
    text_concat: concat,
    text_concat_ws: concatWs,
    text_format: format,
    text_format_nv: format,
    'textanycat(text,anynonarray)': (cx, text: string, value: Datum) => text + castToText(cx, value, cx.argTypes[1]),
    'anytextcat(anynonarray,text)': (cx, value: Datum, text: string) => castToText(cx, value, cx.argTypes[0]) + text,
    'quote_literal(anyelement)': (cx, value: Datum) => quoteLiteral(outputText(cx, { value, type: cx.argTypes[0] })),
    'quote_nullable(anyelement)': (cx, value: Datum) =>
      value === null ? 'NULL' : quoteLiteral(outputText(cx, { value, type: cx.argTypes[0] })),
  }),
  plainFunctions({
    parse_ident: parseIdent,
    quote_ident: quoteIdentifier,
    quote_literal: quoteLiteral,
    quote_nullable: (text: string | null) => (text === null ? 'NULL' : quoteLiteral(text)),
  }),
);
