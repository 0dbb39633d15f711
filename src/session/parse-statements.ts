/** Parsing for a session: long texts are parsed elsewhere, and count as memory of the session until
 * the message is dealt with. */

import { type ParsedStatement, parseSql } from '../sql/parser/parse.js';
import { LONG_TEXT, parseFar } from '../sql/parser/parse-far.js';
import type { Task } from '../util/task.js';
import { interruptible } from './interruptible.js';
import type { Session } from './session.js';

/** What a text of one byte takes while it is parsed, together with its tree: bytes, roughly. */
const TREE_BYTES = 5;

/** The statements of a client's text; see parseSql. @throws SqlError 57014 when the client gives up, 53200 */
export function* parseStatements(session: Session, sql: string): Task<readonly ParsedStatement[]> {
  if (sql.length < LONG_TEXT) return parseSql(sql);
  const { memory } = session.environment;
  const bytes = sql.length * TREE_BYTES;
  memory.reserve(bytes);
  session.environment.abandonAtEnd(() => memory.reserve(-bytes));
  return yield* interruptible(session.environment, parseFar(sql));
}
