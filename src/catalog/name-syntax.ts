/**
 * Names given as text to regclass and its kin: dotted identifiers, folded to lower case outside quotes.
 */
import { sqlError } from '../errors/sql-error.js';

const invalidName = (): Error => sqlError('invalid_name', 'invalid name syntax');

/** The parts of `a."B".c`. Throws 42602 on malformed text. */
export function parseQualifiedName(text: string): string[] {
  const parts: string[] = [];
  let position = skipSpace(text, 0);
  for (;;) {
    const part = readIdentifier(text, position);
    parts.push(part.name);
    position = skipSpace(text, part.end);
    if (position === text.length) return parts;
    if (text[position] !== '.') throw invalidName();
    position = skipSpace(text, position + 1);
  }
}

function skipSpace(text: string, from: number): number {
  let position = from;
  while (position < text.length && ' \t\n\r\f'.includes(text[position])) position++;
  return position;
}

function readIdentifier(text: string, start: number): { name: string; end: number } {
  if (text[start] === '"') return readQuoted(text, start);
  let end = start;
  while (end < text.length && text[end] !== '.' && !' \t\n\r\f'.includes(text[end])) end++;
  if (end === start) throw invalidName();
  return { name: text.slice(start, end).replace(/[A-Z]+/g, (upper) => upper.toLowerCase()), end };
}

function readQuoted(text: string, start: number): { name: string; end: number } {
  let name = '';
  let position = start + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    if (quote === -1) throw invalidName();
    name += text.slice(position, quote);
    if (text[quote + 1] !== '"') return name === '' ? fail() : { name, end: quote + 1 };
    name += '"';
    position = quote + 2;
  }
}

function fail(): never {
  throw invalidName();
}

/** Splits `name(type, type)`. Throws 22P02 where PostgreSQL does. */
export function splitSignature(text: string): { readonly name: string; readonly argTypes: readonly string[] } {
  const open = indexOutsideQuotes(text, '(');
  if (open === -1) throw sqlError('invalid_text_representation', 'expected a left parenthesis');
  const trimmed = text.trimEnd();
  if (!trimmed.endsWith(')')) throw sqlError('invalid_text_representation', 'expected a right parenthesis');
  const inner = trimmed.slice(open + 1, -1);
  const argTypes = inner.trim() === '' ? [] : splitArguments(inner);
  if (argTypes.includes('')) throw sqlError('invalid_text_representation', 'expected a type name');
  return { name: text.slice(0, open), argTypes };
}

function indexOutsideQuotes(text: string, wanted: string): number {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text[i] === wanted) return i;
  }
  return -1;
}

function splitArguments(text: string): string[] {
  const found: string[] = [];
  let quoted = false;
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
    else if (char === ',' && depth === 0) {
      found.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  found.push(text.slice(start).trim());
  return found;
}
