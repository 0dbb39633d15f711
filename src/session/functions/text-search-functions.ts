/** What psql asks of text search: the kinds of tokens that the one parser tells apart. Nothing is parsed here. */
import { sqlError } from '../../errors/sql-error.js';
import { type FunctionFamily, setFunctions } from '../../sql/functions/registry.js';
import type { Row } from '../../types/datum.js';
import { sessionOf } from './session-of.js';

/** OID of the parser `default`. */
const DEFAULT_PARSER = 3722;

/** Names and descriptions, by number from 1. */
const TOKENS: readonly (readonly [string, string])[] = [
  ['asciiword', 'Word, all ASCII'],
  ['word', 'Word, all letters'],
  ['numword', 'Word, letters and digits'],
  ['email', 'Email address'],
  ['url', 'URL'],
  ['host', 'Host'],
  ['sfloat', 'Scientific notation'],
  ['version', 'Version number'],
  ['hword_numpart', 'Hyphenated word part, letters and digits'],
  ['hword_part', 'Hyphenated word part, all letters'],
  ['hword_asciipart', 'Hyphenated word part, all ASCII'],
  ['blank', 'Space symbols'],
  ['tag', 'XML tag'],
  ['protocol', 'Protocol head'],
  ['numhword', 'Hyphenated word, letters and digits'],
  ['asciihword', 'Hyphenated word, all ASCII'],
  ['hword', 'Hyphenated word, all letters'],
  ['url_path', 'URL path'],
  ['file', 'File or path name'],
  ['float', 'Decimal notation'],
  ['int', 'Signed integer'],
  ['uint', 'Unsigned integer'],
  ['entity', 'XML entity'],
];

function* tokenTypes(): Iterable<Row> {
  for (const [i, [name, description]] of TOKENS.entries()) yield [i + 1, name, description];
}

export const textSearchFunctions: FunctionFamily = setFunctions({
  *ts_token_type_byid(_cx, parser: number): Iterable<Row> {
    if (parser !== DEFAULT_PARSER)
      throw sqlError('undefined_object', `text search parser with OID ${parser} does not exist`);
    yield* tokenTypes();
  },
  *ts_token_type_byname(cx, name: string): Iterable<Row> {
    const found = sessionOf(cx).catalog.rows('pg_ts_parser_prsname_index', [name.replace(/^pg_catalog\./, '')]);
    if (found.length === 0) throw sqlError('undefined_object', `text search parser "${name}" does not exist`);
    yield* tokenTypes();
  },
});
