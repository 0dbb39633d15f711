/** Codecs of json and jsonb, and how jsonb nodes are stored in rows. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { inSlices, type Task } from '../../util/task.js';
import { BinaryInput } from '../array/binary-input.js';
import { MANY_ELEMENTS } from '../array/slow-array.js';
import type { ByteCursor, DatumCodec, StoredForm } from '../stored-form.js';
import { TextCodec } from '../text/text-codec.js';
import type { GroupKey, SlowText, TypeCodec } from '../type-codec.js';
import { validateJson } from './json-reader.js';
import { validateLongJson } from './json-validation.js';
import { isContainer, isJsonbNode, JSON_NULL, JsonbArray, type JsonbNode, JsonbObject, JsonNull } from './jsonb.js';
import { formatJsonb, isLargeJsonb, JsonbFormatting } from './jsonb-format.js';
import { compareJsonb, encodeJsonbKey, jsonbGroupKey } from './jsonb-order.js';
import { objectInSlices } from './jsonb-pairs.js';
import { JsonbParsing, parseJsonb } from './jsonb-parser.js';

const JSONB_VERSION = 1;

/** Values and elements that are worked on between looks at the clock. */
const STEPS = 256;

/** As parseJsonb, in slices. */
export function* parseLongJsonb(text: string): Task<JsonbNode> {
  const parsing = new JsonbParsing(text, MANY_ELEMENTS);
  let ended = false;
  while (!ended) {
    yield* inSlices(() => {
      ended = parsing.advance(STEPS);
      return ended || parsing.unordered !== null;
    });
    const { unordered } = parsing;
    if (unordered !== null) ended = parsing.complete(yield* objectInSlices(unordered.keys, unordered.values));
  }
  return parsing.node;
}

/** As formatJsonb, in slices. */
export function* formatLargeJsonb(node: JsonbNode): Task<string> {
  if (!isContainer(node)) return formatJsonb(node);
  const formatting = new JsonbFormatting(node);
  yield* inSlices(() => formatting.advance(STEPS));
  return formatting.text;
}

const LONG_TEXT = 32 * 1024;

const slowJsonb: SlowText<JsonbNode> = {
  longText: LONG_TEXT,
  parse: parseLongJsonb,
  isLarge: isLargeJsonb,
  format: formatLargeJsonb,
};

class JsonbCodec implements TypeCodec<JsonbNode> {
  readonly slow = slowJsonb;

  parse(text: string): JsonbNode {
    return parseJsonb(text);
  }

  format(value: JsonbNode): string {
    return formatJsonb(value);
  }

  receive(bytes: Buffer, start: number, end: number): JsonbNode {
    const input = new BinaryInput(bytes, start, end);
    const version = input.u8();
    if (version !== JSONB_VERSION) throw sqlError('internal_error', `unsupported jsonb version number ${version}`);
    return parseJsonb(input.rest());
  }

  send(value: JsonbNode, out: ByteWriter): void {
    out.u8(JSONB_VERSION);
    out.utf8(formatJsonb(value));
  }

  compare(a: JsonbNode, b: JsonbNode): number {
    return compareJsonb(a, b);
  }

  groupKey(value: JsonbNode): GroupKey {
    return jsonbGroupKey(value);
  }

  encodeKey(value: JsonbNode): string {
    return encodeJsonbKey(value);
  }
}

/** json keeps its text. It has no equality in SQL; the order by text serves internal uses only. */
class JsonCodec extends TextCodec {
  readonly slow: SlowText<string> = {
    longText: LONG_TEXT,
    parse: validateLongJson,
    isLarge: () => false,
    *format(text) {
      return text;
    },
  };

  override parse(text: string): string {
    validateJson(text);
    return text;
  }
}

export const jsonbCodec: TypeCodec<JsonbNode> = new JsonbCodec();
export const jsonCodec: TypeCodec<string> = new JsonCodec();

function readCount(cursor: ByteCursor): number {
  const count = cursor.bytes.readUInt32BE(cursor.position);
  cursor.position += 4;
  return count;
}

function readNode(cursor: ByteCursor, datums: DatumCodec): JsonbNode {
  const value = datums.read(cursor);
  if (!isJsonbNode(value)) throw sqlError('data_corrupted', 'stored jsonb contains a value that is not JSON');
  return value;
}

const nullForm: StoredForm<JsonNull> = {
  tag: 19,
  type: JsonNull,
  write() {},
  read() {
    return JSON_NULL;
  },
};

/** Count (4 bytes), then the elements. */
const arrayForm: StoredForm<JsonbArray> = {
  tag: 20,
  type: JsonbArray,
  write(value, out, datums) {
    out.u32(value.elements.length);
    for (const element of value.elements) datums.write(element, out);
  },
  read(cursor, datums) {
    const count = readCount(cursor);
    const elements: JsonbNode[] = [];
    for (let i = 0; i < count; i++) elements.push(readNode(cursor, datums));
    return new JsonbArray(elements);
  },
};

/** Count (4 bytes), then key and value of each member, in PostgreSQL's order of keys. */
const objectForm: StoredForm<JsonbObject> = {
  tag: 21,
  type: JsonbObject,
  write(value, out, datums) {
    out.u32(value.keys.length);
    for (let i = 0; i < value.keys.length; i++) {
      datums.write(value.keys[i], out);
      datums.write(value.values[i], out);
    }
  },
  read(cursor, datums) {
    const count = readCount(cursor);
    const keys: string[] = [];
    const values: JsonbNode[] = [];
    for (let i = 0; i < count; i++) {
      const key = readNode(cursor, datums);
      if (typeof key !== 'string') throw sqlError('data_corrupted', 'stored jsonb object has a key that is not text');
      keys.push(key);
      values.push(readNode(cursor, datums));
    }
    return new JsonbObject(keys, values);
  },
};

export const jsonbStoredForms: readonly StoredForm[] = [nullForm, arrayForm, objectForm];
