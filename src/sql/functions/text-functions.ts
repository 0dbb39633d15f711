/**
 * Functions of text that need nothing but their arguments: length, parts, padding, replacing, case (ASCII only, as the
 * C locale has it). Positions and lengths count characters (code points).
 */
import { sqlError } from '../../errors/sql-error.js';
import { utf8Length } from '../../types/json/code-point-order.js';
import { trimBlanks, truncateName } from '../../types/text/character-codecs.js';
import { characterCount, hasSurrogates, sliceCharacters } from '../../types/text/code-points.js';
import { requireHeapForPieces } from '../../util/heap-guard.js';
import { replaceCharacters, replaceTexts } from '../../util/long-text.js';
import { outOfRange } from './integer-range.js';
import type { PlainTable } from './plain-table.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

/** Largest value that PostgreSQL allocates. */
const MAX_BYTES = 1073741819;

function tooLong(): Error {
  return sqlError('program_limit_exceeded', 'requested length too large');
}

function asciiUpper(text: string): string {
  return replaceCharacters(text, /[a-z]+/g, (part) => part.toUpperCase());
}

export function asciiLower(text: string): string {
  return replaceCharacters(text, /[A-Z]+/g, (part) => part.toLowerCase());
}

function initcap(text: string): string {
  requireHeapForPieces(text);
  return asciiLower(text).replace(/[a-z0-9]+/g, (word) => word[0].toUpperCase() + word.slice(1));
}

const cases: PlainTable = { upper: asciiUpper, lower: asciiLower, initcap };

const lengths: PlainTable = {
  textlen: characterCount,
  textoctetlen: utf8Length,
  bpcharlen: (text: string) => characterCount(trimBlanks(text)),
  bpcharoctetlen: utf8Length,
  'bit_length(text)': (text: string) => utf8Length(text) * 8,
};

/** Characters from the 1-based `start`; both ends may lie outside of the text. */
export function substring(text: string, start: number, length: number): string {
  const end = start + length;
  if (length < 0) {
    // An end that overflows is still behind the start.
    throw sqlError('substring_error', 'negative substring length not allowed');
  }
  return end <= 1 ? '' : sliceCharacters(text, Math.max(start, 1) - 1, end - 1);
}

function substringFrom(text: string, start: number): string {
  return sliceCharacters(text, Math.max(start, 1) - 1, text.length);
}

function overlay(text: string, replacement: string, start: number, length: number): string {
  if (start <= 0) throw sqlError('substring_error', 'negative substring length not allowed');
  const end = start + length;
  if (end > 2147483647) throw outOfRange('integer');
  return substring(text, 1, start - 1) + replacement + substringFrom(text, end);
}

function left(text: string, count: number): string {
  return sliceCharacters(text, 0, count >= 0 ? count : Math.max(0, characterCount(text) + count));
}

function right(text: string, count: number): string {
  if (count < 0) return sliceCharacters(text, -count, text.length);
  return sliceCharacters(text, Math.max(0, characterCount(text) - count), text.length);
}

export function position(text: string, part: string): number {
  const unit = text.indexOf(part);
  return unit < 0 ? 0 : characterCount(text.slice(0, unit)) + 1;
}

/** Field number `field` between separators; a negative number counts from the end. */
function splitPart(text: string, separator: string, field: number): string {
  if (field === 0) throw sqlError('invalid_parameter_value', 'field position must not be zero');
  if (text === '') return '';
  if (separator === '') return field === 1 || field === -1 ? text : '';
  const wanted = field > 0 ? field : countFields(text, separator) + field + 1;
  let start = 0;
  for (let number = 1; ; number++) {
    const end = text.indexOf(separator, start);
    if (number === wanted) return text.slice(start, end < 0 ? text.length : end);
    if (end < 0 || number > wanted) return '';
    start = end + separator.length;
  }
}

function countFields(text: string, separator: string): number {
  let count = 1;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + separator.length)) count++;
  return count;
}

function reversed(text: string): string {
  requireHeapForPieces(text);
  return (hasSurrogates(text) ? [...text] : text.split('')).reverse().join('');
}

const parts: PlainTable = {
  text_substr: substring,
  text_substr_no_len: substringFrom,
  textoverlay: overlay,
  textoverlay_no_len: (text: string, replacement: string, start: number) =>
    overlay(text, replacement, start, characterCount(replacement)),
  text_left: left,
  text_right: right,
  textpos: position,
  split_part: splitPart,
  text_starts_with: (text: string, prefix: string) => text.startsWith(prefix),
  text_reverse: reversed,
};

