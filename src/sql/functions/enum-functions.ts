/** Comparison of enum values, and the functions that list them. An enum value is the OID of its pg_enum row. */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import { type Datum, PgArray } from '../../types/datum.js';
import type { TypeCatalog } from '../../types/type-context.js';
import { type CallContext, contextFunctions, type FunctionFamily } from './registry.js';

/** A catalog that can list the values of an enum type in their order. */
export interface EnumCatalog extends TypeCatalog {
  enumValues(enumType: number): readonly number[];
}

function listsEnums(catalog: TypeCatalog): catalog is EnumCatalog {
  return 'enumValues' in catalog && typeof catalog.enumValues === 'function';
}

function enumValues(cx: CallContext, enumType: number): readonly number[] {
  if (!listsEnums(cx.catalog)) throw notSupported('listing the values of an enum type');
  const values = cx.catalog.enumValues(enumType);
  if (values.length === 0)
    throw sqlError(
      'object_not_in_prerequisite_state',
      `enum ${cx.catalog.formatType(enumType, -1)} contains no values`,
    );
  return values;
}

function compare(cx: CallContext, a: number, b: number): number {
  return a === b ? 0 : cx.catalog.enumSortOrder(a) - cx.catalog.enumSortOrder(b);
}

function range(cx: CallContext, lower: Datum, upper: Datum): PgArray {
  const values = enumValues(cx, cx.argTypes[0]);
  const first = typeof lower === 'number' ? values.indexOf(lower) : 0;
  const last = typeof upper === 'number' ? values.indexOf(upper) : values.length - 1;
  return PgArray.of(cx.argTypes[0], first < 0 ? [] : values.slice(first, last + 1));
}

export const enumFunctions: FunctionFamily = contextFunctions({
  enum_eq: (_cx, a: number, b: number) => a === b,
  enum_ne: (_cx, a: number, b: number) => a !== b,
  enum_lt: (cx, a: number, b: number) => compare(cx, a, b) < 0,
  enum_le: (cx, a: number, b: number) => compare(cx, a, b) <= 0,
  enum_gt: (cx, a: number, b: number) => compare(cx, a, b) > 0,
  enum_ge: (cx, a: number, b: number) => compare(cx, a, b) >= 0,
  enum_cmp: (cx, a: number, b: number) => Math.sign(compare(cx, a, b)),
  enum_larger: (cx, a: number, b: number) => (compare(cx, a, b) > 0 ? a : b),
  enum_smaller: (cx, a: number, b: number) => (compare(cx, a, b) < 0 ? a : b),
  enum_first: (cx, _value: Datum) => enumValues(cx, cx.argTypes[0])[0],
  enum_last: (cx, _value: Datum) => enumValues(cx, cx.argTypes[0]).at(-1) ?? null,
  enum_range_all: (cx, _value: Datum) => range(cx, null, null),
  enum_range_bounds: range,
});
