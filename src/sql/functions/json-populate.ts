/** JSON to rows: json(b)_populate_record(set) and json(b)_to_record(set). */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { ArrayCodec } from '../../types/array/array-codec.js';
import { type Datum, PgArray, PgRecord } from '../../types/datum.js';
import type { JsonbNode } from '../../types/json/jsonb.js';
import * as oid from '../../types/oids.js';
import { baseTypeOf } from '../../types/record/domain-codec.js';
import { type JsonSource, NodeSource, TextSource } from './json-source.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, setFunctions } from './registry.js';
import { recordFieldNames } from './to-json.js';

export interface ResultColumn {
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
}

/** A call whose result columns come from a column definition list: `AS t(a int, b text)`. */
export interface ColumnListContext extends CallContext {
  readonly resultColumns?: readonly ResultColumn[];
}

function invalid(message: string): SqlError {
  return sqlError('invalid_parameter_value', message);
}

function unknownRowType(name: string): SqlError {
  return sqlError('feature_not_supported', `could not determine row type for result of ${name}`, {
    hint: 'Provide a non-null record argument, or call the function in the FROM clause using a column definition list.',
  });
}

/** Where a value stands, for hints: a key, and subscripts below it. */
interface Place {
  readonly key: string | null;
  readonly subscripts: readonly number[];
}

function expectedArray({ key, subscripts }: Place): SqlError {
  const element = subscripts.map((subscript) => `[${subscript}]`).join('');
  let hint: string | undefined;
  if (key !== null)
    hint = element === '' ? `See the value of key "${key}".` : `See the array element ${element} of key "${key}".`;
  else if (element !== '') hint = `See the array element ${element}.`;
  return sqlError('invalid_text_representation', 'expected JSON array', hint === undefined ? {} : { hint });
}

/** `given`: the value that a composite's missing fields come from. */
function toDatum(
  cx: CallContext,
  source: JsonSource | undefined,
  type: number,
  typmod: number,
  place: Place,
  given: Datum = null,
): Datum {
  if (source === undefined || source.kind === 'null') return null;
  const base = baseTypeOf(type, cx);
  if (base === oid.JSON) return source.json();
  if (base === oid.JSONB) return source.node();
  const codec = cx.codec(type);
  if (source.kind !== 'string') {
    const elementType = cx.codec(base) instanceof ArrayCodec ? cx.catalog.elementType(base) : 0;
    if (elementType !== 0) return arrayDatum(cx, source, elementType, typmod, place);
    const columns = cx.catalog.compositeFields(base);
    if (columns !== undefined) return recordDatum(cx, source, columns, base, given instanceof PgRecord ? given : null);
  }
  return codec.parse(source.text(), cx, typmod);
}

function arrayDatum(cx: CallContext, source: JsonSource, elementType: number, typmod: number, place: Place): PgArray {
  if (source.kind !== 'array') throw expectedArray(place);
  const dims: number[] = [];
  const elements: Datum[] = [];
  /** Number of dimensions: known as soon as the first element that is not an array is met. */
  let depth = -1;
  const visit = (array: JsonSource, subscripts: readonly number[]): void => {
    const level = subscripts.length;
    const items = array.elements();
    items.forEach((item, i) => {
      const at = [...subscripts, i];
      const inner = depth < 0 ? item.kind === 'array' : at.length < depth;
      if (inner) {
        if (item.kind !== 'array') throw expectedArray({ key: place.key, subscripts: at });
        visit(item, at);
        return;
      }
      depth = at.length;
      elements.push(toDatum(cx, item, elementType, typmod, { key: place.key, subscripts: at }));
    });
    if (depth < 0) depth = level + 1;
    if (dims[level] === undefined) dims[level] = items.length;
    else if (dims[level] !== items.length)
      throw sqlError('invalid_text_representation', 'malformed JSON array', {
        detail: 'Multidimensional arrays must have sub-arrays with matching dimensions.',
      });
  };
  visit(source, []);
  if (elements.length === 0) return new PgArray(elementType, [], [], []);
  return new PgArray(
    elementType,
    dims,
    dims.map(() => 1),
    elements,
  );
}

/** A row from an object; columns that the object lacks come from `base`. */
function recordDatum(
  cx: CallContext,
  source: JsonSource,
  columns: readonly ResultColumn[],
  typeOid: number,
  base: PgRecord | null,
): PgRecord {
  if (source.kind !== 'object')
    throw invalid(`cannot call populate_composite on ${source.kind === 'array' ? 'an array' : 'a scalar'}`);
  const members = source.members();
  const values = columns.map((column, i) => {
    const member = members.get(column.name);
    if (member === undefined && base !== null) return base.values[i];
    const place = { key: column.name, subscripts: [] };
    return toDatum(cx, member, column.type, column.typmod, place, base?.values[i] ?? null);
  });
  return new PgRecord(
    typeOid,
    columns.map((column) => column.type),
    values,
    typeOid === oid.RECORD ? columns.map((column) => column.name) : null,
  );
}

