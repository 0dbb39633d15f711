/** DO: runs a block of PL/pgSQL. */
import type { DoStmt } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { Session } from './session.js';

/** `text`: what holds the statement; `nonAtomic`: COMMIT and ROLLBACK are allowed. @throws SqlError 42601, 42704, 0A000, and what the block throws */
export function* runDo(session: Session, text: string, statement: DoStmt, nonAtomic: boolean): Task<string> {
  const options = new Map<string, string>();
  for (const argument of statement.args ?? []) {
    if (!('DefElem' in argument)) continue;
    const { defname = '', arg } = argument.DefElem;
    if (options.has(defname)) throw sqlError('syntax_error', 'conflicting or redundant options');
    if (arg !== undefined && 'String' in arg) options.set(defname, arg.String.sval ?? '');
  }
  const source = options.get('as');
  if (source === undefined) throw sqlError('syntax_error', 'no inline code specified');
  const language = options.get('language') ?? 'plpgsql';
  if (language !== 'plpgsql') throw otherLanguage(session, language);
  yield* session.environment.routines.plpgsql.runInline(source, text, nonAtomic);
  return 'DO';
}

function otherLanguage(session: Session, name: string): Error {
  if (session.environment.catalog.rows('pg_language_name_index', [name]).length > 0)
    return sqlError('feature_not_supported', `language "${name}" does not support inline code execution`);
  const known = ['plperl', 'plperlu', 'plpython3u', 'pltcl', 'pltclu'].includes(name);
  const hint = known ? { hint: 'Use CREATE EXTENSION to load the language into the database.' } : {};
  return sqlError('undefined_object', `language "${name}" does not exist`, hint);
}
