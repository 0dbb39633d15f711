/**
 * Values of one side of a foreign key as values of the other side's type. The types may differ where an operator
 * compares them: integers of several sizes, integer and numeric, varchar and text.
 */
import { SqlError } from '../errors/sql-error.js';
import type { Datum } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { ExecServices } from './exec-context.js';

/** Undefined: no value of the other type equals this one. Never called with NULL. */
export type KeyConversion = (value: Datum) => Datum | undefined;

const INTEGER_LIMITS: ReadonlyMap<number, number> = new Map([
  [oid.INT2, 2 ** 15],
  [oid.INT4, 2 ** 31],
  [oid.INT8, Number.POSITIVE_INFINITY],
]);

const STRINGS: ReadonlySet<number> = new Set([oid.TEXT, oid.VARCHAR]);

export function keyConversion(services: ExecServices, from: number, to: number): KeyConversion {
  if (from === to || (STRINGS.has(from) && STRINGS.has(to))) return (value) => value;
  const limit = INTEGER_LIMITS.get(to);
  if (limit !== undefined && INTEGER_LIMITS.has(from)) {
    return (value) =>
      typeof value === 'number'
        ? value < limit && value >= -limit
          ? value
          : undefined
        : limit > 2 ** 53
          ? value
          : undefined;
  }
  const source = services.types.codec(from);
  const target = services.types.codec(to);
  const integer = INTEGER_LIMITS.has(to);
  return (value) => {
    try {
      const text = source.format(value, services.types);
      // An integer of type numeric may have a scale.
      return target.parse(integer ? text.replace(/\.0*$/, '') : text, services.types, -1);
    } catch (error) {
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  };
}
