/** The options of CREATE SEQUENCE, ALTER SEQUENCE and identity columns: defaults, ranges, contradictions. */
import type { DefElem, Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import * as oids from '../types/oids.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionBoolean, optionInteger, optionName, redundantOption } from './option-values.js';

/** What a sequence counts like. */
export interface SequenceParameters {
  readonly type: number;
  readonly start: bigint;
  readonly increment: bigint;
  readonly min: bigint;
  readonly max: bigint;
  readonly cache: bigint;
  readonly cycle: boolean;
}

export interface SequenceOptions extends SequenceParameters {
  /** RESTART [WITH n]: the next value. */
  readonly restart: bigint | null;
  /** OWNED BY: parts of the column's name, `['none']`, or null when absent. */
  readonly ownedBy: readonly string[] | null;
  /** SEQUENCE NAME of identity columns. */
  readonly name: readonly string[] | null;
}

const TYPES: ReadonlyMap<number, { readonly name: string; readonly max: bigint }> = new Map([
  [oids.INT2, { name: 'smallint', max: 32767n }],
  [oids.INT4, { name: 'integer', max: 2147483647n }],
  [oids.INT8, { name: 'bigint', max: 9223372036854775807n }],
]);

/** Whether a sequence can have the type. */
export function isSequenceType(type: number): boolean {
  return TYPES.has(type);
}

function invalid(message: string): Error {
  return sqlError('invalid_parameter_value', message);
}

/**
 * `existing`: the parameters to be altered, null for a new sequence. `type`: that of an identity column, also a new one.
 * Throws 22023, 42601.
 */
export function sequenceOptions(
  cx: DdlContext,
  nodes: readonly Node[] | undefined,
  existing: SequenceParameters | null,
  type?: number,
): SequenceOptions {
  const given = new Map<string, DefElem>();
  for (const option of defElems(nodes)) {
    const name = option.defname ?? '';
    if (given.has(name)) throw redundantOption(cx, option);
    given.set(name, option);
  }
  const wanted = typeOption(cx, given, type) ?? existing?.type ?? oids.INT8;
  const increment = integer(given, 'increment') ?? existing?.increment ?? 1n;
  if (increment === 0n) throw invalid('INCREMENT must not be zero');
  const { min, max } = bounds(given, existing, wanted, increment, type !== undefined || given.has('as'));
  const start = integer(given, 'start') ?? existing?.start ?? (increment > 0n ? min : max);
  checkValue('START', start, min, max);
  const restartOption = given.get('restart');
  const restart =
    restartOption === undefined ? null : restartOption.arg === undefined ? start : optionInteger(restartOption);
  if (restart !== null) checkValue('RESTART', restart, min, max);
  const cache = integer(given, 'cache') ?? existing?.cache ?? 1n;
  if (cache <= 0n) throw invalid(`CACHE (${cache}) must be greater than zero`);
  const cycle = given.get('cycle');
  const ownedBy = given.get('owned_by');
  const name = given.get('sequence_name');
  return {
    type: wanted,
    start,
    increment,
    min,
    max,
    cache,
    cycle: cycle === undefined ? (existing?.cycle ?? false) : optionBoolean(cycle),
    restart,
    ownedBy: ownedBy === undefined ? null : optionName(ownedBy),
    name: name === undefined ? null : optionName(name),
  };
}

function typeOption(cx: DdlContext, given: ReadonlyMap<string, DefElem>, identity?: number): number | undefined {
  const option = given.get('as');
  const node = option?.arg;
  const type =
    node !== undefined && 'TypeName' in node ? resolveTypeName(cx.bindContext(), node.TypeName).type : identity;
  if (type !== undefined && !TYPES.has(type)) {
    const what = identity === undefined ? 'sequence' : 'identity column';
    throw invalid(`${what} type must be smallint, integer, or bigint`);
  }
  return type;
}

function integer(given: ReadonlyMap<string, DefElem>, name: string): bigint | undefined {
  const option = given.get(name);
  return option?.arg === undefined ? undefined : optionInteger(option);
}

function bounds(
  given: ReadonlyMap<string, DefElem>,
  existing: SequenceParameters | null,
  type: number,
  increment: bigint,
  wantsType: boolean,
): { min: bigint; max: bigint } {
  const limit = TYPES.get(type);
  const old = existing === null ? undefined : TYPES.get(existing.type);
  if (limit === undefined) throw invalid('sequence type must be smallint, integer, or bigint');
  const ascending = increment > 0n;
  const lowest = -limit.max - 1n;
  const bound = (name: 'minvalue' | 'maxvalue', kept: bigint | undefined, fallback: bigint): bigint => {
    const value = integer(given, name);
    return value ?? (kept === undefined || given.has(name) ? fallback : kept);
  };
  // A bound that was that of the old type becomes that of the new one.
  const follows = wantsType && old !== undefined;
  const keptMax = follows && existing?.max === old.max ? limit.max : existing?.max;
  const keptMin = follows && existing?.min === -old.max - 1n ? lowest : existing?.min;
  const max = bound('maxvalue', keptMax, ascending ? limit.max : -1n);
  const min = bound('minvalue', keptMin, ascending ? 1n : lowest);
  for (const [name, value] of [
    ['MAXVALUE', max],
    ['MINVALUE', min],
  ] as const) {
    if (value > limit.max || value < lowest) {
      throw invalid(`${name} (${value}) is out of range for sequence data type ${limit.name}`);
    }
  }
  if (min >= max) throw invalid(`MINVALUE (${min}) must be less than MAXVALUE (${max})`);
  return { min, max };
}

function checkValue(what: string, value: bigint, min: bigint, max: bigint): void {
  if (value < min) throw invalid(`${what} value (${value}) cannot be less than MINVALUE (${min})`);
  if (value > max) throw invalid(`${what} value (${value}) cannot be greater than MAXVALUE (${max})`);
}
