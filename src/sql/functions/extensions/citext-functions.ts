/** Extension citext: comparisons that pass over case, and functions of text that do. Rules: PostgreSQL documentation, F.10. */

import type { Datum } from '../../../types/datum.js';
import { citextFold, compareCitext } from '../../../types/text/citext-codec.js';
import { TESTS } from '../comparison-functions.js';
import { regexMatch, regexMatches, regexReplace, splitParts, splitToArray } from '../regexp-functions.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from '../registry.js';
import { position, translate } from '../text-functions.js';

const SPECIAL = /[^a-zA-Z_0-9]/g;

/** Flags of a call: cases are the same unless it says `c`. */
function flagsOf(flags: string): string {
  return flags.includes('c') ? flags : `${flags}i`;
}

/** A pattern that is found where the text is. */
function literally(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

const smaller = (a: string, b: string): string => (compareCitext(a, b) < 0 ? a : b);
const larger = (a: string, b: string): string => (compareCitext(a, b) > 0 ? a : b);
const test = (holds: (order: number) => boolean) => (a: string, b: string) => holds(compareCitext(a, b));

const comparisons = plainFunctions({
  ...Object.fromEntries(
    Object.entries(TESTS).flatMap(([name, holds]) => [
      [`citext_${name}`, test(holds)],
      [`citext_pattern_${name}`, test(holds)],
    ]),
  ),
  citext_cmp: (a: string, b: string) => Math.sign(compareCitext(a, b)),
  citext_pattern_cmp: (a: string, b: string) => Math.sign(compareCitext(a, b)),
  citext_smaller: smaller,
  citext_larger: larger,
});

const texts = plainFunctions({
  'regexp_match(citext,citext)': (text: string, pattern: string) => regexMatch(text, pattern, 'i'),
  'regexp_match(citext,citext,text)': (text: string, pattern: string, flags: string) =>
    regexMatch(text, pattern, flagsOf(flags)),
  'regexp_replace(citext,citext,text)': (text: string, pattern: string, to: string) =>
    regexReplace(text, pattern, to, 'i'),
  'regexp_replace(citext,citext,text,text)': (text: string, pattern: string, to: string, flags: string) =>
    regexReplace(text, pattern, to, flagsOf(flags)),
  'regexp_split_to_array(citext,citext)': (text: string, pattern: string) => splitToArray(text, pattern, 'i'),
  'regexp_split_to_array(citext,citext,text)': (text: string, pattern: string, flags: string) =>
    splitToArray(text, pattern, flagsOf(flags)),
  'strpos(citext,citext)': (text: string, part: string) => position(citextFold(text), citextFold(part)),
  'replace(citext,citext,citext)': (text: string, from: string, to: string) =>
    regexReplace(text, literally(from), to, 'gi'),
  'split_part(citext,citext,int4)': (text: string, separator: string, n: number) =>
    splitParts('split_part', text, literally(separator), 'i')[n - 1] ?? null,
  'translate(citext,citext,text)': (text: string, from: string, to: string) =>
    translate(translate(text, citextFold(from), to), from.toUpperCase(), to),
});

const sets = setFunctions({
  'regexp_matches(citext,citext)': (_cx, text: string, pattern: string): Iterable<Datum> =>
    regexMatches(text, pattern, 'i'),
  'regexp_matches(citext,citext,text)': (_cx, text: string, pattern: string, flags: string): Iterable<Datum> =>
    regexMatches(text, pattern, flagsOf(flags)),
  'regexp_split_to_table(citext,citext)': (_cx, text: string, pattern: string): Iterable<Datum> =>
    splitParts('regexp_split_to_table', text, pattern, 'i'),
  'regexp_split_to_table(citext,citext,text)': (_cx, text: string, pattern: string, flags: string): Iterable<Datum> =>
    splitParts('regexp_split_to_table', text, pattern, flagsOf(flags)),
});

export const citextFunctions: FunctionFamily = joinFamilies(comparisons, texts, sets);
