/**
 * LIKE, ILIKE and their negations, for text, bpchar, name and bytea. Patterns are cut at `%` into pieces that are
 * looked for from left to right, so that matching takes time proportional to text times pattern at most. Case is ASCII's.
 */
import { sqlError } from '../../errors/sql-error.js';
import { asBuffer } from '../../types/text/bytea-text.js';
import { hasSurrogates } from '../../types/text/code-points.js';
import { requireHeapForPieces } from '../../util/heap-guard.js';
import type { PlainTable } from './plain-table.js';
import { type FunctionFamily, plainFunctions } from './registry.js';
import { asciiLower } from './text-functions.js';

type Matcher = (text: string) => boolean;

/** A stretch of pattern without `%`: characters, and null for `_`. */
type Piece = readonly (string | null)[];

interface Pattern {
  pieces: readonly Piece[];
  /** Whether `_` occurs, or characters of two units; otherwise pieces are plain strings. */
  plain: readonly string[] | null;
  /** The pattern ends with a lone escape character; an error where a text comes so far. */
  broken: boolean;
}

function parsePattern(pattern: string): Pattern {
  const pieces: (string | null)[][] = [[]];
  requireHeapForPieces(pattern);
  const characters = hasSurrogates(pattern) ? [...pattern] : pattern.split('');
  let wildcard = false;
  let broken = false;
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    const piece = pieces[pieces.length - 1];
    if (character === '%') {
      pieces.push([]);
    } else if (character === '_') {
      piece.push(null);
      wildcard = true;
    } else if (character === '\\') {
      if (++i >= characters.length) broken = true;
      else piece.push(characters[i]);
    } else {
      piece.push(character);
    }
  }
  return { pieces, plain: wildcard ? null : pieces.map((piece) => piece.join('')), broken };
}

function plainMatcher(pieces: readonly string[]): Matcher {
  const [first] = pieces;
  const last = pieces[pieces.length - 1];
  if (pieces.length === 1) return (text) => text === first;
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  if (middle.length === 0) {
    return (text) => text.length >= first.length + last.length && text.startsWith(first) && text.endsWith(last);
  }
  return (text) => {
    if (!text.startsWith(first)) return false;
    let from = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, from);
      if (found < 0) return false;
      from = found + piece.length;
    }
    return text.length - from >= last.length && text.endsWith(last);
  };
}

type Characters = string | readonly string[];

function matchesAt(text: Characters, at: number, piece: Piece): boolean {
  for (let i = 0; i < piece.length; i++) if (piece[i] !== null && piece[i] !== text[at + i]) return false;
  return true;
}

function find(text: Characters, from: number, end: number, piece: Piece): number {
  for (let at = from; at + piece.length <= end; at++) if (matchesAt(text, at, piece)) return at;
  return -1;
}

function wildcardMatcher(pieces: readonly Piece[]): Matcher {
  const [first] = pieces;
  const last = pieces[pieces.length - 1];
  return (value) => {
    const text = hasSurrogates(value) ? [...value] : value;
    if (pieces.length === 1) return text.length === first.length && matchesAt(text, 0, first);
    const end = text.length - last.length;
    if (end < first.length || !matchesAt(text, 0, first) || !matchesAt(text, end, last)) return false;
    let from = first.length;
    for (let i = 1; i < pieces.length - 1; i++) {
      const at = find(text, from, end, pieces[i]);
      if (at < 0) return false;
      from = at + pieces[i].length;
    }
    return true;
  };
}

/** Fails on texts that match up to the end of the pattern and go on. */
function brokenMatcher(pieces: readonly Piece[]): Matcher {
  const reaches = wildcardMatcher([...pieces.slice(0, -1), [...pieces[pieces.length - 1], null], []]);
  return (text) => {
    if (!reaches(text)) return false;
    throw sqlError('invalid_escape_sequence', 'LIKE pattern must not end with escape character');
  };
}

function makeMatcher(pattern: string): Matcher {
  const { pieces, plain, broken } = parsePattern(pattern);
  if (broken) return brokenMatcher(pieces);
  return plain === null ? wildcardMatcher(pieces) : plainMatcher(plain);
}

const CACHE_SIZE = 200;
const cache = new Map<string, Matcher>();
let lastPattern = '';
let lastMatcher: Matcher = makeMatcher('');

function matcher(pattern: string): Matcher {
  if (pattern === lastPattern) return lastMatcher;
  let found = cache.get(pattern);
  if (found === undefined) {
    found = makeMatcher(pattern);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(pattern, found);
  }
  lastPattern = pattern;
  lastMatcher = found;
  return found;
}

export function like(text: string, pattern: string): boolean {
  return matcher(pattern)(text);
}

function ilike(text: string, pattern: string): boolean {
  return matcher(asciiLower(pattern))(asciiLower(text));
}

/** bytea: one character a byte. */
function likeBytes(value: Uint8Array, pattern: Uint8Array): boolean {
  return like(asBuffer(value).toString('latin1'), asBuffer(pattern).toString('latin1'));
}

/** The pattern with another escape character, rewritten for the backslash; an empty one means none. */
function likeEscape(pattern: string, mark: string): string {
  const marks = [...mark];
  if (marks.length > 1) {
    throw sqlError('invalid_escape_sequence', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    });
  }
  const [escapeMark] = marks;
  if (escapeMark === '\\') return pattern;
  let result = '';
  let escaped = false;
  for (const character of pattern) {
    if (character === escapeMark && !escaped) {
      result += '\\';
      escaped = true;
      continue;
    }
    result += character === '\\' && !escaped ? '\\\\' : character;
    escaped = false;
  }
  return result;
}

function likeEscapeBytes(pattern: Uint8Array, mark: Uint8Array): Uint8Array {
  return Buffer.from(likeEscape(asBuffer(pattern).toString('latin1'), asBuffer(mark).toString('latin1')), 'latin1');
}

const matching: PlainTable = {};
for (const type of ['text', 'name']) {
  matching[`${type}like`] = like;
  matching[`${type}nlike`] = (text: string, pattern: string) => !like(text, pattern);
  matching[`${type}iclike`] = ilike;
  matching[`${type}icnlike`] = (text: string, pattern: string) => !ilike(text, pattern);
}

export const likeFunctions: FunctionFamily = plainFunctions({
  ...matching,
  bytealike: likeBytes,
  byteanlike: (value: Uint8Array, pattern: Uint8Array) => !likeBytes(value, pattern),
  like_escape: likeEscape,
  like_escape_bytea: likeEscapeBytes,
});