/** The columns of the result of populate: the row type's, or those of an anonymous record that was given. */
function populateColumns(cx: ColumnListContext, base: PgRecord | null, name: string): readonly ResultColumn[] {
  const type = baseTypeOf(cx.argTypes[0], cx);
  const fields = cx.catalog.compositeFields(type);
  if (fields !== undefined) return fields;
  if (type !== oid.RECORD) throw sqlError('datatype_mismatch', `first argument of ${name} must be a row type`);
  if (base === null) {
    if (cx.resultColumns === undefined) throw unknownRowType(name);
    return cx.resultColumns;
  }
  const names = recordFieldNames(cx, base);
  return base.fieldTypes.map((fieldType, i) => ({ name: names[i], type: fieldType, typmod: -1 }));
}

function populate(
  cx: ColumnListContext,
  base: PgRecord | null,
  source: JsonSource | null,
  name: string,
): PgRecord | null {
  const columns = populateColumns(cx, base, name);
  if (source === null) return base;
  return recordDatum(cx, source, columns, baseTypeOf(cx.argTypes[0], cx), base);
}

/** The elements of an array of objects. */
function* objects(source: JsonSource, name: string, binary: boolean): Iterable<JsonSource> {
  if (source.kind !== 'array') {
    if (binary) throw invalid(`cannot call ${name} on a non-array`);
    throw invalid(`cannot call ${name} on ${source.kind === 'object' ? 'an object' : 'a scalar'}`);
  }
  for (const element of source.elements()) {
    if (element.kind !== 'object') throw invalid(`argument of ${name} must be an array of objects`);
    yield element;
  }
}

function* populateSet(
  cx: ColumnListContext,
  base: PgRecord | null,
  source: JsonSource | null,
  name: string,
): Iterable<PgRecord> {
  const columns = populateColumns(cx, base, name);
  if (source === null) return;
  const type = baseTypeOf(cx.argTypes[0], cx);
  for (const object of objects(source, name, source instanceof NodeSource)) {
    yield recordDatum(cx, object, columns, type, base);
  }
}

function listedColumns(cx: ColumnListContext, name: string): readonly ResultColumn[] {
  const columns = cx.resultColumns ?? cx.catalog.compositeFields(cx.resultType);
  if (columns === undefined) throw unknownRowType(name);
  return columns;
}

function toRecord(cx: ColumnListContext, source: JsonSource, name: string): PgRecord {
  return recordDatum(cx, source, listedColumns(cx, name), cx.resultType, null);
}

function* toRecordSet(cx: ColumnListContext, source: JsonSource | null, name: string): Iterable<PgRecord> {
  const columns = listedColumns(cx, name);
  if (source === null) return;
  for (const object of objects(source, name, source instanceof NodeSource)) {
    yield recordDatum(cx, object, columns, cx.resultType, null);
  }
}

function textSource(json: string | null): JsonSource | null {
  return json === null ? null : TextSource.of(json);
}

function nodeSource(node: JsonbNode | null): JsonSource | null {
  return node === null ? null : new NodeSource(node);
}

export const jsonPopulateFunctions: FunctionFamily = joinFamilies(
  contextFunctions({
    json_populate_record: (cx, base: PgRecord | null, json: string | null) =>
      populate(cx, base, textSource(json), 'json_populate_record'),
    jsonb_populate_record: (cx, base: PgRecord | null, node: JsonbNode | null) =>
      populate(cx, base, nodeSource(node), 'jsonb_populate_record'),
    json_to_record: (cx, json: string) => toRecord(cx, TextSource.of(json), 'json_to_record'),
    jsonb_to_record: (cx, node: JsonbNode) => toRecord(cx, new NodeSource(node), 'jsonb_to_record'),
  }),
  setFunctions({
    json_populate_recordset: (cx, base: PgRecord | null, json: string | null) =>
      populateSet(cx, base, textSource(json), 'json_populate_recordset'),
    jsonb_populate_recordset: (cx, base: PgRecord | null, node: JsonbNode | null) =>
      populateSet(cx, base, nodeSource(node), 'jsonb_populate_recordset'),
    json_to_recordset: (cx, json: string | null) => toRecordSet(cx, textSource(json), 'json_to_recordset'),
    jsonb_to_recordset: (cx, node: JsonbNode | null) => toRecordSet(cx, nodeSource(node), 'jsonb_to_recordset'),
  }),
);
