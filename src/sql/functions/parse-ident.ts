/** parse_ident: a qualified identifier cut into its parts. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { asciiLower } from './text-functions.js';

const SPACE = /[ \t\n\r\f\v]*/y;
const WORD = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*/uy;
const QUOTED = /"((?:[^"]|"")*)"/y;

function invalid(text: string, detail?: string): SqlError {
  return sqlError(
    'invalid_parameter_value',
    `string is not a valid identifier: "${text}"`,
    detail === undefined ? {} : { detail },
  );
}

/** Throws 22023; what follows the last part is allowed unless `strict`. */
export function parseIdent(text: string, strict: boolean): PgArray {
  const parts: string[] = [];
  let at = skip(text, 0);
  for (let afterDot = false; ; afterDot = true) {
    const part = identifier(text, at, afterDot);
    parts.push(part.name);
    at = skip(text, part.end);
    if (text[at] !== '.') break;
    at = skip(text, at + 1);
  }
  if (strict && at < text.length) throw invalid(text);
  return PgArray.of(oid.TEXT, parts);
}

function skip(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

function identifier(text: string, at: number, afterDot: boolean): { name: string; end: number } {
  if (text[at] === '"') {
    QUOTED.lastIndex = at;
    const quoted = QUOTED.exec(text);
    if (quoted === null) throw invalid(text, 'String has unclosed double quotes.');
    if (quoted[1] === '') throw invalid(text, 'Quoted identifier must not be empty.');
    return { name: quoted[1].replaceAll('""', '"'), end: QUOTED.lastIndex };
  }
  WORD.lastIndex = at;
  const word = WORD.exec(text);
  if (word !== null) return { name: asciiLower(word[0]), end: WORD.lastIndex };
  if (text[at] === '.') throw invalid(text, 'No valid identifier before ".".');
  throw afterDot ? invalid(text, 'No valid identifier after ".".') : invalid(text);
}
