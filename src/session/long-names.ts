/**
 * The notices about identifiers of more than 63 bytes, which the grammar cuts without a word. Looks only at texts that can
 * hold such a name, and only of a size that people write.
 */
import { truncateName } from '../types/text/character-codecs.js';
import type { Session } from './session.js';

/** The shortest run of UTF-16 units that may have more than 63 bytes. */
const CANDIDATE = /"[^"]{22}|[\w$\x80-\uffff]{22}/;
const MAX_LENGTH = 100_000;

/** Strings, comments and dollar quotes are passed over; the names are in groups 2 (quoted) and 3. */
const TOKENS =
  /[eE]'(?:[^'\\]|\\[\s\S])*'|'[^']*'|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_\x80-\uffff][\w\x80-\uffff]*|)\$[\s\S]*?\$\1\$|"((?:[^"]|"")*)"|([A-Za-z_\x80-\uffff][\w$\x80-\uffff]*)/g;

export function noticeLongNames(session: Session, sql: string): void {
  if (sql.length < 22 || sql.length > MAX_LENGTH || !CANDIDATE.test(sql)) return;
  for (const [, , quoted, plain] of sql.matchAll(TOKENS)) {
    const name = quoted?.replaceAll('""', '"') ?? plain?.replace(/[A-Z]+/g, (part) => part.toLowerCase());
    if (name === undefined) continue;
    const cut = truncateName(name);
    if (cut !== name) {
      session.notice('NOTICE', `identifier "${name}" will be truncated to "${cut}"`, {}, '42622');
    }
  }
}
