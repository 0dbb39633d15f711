/**
 * Any SQL value to JSON, as text (json) and as nodes (jsonb). Numbers and booleans become JSON's, dates and timestamps
 * their ISO form whatever DateStyle says, arrays and composites are converted member by member, json and jsonb are
 * taken as they are, everything else is the string that its output function gives.
 */
import { sqlError } from '../../errors/sql-error.js';
import { ArrayCodec } from '../../types/array/array-codec.js';
import { type Datum, PgArray, PgRecord } from '../../types/datum.js';
import {
  isJsonbNode,
  JSON_NULL,
  JsonbArray,
  type JsonbNode,
  JsonbObject,
  parseNumberNode,
} from '../../types/json/jsonb.js';
import { formatJsonb, quoteJson } from '../../types/json/jsonb-format.js';
import { parseJsonb } from '../../types/json/jsonb-parser.js';
import * as oid from '../../types/oids.js';
import { baseTypeOf } from '../../types/record/domain-codec.js';
import { wholeRecord } from '../../types/record/record-codec.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeContext, TypeSettings } from '../../types/type-context.js';

export type JsonCategory = 'boolean' | 'number' | 'datetime' | 'json' | 'jsonb' | 'array' | 'composite' | 'other';

/** How values of a type are converted. */
export function jsonCategory(cx: TypeContext, type: number): JsonCategory {
  const base = baseTypeOf(type, cx);
  switch (base) {
    case oid.BOOL:
      return 'boolean';
    case oid.INT2:
    case oid.INT4:
    case oid.INT8:
    case oid.FLOAT4:
    case oid.FLOAT8:
    case oid.NUMERIC:
      return 'number';
    case oid.DATE:
    case oid.TIMESTAMP:
    case oid.TIMESTAMPTZ:
      return 'datetime';
    case oid.JSON:
      return 'json';
    case oid.JSONB:
      return 'jsonb';
    case oid.RECORD:
      return 'composite';
    case oid.INT2VECTOR:
    case oid.OIDVECTOR:
    case oid.RECORD_ARRAY:
    case oid.ANYARRAY:
      return 'array';
    default:
      if (cx.codec(base) instanceof ArrayCodec) return 'array';
      return cx.catalog.compositeFields(base) === undefined ? 'other' : 'composite';
  }
}

/** A context whose date style is ISO. */
class IsoContext implements TypeContext {
  readonly settings: TypeSettings;

  constructor(private readonly base: TypeContext) {
    this.settings = { ...base.settings, dateStyle: 'ISO' };
  }

  get catalog(): TypeContext['catalog'] {
    return this.base.catalog;
  }

  get transactionTimestamp(): number {
    return this.base.transactionTimestamp;
  }

  get statementTimestamp(): number {
    return this.base.statementTimestamp;
  }

  codec(typeOid: number): TypeCodec {
    return this.base.codec(typeOid);
  }
}

/** ISO 8601 with a T, and minutes in every zone offset. */
function isoText(cx: TypeContext, value: Datum, type: number): string {
  const context = cx.settings.dateStyle === 'ISO' ? cx : new IsoContext(cx);
  const base = baseTypeOf(type, cx);
  const text = cx.codec(base).format(value, context);
  if (base === oid.DATE) return text;
  const withT = text.replace(/^([0-9-]+) (?=[0-9])/, '$1T');
  return base === oid.TIMESTAMPTZ ? withT.replace(/([0-9])([+-][0-9]{2})(?= BC$|$)/, '$1$2:00') : withT;
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** The text of a scalar that is neither json, array nor composite, and whether JSON takes it without quotes. */
function scalarText(
  cx: TypeContext,
  value: Datum,
  type: number,
  category: JsonCategory,
): { text: string; bare: boolean } {
  if (category === 'boolean') return { text: value === true ? 'true' : 'false', bare: true };
  if (category === 'datetime') return { text: isoText(cx, value, type), bare: false };
  const text = cx.codec(type).format(value, cx);
  return { text, bare: category === 'number' && JSON_NUMBER.test(text) };
}

/** JSON text of a value; `pretty` puts the members of the outermost array or row on lines of their own. */
export function toJsonText(cx: TypeContext, value: Datum, type: number, pretty = false): string {
  if (value === null) return 'null';
  if (typeof value === 'string' && type === oid.TEXT) return quoteJson(value);
  const category = jsonCategory(cx, type);
  if (value instanceof PgArray && category === 'array') return arrayText(cx, value, pretty);
  if (value instanceof PgRecord) return recordText(cx, value, pretty);
  if (category === 'jsonb' && isJsonbNode(value)) return formatJsonb(value);
  if (category === 'json' && typeof value === 'string') return value;
  const { text, bare } = scalarText(cx, value, type, category);
  return bare ? text : quoteJson(text);
}

function arrayText(cx: TypeContext, array: PgArray, pretty: boolean): string {
  if (array.elements.length === 0) return '[]';
  let groups = array.elements.map((element) => toJsonText(cx, element, array.elementType));
  for (let level = array.dims.length - 1; level >= 0; level--) {
    const separator = pretty && level === 0 ? ',\n ' : ',';
    groups = chunks(groups, array.dims[level]).map((chunk) => `[${chunk.join(separator)}]`);
  }
  return groups[0];
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size));
  return result;
}

