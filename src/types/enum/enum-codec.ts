/**
 * Codec of one enum type. A value is the OID of its pg_enum row; its place in the order comes from the catalog, which
 * may change the order's numbers but never the relative order of two existing values.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BinaryInput } from '../array/binary-input.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeCatalog, TypeContext } from '../type-context.js';

export class EnumCodec implements TypeCodec<number> {
  constructor(
    readonly typeOid: number,
    private readonly catalog: Pick<TypeCatalog, 'enumSortOrder'>,
  ) {}

  parse(text: string, cx: TypeContext): number {
    const value = cx.catalog.enumValue(this.typeOid, text);
    if (value === undefined)
      throw sqlError(
        'invalid_text_representation',
        `invalid input value for enum ${cx.catalog.formatType(this.typeOid, -1)}: "${text}"`,
      );
    return value;
  }

  format(value: number, cx: TypeContext): string {
    const label = cx.catalog.enumLabel(value);
    if (label === undefined)
      throw sqlError('invalid_binary_representation', `invalid internal value for enum: ${value}`);
    return label;
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext): number {
    return this.parse(new BinaryInput(bytes, start, end).rest(), cx);
  }

  send(value: number, out: ByteWriter, cx: TypeContext): void {
    out.utf8(this.format(value, cx));
  }

  compare(a: number, b: number): number {
    return a === b ? 0 : this.catalog.enumSortOrder(a) - this.catalog.enumSortOrder(b);
  }

  groupKey(value: number): GroupKey {
    return value;
  }

  /** The sort position (a float4 in the catalog) as four bytes in order, then the OID. */
  encodeKey(value: number): string {
    const buffer = Buffer.allocUnsafe(8);
    buffer.writeFloatBE(this.catalog.enumSortOrder(value), 0);
    const bits = buffer.readUInt32BE(0);
    buffer.writeUInt32BE((bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0, 0);
    buffer.writeUInt32BE(value, 4);
    return buffer.toString('latin1');
  }
}

export function enumCodec(typeOid: number, catalog: Pick<TypeCatalog, 'enumSortOrder'>): TypeCodec<number> {
  return new EnumCodec(typeOid, catalog);
}
