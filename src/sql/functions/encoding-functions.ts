/** encode and decode (hex, base64, escape), conversions between character sets, Unicode escapes and normal forms. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { asBuffer, decodeEscaped, decodeHex } from '../../types/text/bytea-text.js';
import { decodeUtf8 } from '../../types/text/utf8-input.js';
import { replaceCharacters } from '../../util/long-text.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

const BASE64_LINE = 76;

function encode(value: Uint8Array, format: string): string {
  const bytes = asBuffer(value);
  switch (format.toLowerCase()) {
    case 'hex':
      return bytes.toString('hex');
    case 'base64':
      return (bytes.toString('base64').match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')) ?? []).join('\n');
    case 'escape':
      return escapeText(bytes);
    default:
      throw unknownFormat(format);
  }
}

/** Zero bytes and bytes with the high bit as octal escapes, the backslash doubled. */
function escapeText(bytes: Buffer): string {
  return replaceCharacters(bytes.toString('latin1'), /[\x00\\\x80-\xff]/g, (character) => {
    return character === '\\' ? '\\\\' : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}

function decode(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return decodeHex(text);
    case 'base64':
      return decodeBase64(text);
    case 'escape':
      return decodeEscaped(text, () => sqlError('invalid_text_representation', 'invalid input syntax for type bytea'));
    default:
      throw unknownFormat(format);
  }
}

function unknownFormat(format: string): SqlError {
  return sqlError('invalid_parameter_value', `unrecognized encoding: "${format}"`);
}

function decodeBase64(text: string): Buffer {
  const clean = replaceCharacters(text, /[ \t\n\r]+/g, () => '');
  const bad = /[^A-Za-z0-9+/=]/u.exec(clean);
  if (bad !== null) {
    throw sqlError('invalid_parameter_value', `invalid symbol "${bad[0]}" found while decoding base64 sequence`);
  }
  const padding = clean.indexOf('=');
  if (padding >= 0 && (padding % 4 < 2 || !/^={1,2}$/.test(clean.slice(padding)))) {
    throw sqlError('invalid_parameter_value', 'unexpected "=" while decoding base64 sequence');
  }
  if (clean.length % 4 !== 0) {
    throw sqlError('invalid_parameter_value', 'invalid base64 end sequence', {
      hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
    });
  }
  return Buffer.from(clean, 'base64');
}

/** PostgreSQL's names of the character sets that can be converted here, without their punctuation. */
const CHARACTER_SETS: Readonly<Record<string, string>> = {
  utf8: 'utf8',
  unicode: 'utf8',
  latin1: 'latin1',
  iso88591: 'latin1',
  sqlascii: 'ascii',
};

function characterSet(name: string, kind: 'source' | 'destination'): string {
  const found = CHARACTER_SETS[name.toLowerCase().replace(/[^a-z0-9]/g, '')];
  if (found === undefined) {
    throw sqlError('invalid_parameter_value', `invalid ${kind} encoding name "${name}"`);
  }
  return found;
}

function textOf(value: Uint8Array, set: string): string {
  const bytes = asBuffer(value);
  if (set === 'latin1') return bytes.toString('latin1');
  return decodeUtf8(bytes, 0, bytes.length);
}

function bytesOf(text: string, set: string, name: string): Uint8Array {
  if (set !== 'latin1') return Buffer.from(text, 'utf8');
  const bad = /[^\x00-\xff]/u.exec(text);
  if (bad !== null) {
    const bytes = Array.from(Buffer.from(bad[0], 'utf8'), (byte) => `0x${byte.toString(16)}`).join(' ');
    throw sqlError(
      'untranslatable_character',
      `character with byte sequence ${bytes} in encoding "UTF8" has no equivalent in encoding "${name.toUpperCase()}"`,
    );
  }
  return Buffer.from(text, 'latin1');
}

const ESCAPE = /\\(?:(\\)|\+([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-9a-fA-F]{4})|)/g;

/** Replaces Unicode escapes; pairs of surrogates make one character. */
function unistr(text: string): string {
  const result = text.replace(ESCAPE, (_all, backslash, six, u, U, four) => {
    if (backslash !== undefined) return '\\';
    const digits: string | undefined = six ?? u ?? U ?? four;
    if (digits === undefined) {
      throw sqlError('syntax_error', 'invalid Unicode escape', {
        hint: 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.',
      });
    }
    const code = Number.parseInt(digits, 16);
    if (code === 0 || code > 0x10ffff) {
      throw sqlError('invalid_parameter_value', `invalid Unicode code point: ${digits.padStart(4, '0').toUpperCase()}`);
    }
    return String.fromCodePoint(code);
  });
  if (/\p{Surrogate}/u.test(result)) throw sqlError('syntax_error', 'invalid Unicode surrogate pair');
  return result;
}

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'];

function normalForm(name: string): string {
  const form = name.toUpperCase();
  if (!FORMS.includes(form)) throw sqlError('invalid_parameter_value', `invalid normalization form: ${name}`);
  return form;
}

export const encodingFunctions: FunctionFamily = plainFunctions({
  binary_encode: encode,
  binary_decode: decode,
  pg_convert_from: (value: Uint8Array, name: string) => textOf(value, characterSet(name, 'source')),
  pg_convert_to: (text: string, name: string) => bytesOf(text, characterSet(name, 'destination'), name),
  pg_convert: (value: Uint8Array, from: string, to: string) =>
    bytesOf(textOf(value, characterSet(from, 'source')), characterSet(to, 'destination'), to),
  length_in_encoding: (value: Uint8Array, name: string) => [...textOf(value, characterSet(name, 'source'))].length,
  unistr,
  unicode_normalize_func: (text: string, form: string) => text.normalize(normalForm(form)),
  unicode_is_normalized: (text: string, form: string) => text.normalize(normalForm(form)) === text,
});
