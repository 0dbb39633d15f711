/**
 * Codec of composite types and of anonymous records: `(1,"a b",)`. Values carry the types of their fields; the codecs
 * of these come from `types`, given when the codec is made, because comparison has no context of its own.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BinaryInput } from '../array/binary-input.js';
import { type Datum, PgRecord } from '../datum.js';
import * as oid from '../oids.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { formatRecordLiteral, parseRecordLiteral } from './record-literal.js';

/** What a record's codec needs to compare fields. A TypeContext is one. */
export type FieldTypes = Pick<TypeContext, 'codec' | 'catalog'>;

export class RecordCodec implements TypeCodec<PgRecord> {
  constructor(
    readonly typeOid: number,
    private readonly types: FieldTypes,
  ) {}

  parse(text: string, cx: TypeContext): PgRecord {
    const fields = this.fields(cx);
    const texts = parseRecordLiteral(text, fields.length);
    const values = fields.map((field, i): Datum => {
      const item = texts[i];
      return item === null ? null : cx.codec(field.type).parse(item, cx, field.typmod);
    });
    return this.record(fields, values);
  }

  format(stored: PgRecord, cx: TypeContext): string {
    const value = wholeRecord(stored, cx);
    return formatRecordLiteral(
      value.values.map((item, i) => (item === null ? null : cx.codec(value.fieldTypes[i]).format(item, cx))),
    );
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext): PgRecord {
    const fields = this.fields(cx);
    const input = new BinaryInput(bytes, start, end);
    const count = input.i32();
    if (count !== fields.length)
      throw sqlError('datatype_mismatch', `wrong number of columns: ${count}, expected ${fields.length}`);
    const values = fields.map((field, i): Datum => {
      const type = input.u32();
      if (type !== field.type) {
        const name = (wanted: number): string => `${wanted} (${cx.catalog.formatType(wanted, -1)})`;
        throw sqlError(
          'datatype_mismatch',
          `binary data has type ${name(type)} instead of expected ${name(field.type)} in record column ${i + 1}`,
        );
      }
      const length = input.i32();
      if (length === -1) return null;
      const position = input.skip(length);
      return cx.codec(type).receive(bytes, position, position + length, cx, field.typmod);
    });
    if (input.remaining > 0) throw sqlError('invalid_binary_representation', 'improper binary format in record');
    return this.record(fields, values);
  }

  send(stored: PgRecord, out: ByteWriter, cx: TypeContext): void {
    const value = wholeRecord(stored, cx);
    out.i32(value.values.length);
    for (let i = 0; i < value.values.length; i++) {
      const item = value.values[i];
      out.u32(value.fieldTypes[i]);
      const position = out.length;
      out.i32(-1);
      if (item === null) continue;
      cx.codec(value.fieldTypes[i]).send(item, out, cx);
      out.patchI32(position, out.length - position - 4);
    }
  }

  compare(a: PgRecord, b: PgRecord): number {
    return compareRecords(a, b, this.types);
  }

  groupKey(stored: PgRecord): GroupKey {
    const value = wholeRecord(stored, this.types);
    const parts = value.values.map((item, i) => {
      if (item === null) return 'n';
      requireComparison(value.fieldTypes[i]);
      const key = String(this.types.codec(value.fieldTypes[i]).groupKey(item));
      return `${key.length}:${key}`;
    });
    return parts.join('');
  }

  encodeKey(stored: PgRecord): string {
    const value = wholeRecord(stored, this.types);
    const parts = value.values.map((item, i) =>
      item === null ? '\x02' : `\x01${this.types.codec(value.fieldTypes[i]).encodeKey(item)}`,
    );
    return `${parts.join('')}\x00`;
  }

  private record(fields: readonly { type: number }[], values: Datum[]): PgRecord {
    return new PgRecord(
      this.typeOid,
      fields.map((field) => field.type),
      values,
    );
  }

  private fields(cx: TypeContext): readonly { name: string; type: number; typmod: number }[] {
    if (this.typeOid === oid.RECORD)
      throw sqlError('feature_not_supported', 'input of anonymous composite types is not implemented');
    const fields = cx.catalog.compositeFields(this.typeOid);
    if (fields === undefined)
      throw sqlError('wrong_object_type', `type ${cx.catalog.formatType(this.typeOid, -1)} is not composite`);
    return fields;
  }
}

/** A value that was stored before its row type got more fields has NULL in these. */
export function wholeRecord(value: PgRecord, types: Pick<FieldTypes, 'catalog'>): PgRecord {
  if (value.typeOid === oid.RECORD) return value;
  const fields = types.catalog.compositeFields(value.typeOid);
  if (fields === undefined || fields.length <= value.values.length) return value;
  const added = fields.slice(value.values.length);
  return new PgRecord(
    value.typeOid,
    [...value.fieldTypes, ...added.map((field) => field.type)],
    [...value.values, ...added.map(() => null)],
  );
}

/** Throws 42804 when field `i` of two records has different types. */
export function checkFieldTypes(a: PgRecord, b: PgRecord, i: number, types: FieldTypes): void {
  if (a.fieldTypes[i] === b.fieldTypes[i]) return;
  const name = (type: number): string => types.catalog.formatType(type, -1);
  throw sqlError(
    'datatype_mismatch',
    `cannot compare dissimilar column types ${name(a.fieldTypes[i])} and ${name(b.fieldTypes[i])} at record column ${i + 1}`,
  );
}

export function differentCounts(): SqlError {
  return sqlError('datatype_mismatch', 'cannot compare record types with different numbers of columns');
}

/** A literal in a record may have stayed without a type. @throws SqlError 42883 */
function requireComparison(type: number): void {
  if (type === oid.UNKNOWN)
    throw sqlError('undefined_function', 'could not identify a comparison function for type unknown');
}

/** Order of the record btree operator class: field by field, NULL last. Throws 42804 for fields of different types. */
export function compareRecords(left: PgRecord, right: PgRecord, types: FieldTypes): number {
  const a = wholeRecord(left, types);
  const b = wholeRecord(right, types);
  const count = Math.min(a.values.length, b.values.length);
  for (let i = 0; i < count; i++) {
    checkFieldTypes(a, b, i, types);
    const x = a.values[i];
    const y = b.values[i];
    if (x === null || y === null) {
      if (x === y) continue;
      return x === null ? 1 : -1;
    }
    requireComparison(a.fieldTypes[i]);
    const order = types.codec(a.fieldTypes[i]).compare(x, y);
    if (order !== 0) return order;
  }
  if (a.values.length !== b.values.length) throw differentCounts();
  return 0;
}

/** `typeOid` is a row type or 2249. */
export function recordCodec(typeOid: number, types: FieldTypes): TypeCodec<PgRecord> {
  return new RecordCodec(typeOid, types);
}
