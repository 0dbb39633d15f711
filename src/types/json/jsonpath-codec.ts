/** Codec of jsonpath, whose values are canonical path texts. The type has no order in SQL. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BinaryInput } from '../array/binary-input.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import { compareCodePoints } from './code-point-order.js';
import { formatJsonPath } from './jsonpath.js';
import { parseJsonPath } from './jsonpath-parser.js';

const JSONPATH_VERSION = 1;

class JsonPathCodec implements TypeCodec<string> {
  parse(text: string): string {
    return formatJsonPath(parseJsonPath(text));
  }

  format(value: string): string {
    return value;
  }

  receive(bytes: Buffer, start: number, end: number): string {
    const input = new BinaryInput(bytes, start, end);
    const version = input.u8();
    if (version !== JSONPATH_VERSION)
      throw sqlError('internal_error', `unsupported jsonpath version number: ${version}`);
    return this.parse(input.rest());
  }

  send(value: string, out: ByteWriter): void {
    out.u8(JSONPATH_VERSION);
    out.utf8(value);
  }

  compare(a: string, b: string): number {
    return compareCodePoints(a, b);
  }

  groupKey(value: string): GroupKey {
    return value;
  }

  encodeKey(value: string): string {
    return `${Buffer.from(value, 'utf8').toString('latin1')}\x00`;
  }
}

export const jsonPathCodec: TypeCodec<string> = new JsonPathCodec();
