/** What codecs share whose values are numbers that the type orders as JavaScript does: no NaN, nothing beyond 2^53. */
import type { ByteWriter } from '../../util/byte-writer.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';

export abstract class PlainNumberCodec implements TypeCodec<number> {
  abstract parse(text: string, cx: TypeContext, typmod: number): number;
  abstract receive(bytes: Buffer, start: number, end: number, cx: TypeContext, typmod: number): number;
  abstract send(value: number, out: ByteWriter): void;
  abstract encodeKey(value: number): string;

  format(value: number, _cx: TypeContext): string {
    return String(value);
  }

  compare(a: number, b: number): number {
    return a - b;
  }

  groupKey(value: number): GroupKey {
    return value;
  }
}
