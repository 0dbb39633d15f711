/** The two text forms of bytea: `\x` and hexadecimal digits, or characters with `\` escapes. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';

/** Hexadecimal digits to bytes; blanks between pairs are allowed. Throws 22023. */
export function decodeHex(text: string): Buffer {
  const out = Buffer.allocUnsafe(text.length >> 1);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 32 || unit === 10 || unit === 9 || unit === 13) continue;
    const high = hexDigit(text, i);
    i++;
    if (i >= text.length) throw sqlError('invalid_parameter_value', 'invalid hexadecimal data: odd number of digits');
    out[length++] = high * 16 + hexDigit(text, i);
  }
  return out.subarray(0, length);
}

function hexDigit(text: string, i: number): number {
  const unit = text.charCodeAt(i);
  if (unit >= 48 && unit <= 57) return unit - 48;
  if (unit >= 97 && unit <= 102) return unit - 87;
  if (unit >= 65 && unit <= 70) return unit - 55;
  throw sqlError(
    'invalid_parameter_value',
    `invalid hexadecimal digit: "${String.fromCodePoint(text.codePointAt(i) ?? 0)}"`,
  );
}

export function parseBytea(text: string): Buffer {
  if (text.startsWith('\\x')) return decodeHex(text.slice(2));
  return decodeEscaped(text, byteaSyntax);
}

/** Octal escapes (`\000` to `\377`) and `\\`; every other character stands for its UTF-8 bytes. */
export function decodeEscaped(text: string, error: () => SqlError): Buffer {
  if (!text.includes('\\')) return Buffer.from(text, 'utf8');
  const source = Buffer.from(text, 'utf8');
  const out = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== 0x5c) {
      out[length++] = source[i];
    } else if (source[i + 1] === 0x5c) {
      out[length++] = 0x5c;
      i++;
    } else {
      const digits = /^[0-3][0-7]{2}/.exec(source.toString('latin1', i + 1, i + 4));
      if (digits === null) throw error();
      out[length++] = Number.parseInt(digits[0], 8);
      i += 3;
    }
  }
  return out.subarray(0, length);
}

function byteaSyntax(): SqlError {
  return sqlError('invalid_text_representation', 'invalid input syntax for type bytea');
}

export function formatBytea(value: Uint8Array, output: 'hex' | 'escape'): string {
  return output === 'hex' ? `\\x${asBuffer(value).toString('hex')}` : escapeBytes(value, 0x20, 0x7e);
}

/** Bytes outside of `first`…`last` as octal escapes, and the backslash doubled. */
export function escapeBytes(value: Uint8Array, first: number, last: number): string {
  let text = '';
  for (const byte of value) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte < first || byte > last) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}

/** The same memory as a Buffer. */
export function asBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
