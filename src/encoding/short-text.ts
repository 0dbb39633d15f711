/**
 * Short ASCII text without a call into native code, which costs more than the bytes themselves. The bytes are the same
 * as those of the long way: a length of one byte, then UTF-8.
 */
import type { ByteWriter } from '../util/byte-writer.js';

/** The longest text that is tried: longer ones are faster in native code. REQUIRES < 128, so that the length is one byte. */
export const SHORT = 24;

/** One array for each length, so that `apply` neither allocates nor slices. */
const codes: number[][] = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0));

/** Writes length and bytes. False, with nothing written, when there is a character beyond ASCII. */
export function writeShortAscii(text: string, out: ByteWriter): boolean {
  const { length } = text;
  out.reserve(length + 1);
  const { buffer, length: start } = out;
  buffer[start] = length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return false;
    buffer[start + 1 + i] = code;
  }
  out.length = start + 1 + length;
  return true;
}

/** Null when the text is too long or not ASCII. */
export function readShortAscii(bytes: Buffer, start: number, length: number): string | null {
  if (length > SHORT) return null;
  const units = codes[length];
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i];
    if (byte >= 0x80) return null;
    units[i] = byte;
  }
  return String.fromCharCode.apply(null, units);
}
