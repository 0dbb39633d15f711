/**
 * UTF-8 bytes of a message to strings, with PostgreSQL's error for bytes that are no UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { type SqlError, sqlError } from '../../errors/sql-error.js';

const REPLACEMENT = '\ufffd';
/** Below this many bytes a loop beats the call into the runtime. */
const SHORT = 20;

/** Decodes bytes [start, end). Throws 22021 when they are not UTF-8. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  if (end - start < SHORT) {
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (byte >= 0x80) return decodeLong(bytes, start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decodeLong(bytes, start, end);
}

function decodeLong(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  // Bad bytes decode to U+FFFD, which may also stand in the text itself.
  if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) throw invalidUtf8(bytes, start, end);
  return text;
}

/** The error for [start, end), which REQUIRES that it is not UTF-8: names the first character that is wrong. */
function invalidUtf8(bytes: Buffer, start: number, end: number): SqlError {
  let at = start;
  while (at < end) {
    const length = characterLength(bytes[at]);
    const next = Math.min(at + length, end);
    if (next - at < length || !isUtf8(bytes.subarray(at, next))) {
      const shown = Array.from(bytes.subarray(at, next), (byte) => `0x${byte.toString(16).padStart(2, '0')}`);
      return sqlError('character_not_in_repertoire', `invalid byte sequence for encoding "UTF8": ${shown.join(' ')}`);
    }
    at = next;
  }
  return sqlError('character_not_in_repertoire', 'invalid byte sequence for encoding "UTF8"');
}

/** How many bytes the first byte of a character announces. */
function characterLength(first: number): number {
  if ((first & 0xe0) === 0xc0) return 2;
  if ((first & 0xf0) === 0xe0) return 3;
  if ((first & 0xf8) === 0xf0) return 4;
  return 1;
}
