/** Rules about the result of a function: what polymorphic ones need, and what CREATE OR REPLACE may not change. */

import type { CatalogEntry } from '../catalog/catalog-writer.js';
import type { FunctionSpec } from '../catalog/ddl/create-function.js';
import { sqlError } from '../errors/sql-error.js';
import { isPolymorphic } from '../sql/binder/polymorphism.js';
import { PgArray } from '../types/datum.js';
import * as oids from '../types/oids.js';
import type { DdlContext } from './ddl-context.js';
import type { ParameterList } from './function-parameters.js';

const RANGES: readonly number[] = [oids.ANYRANGE, oids.ANYMULTIRANGE];
const COMPATIBLE_RANGES: readonly number[] = [oids.ANYCOMPATIBLERANGE, oids.ANYCOMPATIBLEMULTIRANGE];
const FIRST = [oids.ANYELEMENT, oids.ANYARRAY, oids.ANYNONARRAY, oids.ANYENUM, ...RANGES];
const SECOND = [oids.ANYCOMPATIBLE, oids.ANYCOMPATIBLEARRAY, oids.ANYCOMPATIBLENONARRAY, ...COMPATIBLE_RANGES];

/** @throws SqlError 42P13 when no input settles a polymorphic result */
export function requireInputForResult(cx: DdlContext, parameters: ParameterList, resultType: number): void {
  for (const type of [resultType, ...parameters.outputTypes]) {
    if (!isPolymorphic(type)) continue;
    const detail = unsettledDetail(cx, type, parameters.argTypes);
    if (detail !== null) throw sqlError('invalid_function_definition', 'cannot determine result data type', { detail });
  }
}

function unsettledDetail(cx: DdlContext, type: number, inputs: readonly number[]): string | null {
  const name = (oid: number): string => cx.bindContext().formatType(oid);
  const needs = (accepted: readonly number[]): boolean => inputs.some((input) => accepted.includes(input));
  for (const pair of [RANGES, COMPATIBLE_RANGES]) {
    if (!pair.includes(type)) continue;
    if (needs(pair)) return null;
    return `A result of type ${name(type)} requires at least one input of type ${name(pair[0])} or ${name(pair[1])}.`;
  }
  const family = FIRST.includes(type) ? FIRST : SECOND;
  if (needs(family)) return null;
  const list =
    family === FIRST
      ? 'anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange'
      : 'anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange';
  return `A result of type ${name(type)} requires at least one input of type ${list}.`;
}

const KINDS: Readonly<Record<string, string>> = {
  f: 'a function',
  p: 'a procedure',
  a: 'an aggregate function',
  w: 'a window function',
};

/** @throws SqlError 42809, 42P13 */
export function checkReplacement(
  cx: DdlContext,
  old: CatalogEntry,
  spec: Omit<FunctionSpec, 'source' | 'kind'>,
  wanted: 'f' | 'p' | 'a',
): void {
  const kind = old.text('prokind');
  const procedure = wanted === 'p';
  if (kind !== wanted) {
    const detail = `"${spec.name}" is ${KINDS[kind] ?? 'a function'}.`;
    throw sqlError('wrong_object_type', 'cannot change routine kind', { detail });
  }
  const word = { f: 'FUNCTION', p: 'PROCEDURE', a: 'AGGREGATE' }[wanted];
  const bind = cx.bindContext();
  const signature = `${spec.name}(${spec.argTypes.map((type) => bind.formatType(type)).join(',')})`;
  const hint = `Use DROP ${word} ${signature} first.`;
  const refuse = (message: string, detail?: string): Error =>
    sqlError('invalid_function_definition', message, detail === undefined ? { hint } : { hint, detail });
  if (old.number('prorettype') !== spec.resultType || old.boolean('proretset') !== spec.returnsSet) {
    throw refuse(
      procedure
        ? 'cannot change whether a procedure has output parameters'
        : 'cannot change return type of existing function',
    );
  }
  if (spec.resultType === oids.RECORD && !sameOutputs(old, spec)) {
    throw refuse('cannot change return type of existing function', 'Row type defined by OUT parameters is different.');
  }
  checkInputNames(old, spec, refuse);
  if (old.number('pronargdefaults') > spec.defaults.length)
    throw refuse('cannot remove parameter defaults from existing function');
}

function texts(row: CatalogEntry, column: string): string[] | null {
  const value = row.datum(column);
  return value instanceof PgArray ? value.elements.map(String) : null;
}

function outputsOf(types: readonly string[] | null, modes: readonly string[] | null, names: readonly string[] | null) {
  return (modes ?? []).flatMap((mode, i) => ('obt'.includes(mode) ? [`${types?.[i]} ${names?.[i] ?? ''}`] : []));
}

function sameOutputs(old: CatalogEntry, spec: Omit<FunctionSpec, 'source' | 'kind'>): boolean {
  const before = outputsOf(texts(old, 'proallargtypes'), texts(old, 'proargmodes'), texts(old, 'proargnames'));
  const after = outputsOf(spec.allArgTypes?.map(String) ?? null, spec.argModes, spec.argNames);
  return before.join() === after.join();
}

function checkInputNames(
  old: CatalogEntry,
  spec: Omit<FunctionSpec, 'source' | 'kind'>,
  refuse: (message: string) => Error,
): void {
  const inputs = (names: readonly string[] | null, modes: readonly string[] | null): string[] =>
    (names ?? []).filter((_, i) => modes === null || 'ibv'.includes(modes[i]));
  const after = inputs(spec.argNames, spec.argModes);
  inputs(texts(old, 'proargnames'), texts(old, 'proargmodes')).forEach((name, i) => {
    if (name !== '' && name !== after[i]) throw refuse(`cannot change name of input parameter "${name}"`);
  });
}
