/**
 * How SQL values look in memory. One representation a type, fixed here; `null` is SQL NULL everywhere
 * (never `undefined`).
 *
 * | SQL type                                        | JavaScript value                                              |
 * |-------------------------------------------------|---------------------------------------------------------------|
 * | bool                                            | boolean                                                       |
 * | int2, int4, oid, xid, cid, reg*                 | number                                                        |
 * | int8, money                                     | number while a safe integer, bigint beyond (`normalizeInt8`)  |
 * | float4 (rounded by Math.fround), float8         | number                                                        |
 * | numeric                                         | Numeric                                                       |
 * | text, varchar, bpchar, name, "char", json, xml, cstring, unknown | string (no NUL, well-formed)                 |
 * | bytea                                           | Uint8Array, never modified in place                           |
 * | date                                            | number: days since 2000-01-01; ±Infinity                      |
 * | time                                            | number: microseconds since midnight                           |
 * | timetz                                          | TimeTz                                                        |
 * | timestamp, timestamptz                          | number: microseconds since 2000-01-01 (UTC for tz) while a safe integer, bigint beyond; ±Infinity |
 * | interval                                        | Interval                                                      |
 * | uuid                                            | string: 36 characters, lower case                             |
 * | jsonb                                           | JsonbNode (types/json/jsonb.ts); JSON null is JSON_NULL       |
 * | arrays, int2vector, oidvector                   | PgArray                                                       |
 * | record, composite types                         | PgRecord                                                      |
 * | enum                                            | number: OID of the pg_enum row                                |
 * | internal (states of aggregates)                 | any object                                                    |
 */

export type Datum = null | boolean | number | bigint | string | object;

/** A tuple. Rows that came from storage are shared: never modify one. */
export type Row = Datum[];

/** Brings a 64-bit integer into its canonical form: number while safe, bigint beyond. */
export function normalizeInt8(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Marks a timestamp or date as not finite (`infinity`, `-infinity`). */
export function isInfinite(value: number | bigint): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

/**
 * An array value. `elements` holds all elements in row-major order; `dims` has one length and `lowerBounds` one
 * bound for each dimension. The empty array has no dimensions.
 */
export class PgArray {
  constructor(
    readonly elementType: number,
    readonly dims: readonly number[],
    readonly lowerBounds: readonly number[],
    readonly elements: readonly Datum[],
  ) {}

  /** A one-dimensional array with lower bound 1 (or the empty array). */
  static of(elementType: number, elements: readonly Datum[]): PgArray {
    return elements.length === 0
      ? new PgArray(elementType, [], [], [])
      : new PgArray(elementType, [elements.length], [1], elements);
  }
}

/** A composite value: `typeOid` is 2249 (record) or the row type; `fieldTypes` has the type OID of each value. */
export class PgRecord {
  constructor(
    readonly typeOid: number,
    readonly fieldTypes: readonly number[],
    readonly values: readonly Datum[],
    /** Names of the fields of an anonymous record, where they are known. */
    readonly fieldNames: readonly string[] | null = null,
  ) {}
}
