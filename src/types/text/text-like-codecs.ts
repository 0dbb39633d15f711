/** Codecs of types whose values are texts that only the server writes, and of void. */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { compareCodePoints } from '../json/code-point-order.js';
import { keyText } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';

/** Input is refused, as PostgreSQL does for types like pg_node_tree. */
class OutputOnlyCodec implements TypeCodec<string> {
  constructor(private readonly typeName: string) {}

  parse(): string {
    throw sqlError('feature_not_supported', `cannot accept a value of type ${this.typeName}`);
  }

  format(value: string): string {
    return value;
  }

  receive(): string {
    throw sqlError('feature_not_supported', `cannot accept a value of type ${this.typeName}`);
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

/** The result of a function that returns nothing: empty text, and no bytes in binary form. */
class VoidCodec implements TypeCodec<unknown> {
  parse(): string {
    return '';
  }

  format(): string {
    return '';
  }

  receive(): string {
    throw notSupported('binary input of type void');
  }

  send(): void {}

  compare(): number {
    return 0;
  }

  groupKey(): GroupKey {
    return '';
  }

  encodeKey(): string {
    return '';
  }
}

export const voidCodec: TypeCodec = new VoidCodec();
export const pgNodeTreeCodec: TypeCodec<string> = new OutputOnlyCodec('pg_node_tree');
