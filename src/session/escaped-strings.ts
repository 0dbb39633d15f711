/**
 * Texts under standard_conforming_strings = off, where a backslash escapes in plain strings. The grammar knows such strings as E'…'
 * only, so that is how they are written before anything else reads the text; positions in errors count the added letters.
 */
import { notSupported } from '../errors/sql-error.js';
import type { Session } from './session.js';

/** Whatever may hold a quote or a backslash; plain strings come last. */
const TOKEN =
  /--[^\n]*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|[bBxX]'[^']*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\1|[uU]&'|[nN]'|\/\*|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|'(?:[^'\\]|\\[\s\S]|'')*'/g;

/** The text as the grammar has to read it. @throws SqlError 0A000 for what cannot be written so */
export function conformingText(session: Session, sql: string): string {
  if (!session.settings.frequent.backslashesEscape || !sql.includes('\\')) return sql;
  return sql.replaceAll(TOKEN, (token) => {
    if (/^(?:[uU]&'|[nN]'|\/\*)$/.test(token))
      throw notSupported(`"${token}" with a backslash while standard_conforming_strings is off`);
    return token.startsWith("'") && token.includes('\\') ? ` E${token}` : token;
  });
}
