/** The functions of information_schema, which clients call too: what a type's modifier says, and arrays with their positions. */
import { formatType } from '../../catalog/format-type.js';
import {
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  plainFunctions,
  setFunctions,
} from '../../sql/functions/registry.js';
import type { PgArray, PgRecord, Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { sessionOf } from './session-of.js';

/** Positions in rows of pg_attribute and pg_type. */
const ATTTYPID = 2;
const ATTTYPMOD = 8;
const TYPTYPE = 6;
const TYPBASETYPE = 25;
const TYPTYPMOD = 26;

/** What the modifier of a type with a length in front counts besides that length. */
const LENGTH_WORD = 4;
/** Bytes of the longest character, and of the longest value. */
const CHARACTER_BYTES = 4;
const LONGEST = 1 << 30;
/** The part of an interval's modifier with its precision; all bits: none. */
const INTERVAL_PRECISION = 0xffff;
const DEFAULT_PRECISION = 6;

const BINARY_PRECISION = new Map<number, number>([
  [oid.INT2, 16],
  [oid.INT4, 32],
  [oid.INT8, 64],
  [oid.FLOAT4, 24],
  [oid.FLOAT8, 53],
]);

const characterLength = (type: number, typmod: number): number | null => {
  if (typmod === -1) return null;
  if (type === oid.BPCHAR || type === oid.VARCHAR) return typmod - LENGTH_WORD;
  return type === oid.BIT || type === oid.VARBIT ? typmod : null;
};

const octetLength = (type: number, typmod: number): number | null => {
  if (type !== oid.TEXT && type !== oid.BPCHAR && type !== oid.VARCHAR) return null;
  if (typmod === -1) return LONGEST;
  const length = characterLength(type, typmod);
  return length === null ? null : length * CHARACTER_BYTES;
};

const precision = (type: number, typmod: number): number | null => {
  if (type !== oid.NUMERIC) return BINARY_PRECISION.get(type) ?? null;
  return typmod === -1 ? null : ((typmod - LENGTH_WORD) >> 16) & 0xffff;
};

const radix = (type: number): number | null => (type === oid.NUMERIC ? 10 : BINARY_PRECISION.has(type) ? 2 : null);

const scale = (type: number, typmod: number): number | null => {
  if (type === oid.INT2 || type === oid.INT4 || type === oid.INT8) return 0;
  return type !== oid.NUMERIC || typmod === -1 ? null : (typmod - LENGTH_WORD) & 0xffff;
};

const datetimePrecision = (type: number, typmod: number): number | null => {
  switch (type) {
    case oid.DATE:
      return 0;
    case oid.TIME:
    case oid.TIMETZ:
    case oid.TIMESTAMP:
    case oid.TIMESTAMPTZ:
      return typmod < 0 ? DEFAULT_PRECISION : typmod;
    case oid.INTERVAL: {
      const given = typmod & INTERVAL_PRECISION;
      return typmod < 0 || given === INTERVAL_PRECISION ? DEFAULT_PRECISION : given;
    }
    default:
      return null;
  }
};

function* expanded(array: PgArray): Iterable<Row> {
  if (array.dims.length !== 1) {
    // Elements of further dimensions have no single subscript.
    for (let i = 0; i < (array.dims[0] ?? 0); i++) yield [null, i + 1];
    return;
  }
  for (let i = 0; i < array.elements.length; i++) yield [array.elements[i], i + 1];
}

export const informationSchemaFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    '_pg_truetypid(pg_attribute,pg_type)': ({ values: column }: PgRecord, { values: type }: PgRecord) =>
      type[TYPTYPE] === 'd' ? type[TYPBASETYPE] : column[ATTTYPID],
    '_pg_truetypmod(pg_attribute,pg_type)': ({ values: column }: PgRecord, { values: type }: PgRecord) =>
      type[TYPTYPE] === 'd' ? type[TYPTYPMOD] : column[ATTTYPMOD],
    '_pg_char_max_length(oid,int4)': characterLength,
    '_pg_char_octet_length(oid,int4)': octetLength,
    '_pg_numeric_precision(oid,int4)': precision,
    '_pg_numeric_precision_radix(oid,int4)': radix,
    '_pg_numeric_scale(oid,int4)': scale,
    '_pg_datetime_precision(oid,int4)': datetimePrecision,
  }),
  contextFunctions({
    '_pg_interval_type(oid,int4)': (cx, type: number, typmod: number) => {
      if (type !== oid.INTERVAL) return null;
      const fields = /^interval[()0-9]* (.+)$/.exec(formatType(sessionOf(cx).catalog, type, typmod));
      return fields === null ? null : fields[1].toUpperCase();
    },
    '_pg_index_position(oid,int2)': (cx, index: number, attribute: number) => {
      const at = sessionOf(cx).catalog.index(index)?.attributes.indexOf(attribute) ?? -1;
      return at < 0 ? null : at + 1;
    },
  }),
  setFunctions({
    '_pg_expandarray(anyarray)': (_cx, array: PgArray) => expanded(array),
  }),
);