/** Removes characters of the set from the sides asked for. */
function trim(text: string, set: string, start: boolean, end: boolean): string {
  const characters = hasSurrogates(text) ? [...text] : text;
  const members = hasSurrogates(set) ? new Set(set) : { has: (character: string) => set.includes(character) };
  let from = 0;
  let to = characters.length;
  if (start) while (from < to && members.has(characters[from])) from++;
  if (end) while (to > from && members.has(characters[to - 1])) to--;
  if (from === 0 && to === characters.length) return text;
  return typeof characters === 'string' ? characters.slice(from, to) : characters.slice(from, to).join('');
}

const trims: PlainTable = {
  btrim: (text: string, set: string) => trim(text, set, true, true),
  ltrim: (text: string, set: string) => trim(text, set, true, false),
  rtrim: (text: string, set: string) => trim(text, set, false, true),
  btrim1: (text: string) => trim(text, ' ', true, true),
  ltrim1: (text: string) => trim(text, ' ', true, false),
  rtrim1: trimBlanks,
};

function pad(text: string, length: number, fill: string, before: boolean): string {
  const wanted = Math.max(length, 0);
  if (wanted > MAX_BYTES / 4) throw tooLong();
  const present = characterCount(text);
  if (present >= wanted) return sliceCharacters(text, 0, wanted);
  if (fill === '') return text;
  const missing = wanted - present;
  const width = characterCount(fill);
  const padding = sliceCharacters(fill.repeat(Math.ceil(missing / width)), 0, missing);
  return before ? padding + text : text + padding;
}

function repeat(text: string, count: number): string {
  if (count <= 0 || text === '') return '';
  if (utf8Length(text) * count > MAX_BYTES) throw tooLong();
  return text.repeat(count);
}

/** Each character of `from` becomes the one at its place in `to`, or nothing. */
/** From this length on a text is worth a table. */
const LONG_TEXT = 4096;

/** The same for texts whose characters are one code unit each. */
function translateUnits(text: string, map: ReadonlyMap<string, string>): string {
  const units = new Map<number, number>();
  for (const [from, to] of map) units.set(from.charCodeAt(0), to === '' ? -1 : to.charCodeAt(0));
  const result = new Uint16Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const changed = units.get(unit) ?? unit;
    if (changed >= 0) result[length++] = changed;
  }
  return Buffer.from(result.buffer, 0, length * 2).toString('utf16le');
}

export function translate(text: string, from: string, to: string): string {
  const targets = [...to];
  const map = new Map<string, string>();
  for (const [i, character] of [...from].entries()) {
    if (!map.has(character)) map.set(character, targets[i] ?? '');
  }
  if (text.length >= LONG_TEXT && !hasSurrogates(text) && !hasSurrogates(from) && !hasSurrogates(to))
    return translateUnits(text, map);
  let result = '';
  for (const character of text) result += map.get(character) ?? character;
  return result;
}

const changes: PlainTable = {
  lpad: (text: string, length: number, fill: string) => pad(text, length, fill, true),
  rpad: (text: string, length: number, fill: string) => pad(text, length, fill, false),
  'lpad(text,int4)': (text: string, length: number) => pad(text, length, ' ', true),
  'rpad(text,int4)': (text: string, length: number) => pad(text, length, ' ', false),
  repeat,
  replace_text: replaceTexts,
  translate,
  textcat: (a: string, b: string) => a + b,
};

function chr(code: number): string {
  if (code < 0) throw sqlError('invalid_parameter_value', 'character number must be positive');
  if (code === 0) throw sqlError('program_limit_exceeded', 'null character not permitted');
  if (code > 0x10ffff) {
    throw sqlError('program_limit_exceeded', `requested character too large for encoding: ${code}`);
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw sqlError('program_limit_exceeded', `requested character not valid for encoding: ${code}`);
  }
  return String.fromCodePoint(code);
}

const codes: PlainTable = {
  ascii: (text: string) => text.codePointAt(0) ?? 0,
  chr,
  to_hex32: (value: number) => (value >>> 0).toString(16),
  to_hex64: (value: number | bigint) => BigInt.asUintN(64, BigInt(value)).toString(16),
  nameconcatoid: (name: string, oid: number) => {
    const suffix = `_${oid}`;
    const room = 63 - suffix.length;
    return (utf8Length(name) <= room ? name : truncateName(name).slice(0, room)) + suffix;
  },
};

export const textFunctions: FunctionFamily = plainFunctions({
  ...cases,
  ...lengths,
  ...parts,
  ...trims,
  ...changes,
  ...codes,
});
