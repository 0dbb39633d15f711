/** Bytes to text, with PostgreSQL's check of the encoding (22021). */
import { isUtf8 } from 'node:buffer';
import { sqlError } from '../../errors/sql-error.js';

/** Below this many bytes a loop beats the call into the runtime. */
const SHORT = 20;

/** Decodes UTF-8 in [start, end); a zero byte or an invalid sequence is an error. Throws 22021. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  if (end - start >= SHORT) return decodeLong(bytes, start, end);
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte >= 0x80 || byte === 0) return decodeLong(bytes, start, end);
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodeLong(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (text.includes('\0')) throw invalidSequence('0x00');
  // Bad bytes decode to U+FFFD, which may also stand in the text itself.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)))
    throw invalidSequence(firstInvalid(bytes, start, end));
  return text;
}

function invalidSequence(bytes: string): Error {
  return sqlError('character_not_in_repertoire', `invalid byte sequence for encoding "UTF8": ${bytes}`);
}

function sequenceLength(first: number): number {
  if ((first & 0x80) === 0) return 1;
  if ((first & 0xe0) === 0xc0) return 2;
  if ((first & 0xf0) === 0xe0) return 3;
  if ((first & 0xf8) === 0xf0) return 4;
  return 1;
}

/** The bytes of the first invalid sequence, as far as its first byte says it goes. */
function firstInvalid(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; ) {
    const length = sequenceLength(bytes[i]);
    const sequence = bytes.subarray(i, Math.min(i + length, end));
    if (sequence.length < length || !isUtf8(sequence)) {
      return Array.from(sequence, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
    }
    i += length;
  }
  return '';
}
