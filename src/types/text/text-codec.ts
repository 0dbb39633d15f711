/** Codec of text; those of types whose values are texts in the order of code points extend it with what they accept. */
import type { ByteWriter } from '../../util/byte-writer.js';
import { compareCodePoints } from '../json/code-point-order.js';
import { keyText } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { decodeUtf8 } from './utf8-input.js';

export class TextCodec implements TypeCodec<string> {
  parse(text: string, _cx: TypeContext, _typmod: number): string {
    return text;
  }

  format(value: string, _cx: TypeContext): string {
    return value;
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext, typmod: number): string {
    return this.parse(decodeUtf8(bytes, start, end), cx, typmod);
  }

  send(value: string, out: ByteWriter): void {
    out.utf8(value);
  }

  compare(a: string, b: string): number {
    return compareCodePoints(a, b);
  }

  groupKey(value: string): GroupKey {
    return value;
  }

  encodeKey(value: string): string {
    return keyText(value);
  }
}
