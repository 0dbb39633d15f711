/** POSIX regular expressions in SQL: `~` and friends, regexp_* functions, SIMILAR TO. Patterns are AREs (regex/). */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { characterCount, unitIndex } from '../../types/text/code-points.js';
import { checkEffort, checkEffortNow } from '../../util/effort.js';
import { packTexts } from './packed-texts.js';
import type { PlainTable } from './plain-table.js';
import { compileRegex, type Regex, type RegexMatch } from './regex/regex.js';
import { withOptions } from './regex/regex-parser.js';
import { DEFAULT_OPTIONS, type RegexOptions } from './regex/syntax-tree.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from './registry.js';
import { similarToRegex } from './similar-to.js';

/** Texts from this length on take their time: UTF-16 units. */
const LONG_TEXT = 4096;

const IGNORE_CASE: RegexOptions = { ...DEFAULT_OPTIONS, ignoreCase: true };

interface Flags {
  readonly options: RegexOptions;
  readonly global: boolean;
}

function parseFlags(letters: string): Flags {
  const options = withOptions(DEFAULT_OPTIONS, letters.replaceAll('g', ''));
  if (options === null) {
    const bad = [...letters].find((letter) => letter !== 'g' && withOptions(DEFAULT_OPTIONS, letter) === null);
    throw sqlError('invalid_parameter_value', `invalid regular expression option: "${bad}"`);
  }
  return { options, global: letters.includes('g') };
}

function noGlobal(name: string, letters: string, hint?: string): RegexOptions {
  const { options, global } = parseFlags(letters);
  if (global) {
    throw sqlError('invalid_parameter_value', `${name} does not support the "global" option`, hint ? { hint } : {});
  }
  return options;
}

