/** Statements whose strings the grammar would read otherwise than the session's standard_conforming_strings says. */
import { notSupported } from '../errors/sql-error.js';
import type { Session } from './session.js';

/** @throws SqlError 0A000 for a backslash that might escape something */
export function refuseEscapes(session: Session, sql: string): void {
  if (session.settings.frequent.backslashesEscape && sql.includes('\\') && sql.includes("'"))
    throw notSupported('a backslash in a statement with strings while standard_conforming_strings is off');
}
