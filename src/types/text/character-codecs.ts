/** Codecs of text, varchar, bpchar, name, "char", cstring and unknown. Values are strings; bpchar keeps its padding. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { compareCodePoints } from '../json/code-point-order.js';
import { keyText } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { characterCount, sliceCharacters, truncateUtf8 } from './code-points.js';
import { TextCodec } from './text-codec.js';
import { decodeUtf8 } from './utf8-input.js';

const VARHDRSZ = 4;
const NAME_BYTES = 63;

/** varchar(n): too long only when more than blanks would be cut off (22001), unless `explicit`. */
export function applyVarcharLength(value: string, typmod: number, explicit: boolean): string {
  const limit = typmod - VARHDRSZ;
  if (typmod < VARHDRSZ || value.length <= limit || characterCount(value) <= limit) return value;
  const kept = sliceCharacters(value, 0, limit);
  if (!explicit) checkBlank(value.slice(kept.length), 'character varying', limit);
  return kept;
}

/** char(n): as varchar(n), and padded with blanks. */
export function applyBpcharLength(value: string, typmod: number, explicit: boolean): string {
  if (typmod < VARHDRSZ) return value;
  const limit = typmod - VARHDRSZ;
  const length = characterCount(value);
  if (length <= limit) return length === limit ? value : value + ' '.repeat(limit - length);
  const kept = sliceCharacters(value, 0, limit);
  if (!explicit) checkBlank(value.slice(kept.length), 'character', limit);
  return kept;
}

/** 22001. The condition's name means the warning 01004 as well, whose code the table of conditions has. */
export function rightTruncation(message: string): SqlError {
  return sqlError('string_data_right_truncation', message);
}

function checkBlank(rest: string, typeName: string, limit: number): void {
  for (let i = 0; i < rest.length; i++) {
    if (rest.charCodeAt(i) !== 32) {
      throw rightTruncation(`value too long for type ${typeName}(${limit})`);
    }
  }
}

/** Without the blanks at the end, which do not count in comparisons of bpchar. */
export function trimBlanks(value: string): string {
  let end = value.length;
  while (end > 0 && value.charCodeAt(end - 1) === 32) end--;
  return end === value.length ? value : value.slice(0, end);
}

export function truncateName(value: string): string {
  return truncateUtf8(value, NAME_BYTES);
}

class VarcharCodec extends TextCodec {
  override parse(text: string, _cx: TypeContext, typmod: number): string {
    return typmod < 0 ? text : applyVarcharLength(text, typmod, false);
  }
}

class BpcharCodec extends TextCodec {
  override parse(text: string, _cx: TypeContext, typmod: number): string {
    return typmod < 0 ? text : applyBpcharLength(text, typmod, false);
  }

  override compare(a: string, b: string): number {
    return compareCodePoints(trimBlanks(a), trimBlanks(b));
  }

  override groupKey(value: string): GroupKey {
    return trimBlanks(value);
  }

  override encodeKey(value: string): string {
    return keyText(trimBlanks(value));
  }
}

class NameCodec extends TextCodec {
  override parse(text: string): string {
    return truncateName(text);
  }

  override receive(bytes: Buffer, start: number, end: number): string {
    const text = decodeUtf8(bytes, start, end);
    if (end - start > NAME_BYTES)
      throw sqlError('name_too_long', 'identifier too long', { detail: `Identifier must be less than 64 characters.` });
    return text;
  }
}

const OCTAL_CHAR = /^\\[0-3][0-7]{2}$/;

/** The "char" of a text: a byte written as `\ooo`, or the first byte in UTF-8. */
export function charOfText(text: string): string {
  if (text === '') return '';
  if (OCTAL_CHAR.test(text)) return charOfByte(Number.parseInt(text.slice(1), 8));
  const first = text.charCodeAt(0);
  return first < 128 ? text[0] : charOfByte(Buffer.from(text.slice(0, 2), 'utf8')[0]);
}

export function charOfByte(byte: number): string {
  return byte === 0 ? '' : String.fromCharCode(byte);
}

/** Bytes beyond ASCII as `\ooo`. */
export function textOfChar(value: string): string {
  const byte = value === '' ? 0 : value.charCodeAt(0);
  return byte < 128 ? value : `\\${byte.toString(8)}`;
}

/** "char": one byte, as the character of that number; the empty string is byte 0. */
class CharCodec extends TextCodec {
  override parse(text: string): string {
    return charOfText(text);
  }

  override format(value: string): string {
    return textOfChar(value);
  }

  override receive(bytes: Buffer, start: number, end: number): string {
    if (end - start < 1) throw sqlError('protocol_violation', 'insufficient data left in message');
    if (end - start > 1) throw sqlError('invalid_binary_representation', 'incorrect binary data format');
    return charOfByte(bytes[start]);
  }

  override send(value: string, out: ByteWriter): void {
    out.u8(value === '' ? 0 : value.charCodeAt(0) & 255);
  }

  override encodeKey(value: string): string {
    return value === '' ? '\x00' : String.fromCharCode(value.charCodeAt(0) & 255);
  }
}

export const textCodec: TypeCodec<string> = new TextCodec();
export const varcharCodec: TypeCodec<string> = new VarcharCodec();
export const bpcharCodec: TypeCodec<string> = new BpcharCodec();
export const nameCodec: TypeCodec<string> = new NameCodec();
export const charCodec: TypeCodec<string> = new CharCodec();