/** All matches from `from` on; an empty match does not repeat, and does not touch the match before it. */
function* matches(regex: Regex, text: string, from = 0): Generator<RegexMatch> {
  for (let at = from; at <= text.length; ) {
    // A single match in a long text may take long itself.
    if (text.length > LONG_TEXT) checkEffortNow();
    else checkEffort();
    const match = regex.exec(text, at);
    if (match === null) return;
    yield match;
    const end = match.end;
    at = end > match.start ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
}

/** The groups of a match, or the whole of it when the pattern has none. */
function groups(match: RegexMatch): PgArray {
  return PgArray.of(oid.TEXT, match.groups.length === 1 ? match.groups : match.groups.slice(1));
}

function operators(): PlainTable {
  const table: PlainTable = {};
  for (const type of ['text', 'name']) {
    table[`${type}regexeq`] = (text: string, pattern: string) => compileRegex(pattern).test(text);
    table[`${type}regexne`] = (text: string, pattern: string) => !compileRegex(pattern).test(text);
    table[`${type}icregexeq`] = (text: string, pattern: string) => compileRegex(pattern, IGNORE_CASE).test(text);
    table[`${type}icregexne`] = (text: string, pattern: string) => !compileRegex(pattern, IGNORE_CASE).test(text);
  }
  return table;
}

/** substring(text from pattern): the first group, or the whole match. */
function regexSubstring(text: string, pattern: string): string | null {
  const match = compileRegex(pattern).exec(text, 0);
  return match === null ? null : match.groups[match.groups.length > 1 ? 1 : 0];
}

function expandReplacement(replacement: string, match: RegexMatch): string {
  return replacement.replace(/\\([1-9&\\]|)/g, (all, code: string) => {
    if (code === '') return all;
    if (code === '\\') return '\\';
    const index = code === '&' ? 0 : Number(code);
    return match.groups[index] ?? '';
  });
}

/** Replaces occurrence number `occurrence` (from 1), or with 0 all of them. */
function replaceMatches(text: string, regex: Regex, replacement: string, from: number, occurrence: number): string {
  const plain = !replacement.includes('\\');
  let result = '';
  let done = 0;
  let seen = 0;
  for (const match of matches(regex, text, from)) {
    seen++;
    if (occurrence > 0 && seen !== occurrence) continue;
    result += text.slice(done, match.start);
    result += plain ? replacement : expandReplacement(replacement, match);
    done = match.end;
    if (occurrence > 0) break;
  }
  return result + text.slice(done);
}

function badParameter(name: string, value: number): SqlError {
  return sqlError('invalid_parameter_value', `invalid value for parameter "${name}": ${value}`);
}

/** Unit index of a start position; throws for one below 1. */
function startUnit(text: string, start: number): number {
  if (start <= 0) throw badParameter('start', start);
  const length = characterCount(text);
  return start - 1 > length ? text.length + 1 : unitIndex(text, start - 1);
}

export function regexReplace(text: string, pattern: string, replacement: string, flags: string): string {
  if (/^\d/.test(flags)) {
    throw sqlError('invalid_parameter_value', `invalid regular expression option: "${flags[0]}"`, {
      hint: 'If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.',
    });
  }
  const { options, global } = parseFlags(flags);
  return replaceMatches(text, compileRegex(pattern, options), replacement, 0, global ? 0 : 1);
}

function regexReplaceFrom(
  text: string,
  pattern: string,
  replacement: string,
  start: number,
  occurrence: number,
  flags: string,
): string {
  const from = startUnit(text, start);
  if (occurrence < 0) throw badParameter('n', occurrence);
  const options = noGlobal('regexp_replace()', flags.replaceAll('g', ''));
  return replaceMatches(text, compileRegex(pattern, options), replacement, from, occurrence);
}

export function regexMatch(text: string, pattern: string, flags: string): PgArray | null {
  const options = noGlobal('regexp_match()', flags, 'Use the regexp_matches function instead.');
  const match = compileRegex(pattern, options).exec(text, 0);
  return match === null ? null : groups(match);
}

function* allMatches(text: string, pattern: string, flags: string): Generator<RegexMatch> {
  const { options, global } = parseFlags(flags);
  for (const match of matches(compileRegex(pattern, options), text)) {
    yield match;
    if (!global) return;
  }
}

export function regexMatches(text: string, pattern: string, flags: string): PgArray[] {
  return Array.from(allMatches(text, pattern, flags), groups);
}

/** The groups of all matches, one after the other; the first one is the number of groups a match has. */
function* groupTexts(text: string, pattern: string, flags: string): Generator<string | null> {
  let first = true;
  for (const match of allMatches(text, pattern, flags)) {
    const whole = match.groups.length === 1;
    if (first) yield String(whole ? 1 : match.groups.length - 1);
    first = false;
    yield* whole ? match.groups : match.groups.slice(1);
  }
}

/** The parts between matches. Empty matches at the ends, and right behind another match, do not split. */
export function splitParts(name: string, text: string, pattern: string, flags: string): string[] {
  const options = noGlobal(`${name}()`, flags);
  const parts: string[] = [];
  let done = 0;
  for (const match of matches(compileRegex(pattern, options), text)) {
    const { start, end } = match;
    if (end === start && (start === done || start >= text.length)) continue;
    parts.push(text.slice(done, start));
    done = end;
  }
  parts.push(text.slice(done));
  return parts;
}

export function splitToArray(text: string, pattern: string, flags: string): PgArray {
  return PgArray.of(oid.TEXT, splitParts('regexp_split_to_array', text, pattern, flags));
}

function regexCount(text: string, pattern: string, start: number, flags: string): number {
  const from = startUnit(text, start);
  let count = 0;
  for (const _ of matches(compileRegex(pattern, noGlobal('regexp_count()', flags)), text, from)) count++;
  return count;
}

function nthMatch(regex: Regex, text: string, from: number, n: number): RegexMatch | null {
  let seen = 0;
  for (const match of matches(regex, text, from)) if (++seen === n) return match;
  return null;
}

/** Number of the group that `subexpression` asks for; in a pattern without groups, the whole match is the first. -1: none. */
function groupIndex(match: RegexMatch | null, subexpression: number): number {
  const count = match === null ? 0 : match.groups.length;
  if (subexpression === 1 && count === 1) return 0;
  return subexpression < count ? subexpression : -1;
}

function regexInstr(
  text: string,
  pattern: string,
  start: number,
  n: number,
  endOption: number,
  flags: string,
  subexpression: number,
): number {
  const from = startUnit(text, start);
  if (n <= 0) throw badParameter('n', n);
  if (endOption !== 0 && endOption !== 1) throw badParameter('endoption', endOption);
  if (subexpression < 0) throw badParameter('subexpr', subexpression);
  const regex = compileRegex(pattern, noGlobal('regexp_instr()', flags));
  const match = nthMatch(regex, text, from, n);
  const index = groupIndex(match, subexpression);
  if (match === null || index < 0) return 0;
  const span = index === 0 ? [match.start, match.end] : regex.groupSpan(text, match.start, index);
  return span === null ? 0 : characterCount(text.slice(0, span[endOption])) + 1;
}

function regexSubstr(
  text: string,
  pattern: string,
  start: number,
  n: number,
  flags: string,
  subexpression: number,
): string | null {
  const from = startUnit(text, start);
  if (n <= 0) throw badParameter('n', n);
  if (subexpression < 0) throw badParameter('subexpr', subexpression);
  const match = nthMatch(compileRegex(pattern, noGlobal('regexp_substr()', flags)), text, from, n);
  const index = groupIndex(match, subexpression);
  return match === null || index < 0 ? null : match.groups[index];
}

function regexLike(text: string, pattern: string, flags: string): boolean {
  return compileRegex(pattern, noGlobal('regexp_like()', flags)).test(text);
}

/** Functions whose parameters at the end are optional have a prosrc for each number of arguments. */
const functions = plainFunctions({
  ...operators(),
  textregexsubstr: regexSubstring,
  textregexreplace_noopt: (text: string, pattern: string, to: string) => regexReplace(text, pattern, to, ''),
  textregexreplace: regexReplace,
  textregexreplace_extended_no_n: (text: string, pattern: string, to: string, start: number) =>
    regexReplaceFrom(text, pattern, to, start, 1, ''),
  textregexreplace_extended_no_flags: (text: string, pattern: string, to: string, start: number, n: number) =>
    regexReplaceFrom(text, pattern, to, start, n, ''),
  textregexreplace_extended: regexReplaceFrom,
  regexp_match: regexMatch,
  regexp_match_no_flags: (text: string, pattern: string) => regexMatch(text, pattern, ''),
  regexp_split_to_array: splitToArray,
  regexp_split_to_array_no_flags: (text: string, pattern: string) => splitToArray(text, pattern, ''),
  regexp_count: regexCount,
  regexp_count_no_flags: (text: string, pattern: string, start: number) => regexCount(text, pattern, start, ''),
  regexp_count_no_start: (text: string, pattern: string) => regexCount(text, pattern, 1, ''),
  regexp_instr: regexInstr,
  regexp_instr_no_subexpr: (text: string, pattern: string, start: number, n: number, end: number, flags: string) =>
    regexInstr(text, pattern, start, n, end, flags, 0),
  regexp_instr_no_flags: (text: string, pattern: string, start: number, n: number, end: number) =>
    regexInstr(text, pattern, start, n, end, '', 0),
  regexp_instr_no_endoption: (text: string, pattern: string, start: number, n: number) =>
    regexInstr(text, pattern, start, n, 0, '', 0),
  regexp_instr_no_n: (text: string, pattern: string, start: number) => regexInstr(text, pattern, start, 1, 0, '', 0),
  regexp_instr_no_start: (text: string, pattern: string) => regexInstr(text, pattern, 1, 1, 0, '', 0),
  regexp_substr: regexSubstr,
  regexp_substr_no_subexpr: (text: string, pattern: string, start: number, n: number, flags: string) =>
    regexSubstr(text, pattern, start, n, flags, 0),
  regexp_substr_no_flags: (text: string, pattern: string, start: number, n: number) =>
    regexSubstr(text, pattern, start, n, '', 0),
  regexp_substr_no_n: (text: string, pattern: string, start: number) => regexSubstr(text, pattern, start, 1, '', 0),
  regexp_substr_no_start: (text: string, pattern: string) => regexSubstr(text, pattern, 1, 1, '', 0),
  regexp_like: regexLike,
  regexp_like_no_flags: (text: string, pattern: string) => regexLike(text, pattern, ''),
  regexp_matches_packed: (text: string, pattern: string, flags: string) => packTexts(groupTexts(text, pattern, flags)),
  regexp_split_packed: (name: string, text: string, pattern: string, flags: string) =>
    packTexts(splitParts(name, text, pattern, flags)),
  similar_to_escape_1: (pattern: string) => similarToRegex(pattern, '\\'),
  similar_to_escape_2: similarToRegex,
  similar_escape: (pattern: string | null, mark: string | null) =>
    pattern === null ? null : similarToRegex(pattern, mark ?? '\\'),
  'substring(text,text,text)': (text: string, pattern: string, mark: string) =>
    regexSubstring(text, similarToRegex(pattern, mark)),
});

const sets = setFunctions({
  regexp_matches: (_cx, text: string, pattern: string, flags: string): Datum[] => regexMatches(text, pattern, flags),
  regexp_matches_no_flags: (_cx, text: string, pattern: string): Datum[] => regexMatches(text, pattern, ''),
  regexp_split_to_table: (_cx, text: string, pattern: string, flags: string): Datum[] =>
    splitParts('regexp_split_to_table', text, pattern, flags),
  regexp_split_to_table_no_flags: (_cx, text: string, pattern: string): Datum[] =>
    splitParts('regexp_split_to_table', text, pattern, ''),
});

export const regexpFunctions: FunctionFamily = joinFamilies(functions, sets);
