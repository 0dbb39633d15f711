/**
 * What input and output functions of types may ask of their surroundings. The session implements it; tests use
 * `testTypeContext()`.
 */
import type { CollationFacts } from './text/collator.js';
import type { TypeCodec } from './type-codec.js';

export type DateOrder = 'YMD' | 'MDY' | 'DMY';
export type DateStyle = 'ISO' | 'SQL' | 'Postgres' | 'German';
export type IntervalStyle = 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601';

/** The settings on which text forms depend. Mutable: SET changes the fields of the session's object. */
export interface TypeSettings {
  dateStyle: DateStyle;
  dateOrder: DateOrder;
  intervalStyle: IntervalStyle;
  /** Canonical name as `SHOW timezone` gives it, e.g. `UTC`, `Europe/Berlin`, `<+03>-03`. */
  timeZone: string;
  extraFloatDigits: number;
  byteaOutput: 'hex' | 'escape';
  /** lc_monetary and friends are C. */
}

/** Name lookups that types such as regclass, enums and composites need. `undefined` when there is no such object. */
export interface TypeCatalog {
  enumLabel(valueOid: number): string | undefined;
  enumValue(enumType: number, label: string): number | undefined;
  /** Sort position of an enum value (pg_enum.enumsortorder). */
  enumSortOrder(valueOid: number): number;
  /** The columns of a composite type, dropped ones left out. */
  compositeFields(typeOid: number): readonly { name: string; type: number; typmod: number }[] | undefined;
  /** The element type of an array type, or 0. */
  elementType(typeOid: number): number;
  /** The array type over an element type, or 0. */
  arrayType(typeOid: number): number;
  /** As format_type(): `integer`, `character varying(10)`, `public."Odd"[]`. */
  formatType(typeOid: number, typmod: number): string;
  collation(oid: number): CollationFacts | undefined;
  /** regclass, regproc, … : text to OID. Throws PostgreSQL's error when there is no such object. */
  regIn(kind: RegKind, text: string): number;
  /** OID to text; digits when there is no such object, `-` for 0. */
  regOut(kind: RegKind, oid: number): string;
  /** Exact names, as aclitem has them. */
  roleName(oid: number): string | undefined;
  roleOid(name: string): number | undefined;
}

export type RegKind =
  | 'regclass'
  | 'regtype'
  | 'regproc'
  | 'regprocedure'
  | 'regoper'
  | 'regoperator'
  | 'regnamespace'
  | 'regrole'
  | 'regcollation'
  | 'regconfig'
  | 'regdictionary';

export interface TypeContext {
  readonly settings: TypeSettings;
  readonly catalog: TypeCatalog;
  /** The codec of any type by OID (arrays, enums, composites and domains included). Throws when the type has none. */
  codec(typeOid: number): TypeCodec;
  /** Start of the transaction, and of the statement: microseconds since 2000-01-01 UTC. For 'now', 'today', now(). */
  readonly transactionTimestamp: number;
  readonly statementTimestamp: number;
}
