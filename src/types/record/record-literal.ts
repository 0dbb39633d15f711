/** The text form of composite values: `(1,"a ""b""",)`; an empty field is NULL. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { escapeQuotes } from '../../util/long-text.js';
import { isArraySpace } from '../array/array-literal.js';

/** Splits a literal into the texts of its fields (null for NULL). Throws 22P02 unless there are `count` of them. */
export function parseRecordLiteral(text: string, count: number): (string | null)[] {
  const malformed = (detail: string): SqlError =>
    sqlError('invalid_text_representation', `malformed record literal: "${text}"`, { detail });
  let position = 0;
  while (isArraySpace(text[position])) position++;
  if (text[position] !== '(') throw malformed('Missing left parenthesis.');
  position++;
  const fields: (string | null)[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      if (text[position] !== ',') throw malformed('Too few columns.');
      position++;
    }
    if (text[position] === ',' || text[position] === ')') {
      fields.push(null);
      continue;
    }
    let field = '';
    let quoted = false;
    while (quoted || (text[position] !== ',' && text[position] !== ')')) {
      const character = text[position++];
      if (character === undefined) throw malformed('Unexpected end of input.');
      if (character === '\\') {
        if (position >= text.length) throw malformed('Unexpected end of input.');
        field += text[position++];
      } else if (character !== '"') field += character;
      else if (!quoted) quoted = true;
      else if (text[position] === '"') {
        field += '"';
        position++;
      } else quoted = false;
    }
    fields.push(field);
  }
  if (text[position] !== ')') throw malformed('Too many columns.');
  position++;
  while (isArraySpace(text[position])) position++;
  if (position < text.length) throw malformed('Junk after right parenthesis.');
  return fields;
}

function doubled(field: string): string {
  return escapeQuotes(field, 'doubled');
}

const NEEDS_QUOTES = /^$|[ \t\n\v\f\r"\\(),]/;

export function formatRecordLiteral(fields: readonly (string | null)[]): string {
  let text = '(';
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    if (i > 0) text += ',';
    if (field === null) continue;
    text += NEEDS_QUOTES.test(field) ? `"${doubled(field)}"` : field;
  }
  return `${text})`;
}
