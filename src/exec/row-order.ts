/** Orders of rows by sort keys: comparators of single values by type, and of whole rows. */
import type { Expr, SortKey } from '../sql/plan/expression.js';
import type { Datum, Row } from '../types/datum.js';
import * as oid from '../types/oids.js';
import { baseTypeOf } from '../types/record/domain-codec.js';
import { collatorOf, isBytewise } from '../types/text/collator.js';
import type { TypeContext } from '../types/type-context.js';
import type { ExecContext } from './exec-context.js';
import type { ExpressionCompiler } from './expression/evaluator.js';

/** Compares two values of a key, NULLs and direction included. */
export type KeyComparator = (a: Datum, b: Datum) => number;
export type RowComparator = (a: Row, b: Row) => number;

/** Types whose datums JavaScript orders as PostgreSQL does: numbers, mixed with bigints. */
const ORDERED_NUMBERS = new Set<number>([
  oid.INT2,
  oid.INT4,
  oid.INT8,
  oid.OID,
  oid.DATE,
  oid.TIME,
  oid.TIMESTAMP,
  oid.TIMESTAMPTZ,
  oid.MONEY,
]);
const TEXTS = new Set<number>([oid.TEXT, oid.VARCHAR, oid.NAME]);
const COLLATED = new Set<number>([oid.TEXT, oid.VARCHAR, oid.BPCHAR]);

/** Whether values are numbers (or bigints) in the type's order. */
export function isOrderedNumber(type: number): boolean {
  return ORDERED_NUMBERS.has(type);
}

export function isText(type: number): boolean {
  return TEXTS.has(type);
}

/**
 * The order of values of an expression's type and collation, none of them NULL. `plainText`: no string has surrogates, so
 * code units order as code points.
 */
export function valueComparator(
  types: TypeContext,
  { type, collation }: Pick<Expr, 'type' | 'collation'>,
  plainText = false,
): (a: Datum, b: Datum) => number {
  const collator = isBytewise(collation) ? null : collatorOf(types.catalog.collation(collation));
  if (collator !== null && COLLATED.has(baseTypeOf(type, types)))
    return (a, b) => collator.compare(String(a), String(b));
  if (ORDERED_NUMBERS.has(type) || (plainText && TEXTS.has(type))) {
    return (a, b) => {
      const x = a as number;
      const y = b as number;
      return x < y ? -1 : x > y ? 1 : 0;
    };
  }
  const codec = types.codec(type);
  return (a, b) => codec.compare(a, b);
}

export function keyComparator(types: TypeContext, key: SortKey, plainText = false): KeyComparator {
  const compare = valueComparator(types, key.expr, plainText);
  const whenNull = key.nullsFirst ? -1 : 1;
  const sign = key.descending ? -1 : 1;
  return (a, b) => {
    if (a === null) return b === null ? 0 : whenNull;
    if (b === null) return -whenNull;
    return sign * compare(a, b);
  };
}

/** Evaluates the keys of both rows; may throw a `Suspend`. */
export function rowComparator(cx: ExecContext, compiler: ExpressionCompiler, keys: readonly SortKey[]): RowComparator {
  const parts = keys.map((key) => ({
    evaluate: compiler.compile(key.expr),
    compare: keyComparator(cx.services.types, key),
  }));
  return (a, b) => {
    for (const { evaluate, compare } of parts) {
      const order = compare(evaluate(a), evaluate(b));
      if (order !== 0) return order;
    }
    return 0;
  };
}
