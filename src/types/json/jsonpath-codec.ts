/** Codec of jsonpath, whose values are canonical path texts. The type has no order in SQL. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BinaryInput } from '../array/binary-input.js';
import { TextCodec } from '../text/text-codec.js';
import type { TypeCodec } from '../type-codec.js';
import { formatJsonPath } from './jsonpath.js';
import { parseJsonPath } from './jsonpath-parser.js';

const JSONPATH_VERSION = 1;

class JsonPathCodec extends TextCodec {
  override parse(text: string): string {
    return formatJsonPath(parseJsonPath(text));
  }

  override receive(bytes: Buffer, start: number, end: number): string {
    const input = new BinaryInput(bytes, start, end);
    const version = input.u8();
    if (version !== JSONPATH_VERSION)
      throw sqlError('internal_error', `unsupported jsonpath version number: ${version}`);
    return this.parse(input.rest());
  }

  override send(value: string, out: ByteWriter): void {
    out.u8(JSONPATH_VERSION);
    out.utf8(value);
  }
}

export const jsonPathCodec: TypeCodec<string> = new JsonPathCodec();
