/**
 * Type names as PostgreSQL shows them (format_type): the SQL standard's names for built-in types, type modifiers,
 * `[]` for arrays, the schema where the name alone would not find the type.
 */
import * as oid from '../types/oids.js';
import { quoteIdentifier, quoteQualified } from '../types/quote-identifier.js';
import type { CatalogView, TypeDesc } from './descriptors.js';

const VARHDRSZ = 4;

/**
 * `typmod` null: none was given; -1: the type is known to have none, which matters for bit and bpchar, whose standard
 * names imply a length of 1.
 */
export function formatType(view: CatalogView, typeOid: number, typmod: number | null): string {
  if (typeOid === 0) return '-';
  const type = view.type(typeOid);
  if (type === undefined) return '???';
  // Vectors are subscripted like arrays, but are types of their own name.
  const vector = typeOid === oid.INT2VECTOR || typeOid === oid.OIDVECTOR;
  if (type.isArray && !vector) return `${formatElement(view, type.element, typmod)}[]`;
  return formatPlain(view, type, typmod);
}

function formatElement(view: CatalogView, element: number, typmod: number | null): string {
  const type = view.type(element);
  return type === undefined ? '???' : formatPlain(view, type, typmod);
}

function formatPlain(view: CatalogView, type: TypeDesc, typmod: number | null): string {
  const modifier = typmod === null ? -1 : typmod;
  switch (type.oid) {
    case oid.BOOL:
      return 'boolean';
    case oid.INT2:
      return 'smallint';
    case oid.INT4:
      return 'integer';
    case oid.INT8:
      return 'bigint';
    case oid.FLOAT4:
      return 'real';
    case oid.FLOAT8:
      return 'double precision';
    case oid.NUMERIC:
    case oid.INTERVAL:
      return type.name + typmodSuffix(type, modifier);
    case oid.VARCHAR:
      return `character varying${typmodSuffix(type, modifier)}`;
    case oid.VARBIT:
      return `bit varying${typmodSuffix(type, modifier)}`;
    case oid.BPCHAR:
      if (modifier === -1 && typmod !== null) break;
      return `character${typmodSuffix(type, modifier)}`;
    case oid.BIT:
      if (modifier === -1 && typmod !== null) break;
      return `bit${typmodSuffix(type, modifier)}`;
    case oid.TIME:
    case oid.TIMESTAMP:
      return `${type.name}${typmodSuffix(type, modifier)} without time zone`;
    case oid.TIMETZ:
    case oid.TIMESTAMPTZ:
      return `${type.name.slice(0, -2)}${typmodSuffix(type, modifier)} with time zone`;
  }
  return typeNameInPath(view, type) + typmodSuffix(type, modifier);
}

/** The name of a type in pg_type, with its schema unless the search path finds it. */
function typeNameInPath(view: CatalogView, type: TypeDesc): string {
  if (view.typeVisible(type.oid)) return quoteIdentifier(type.name);
  return quoteQualified(view.namespace(type.namespace)?.name ?? '', type.name);
}

/** What the type's typmodout function says; '' for -1. */
export function typmodSuffix(type: TypeDesc, typmod: number): string {
  if (typmod < 0) return '';
  switch (type.oid) {
    case oid.VARCHAR:
    case oid.BPCHAR:
      return typmod > VARHDRSZ ? `(${typmod - VARHDRSZ})` : '';
    case oid.NUMERIC:
      return numericSuffix(typmod - VARHDRSZ);
    case oid.INTERVAL:
      return intervalSuffix(typmod);
    default:
      return `(${typmod})`;
  }
}

/** Precision in the upper half; scale in the lower 11 bits, as two's complement. */
function numericSuffix(typmod: number): string {
  if (typmod < 0) return '';
  const scale = ((typmod & 0x7ff) ^ 1024) - 1024;
  return `(${(typmod >> 16) & 0xffff},${scale})`;
}

const MONTH = 1 << 1;
const YEAR = 1 << 2;
const DAY = 1 << 3;
const HOUR = 1 << 10;
const MINUTE = 1 << 11;
const SECOND = 1 << 12;
const FULL_PRECISION = 0xffff;

const INTERVAL_FIELDS: ReadonlyMap<number, string> = new Map([
  [YEAR, ' year'],
  [MONTH, ' month'],
  [DAY, ' day'],
  [HOUR, ' hour'],
  [MINUTE, ' minute'],
  [SECOND, ' second'],
  [YEAR | MONTH, ' year to month'],
  [DAY | HOUR, ' day to hour'],
  [DAY | HOUR | MINUTE, ' day to minute'],
  [DAY | HOUR | MINUTE | SECOND, ' day to second'],
  [HOUR | MINUTE, ' hour to minute'],
  [HOUR | MINUTE | SECOND, ' hour to second'],
  [MINUTE | SECOND, ' minute to second'],
]);

function intervalSuffix(typmod: number): string {
  const precision = typmod & 0xffff;
  const fields = INTERVAL_FIELDS.get((typmod >> 16) & 0x7fff) ?? '';
  return precision === FULL_PRECISION ? fields : `${fields}(${precision})`;
}
