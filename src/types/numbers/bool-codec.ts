/** Codec of bool. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import { expectSize } from './binary-size.js';

/** @throws SqlError 22P02 */
export function parseBool(text: string): boolean {
  const value = readBool(text);
  if (value !== null) return value;
  throw sqlError('invalid_text_representation', `invalid input syntax for type boolean: "${text}"`);
}

/**
 * Unique prefixes of true, false, yes, no, on, off, and 1 and 0; case and surrounding space do not matter. Null for other
 * texts.
 */
export function readBool(text: string): boolean | null {
  switch (text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '').toLowerCase()) {
    case 't':
    case 'tr':
    case 'tru':
    case 'true':
    case 'y':
    case 'ye':
    case 'yes':
    case 'on':
    case '1':
      return true;
    case 'f':
    case 'fa':
    case 'fal':
    case 'fals':
    case 'false':
    case 'n':
    case 'no':
    case 'of':
    case 'off':
    case '0':
      return false;
    default:
      return null;
  }
}

class BoolCodec implements TypeCodec<boolean> {
  parse(text: string): boolean {
    return parseBool(text);
  }

  format(value: boolean): string {
    return value ? 't' : 'f';
  }

  receive(bytes: Buffer, start: number, end: number): boolean {
    expectSize(start, end, 1);
    return bytes[start] !== 0;
  }

  send(value: boolean, out: ByteWriter): void {
    out.u8(value ? 1 : 0);
  }

  compare(a: boolean, b: boolean): number {
    return Number(a) - Number(b);
  }

  groupKey(value: boolean): GroupKey {
    return value;
  }

  encodeKey(value: boolean): string {
    return value ? '\x01' : '\x00';
  }
}

export const boolCodec: TypeCodec<boolean> = new BoolCodec();