/** Names of a record's fields: the row type's, the statement's, or f1, f2, … */
export function recordFieldNames(cx: TypeContext, record: PgRecord): readonly string[] {
  if (record.fieldNames !== null) return record.fieldNames;
  const fields = record.typeOid === oid.RECORD ? undefined : cx.catalog.compositeFields(record.typeOid);
  if (fields !== undefined) return fields.map((field) => field.name);
  return record.values.map((_, i) => `f${i + 1}`);
}

function recordText(cx: TypeContext, stored: PgRecord, pretty: boolean): string {
  const record = wholeRecord(stored, cx);
  const names = recordFieldNames(cx, record);
  const members = record.values.map(
    (value, i) => `${quoteJson(names[i])}:${toJsonText(cx, value, record.fieldTypes[i])}`,
  );
  return `{${members.join(pretty ? ',\n ' : ',')}}`;
}

/** The jsonb node of a value; SQL NULL becomes JSON null. */
export function toJsonbNode(cx: TypeContext, value: Datum, type: number): JsonbNode {
  if (value === null) return JSON_NULL;
  if (typeof value === 'string' && type === oid.TEXT) return value;
  const category = jsonCategory(cx, type);
  if (value instanceof PgArray && category === 'array') return arrayNode(cx, value);
  if (value instanceof PgRecord) return recordNode(cx, value);
  if (category === 'jsonb' && isJsonbNode(value)) return value;
  if (category === 'json' && typeof value === 'string') return parseJsonb(value);
  if (typeof value === 'boolean' && category === 'boolean') return value;
  const { text, bare } = scalarText(cx, value, type, category);
  return bare ? parseNumberNode(text) : text;
}

function arrayNode(cx: TypeContext, array: PgArray): JsonbNode {
  let groups = array.elements.map((element) => toJsonbNode(cx, element, array.elementType));
  if (groups.length === 0) return new JsonbArray([]);
  for (let level = array.dims.length - 1; level >= 0; level--) {
    groups = chunks(groups, array.dims[level]).map((chunk) => new JsonbArray(chunk));
  }
  return groups[0];
}

function recordNode(cx: TypeContext, stored: PgRecord): JsonbNode {
  const record = wholeRecord(stored, cx);
  const values = record.values.map((value, i) => toJsonbNode(cx, value, record.fieldTypes[i]));
  return JsonbObject.fromPairs([...recordFieldNames(cx, record)], values);
}

/** A value as the key of an object. Throws 22023 for values that have no scalar text. */
export function toJsonKey(cx: TypeContext, value: Datum, type: number): string {
  if (typeof value === 'string' && type === oid.TEXT) return value;
  const category = jsonCategory(cx, type);
  if (category === 'array' || category === 'composite' || category === 'json' || category === 'jsonb')
    throw sqlError('invalid_parameter_value', 'key value must be scalar, not array, composite, or json');
  return scalarText(cx, value, type, category).text;
}
