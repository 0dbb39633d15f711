/**
 * Parsing of long texts in a worker thread. What comes back is put together here in pieces, between which others have
 * their turn; the result is what `parseSql` would give.
 */
import { fromSentError } from '../../errors/sent-error.js';
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import { type PooledWorker, WorkerLost, WorkerPool } from '../../util/worker-pool.js';
import { type ParsedStatement, statementText } from './parse.js';
import type { ParseAnswer, ParseQuestion } from './parse-message.js';
import { TreeBuilder } from './tree-pieces.js';

/** From this length on a text is parsed elsewhere; parsing it here would take some milliseconds. UTF-16 units. */
export const LONG_TEXT = 16 * 1024;

/** As large as that of the main thread, so that the same texts are too deep: MiB. */
const STACK = 1;

const pool = new WorkerPool(new URL('./parse-worker.js', import.meta.url), STACK);

/** The statements of `sql`. @throws SqlError what parseSql throws; 53200 when the thread's memory does not suffice */
export function* parseFar(sql: string): Task<ParsedStatement[]> {
  const worker = yield* pool.lease();
  try {
    const tree = yield* receive(worker, sql);
    const statements = tree as ParsedStatement[];
    return statements.length === 1 ? [{ ...statements[0], text: statementText(sql) }] : statements;
  } catch (error) {
    if (error instanceof WorkerLost)
      throw sqlError('out_of_memory', 'out of memory', { detail: 'Failed while parsing.' });
    throw error;
  } finally {
    worker.release();
  }
}

function* receive(worker: PooledWorker, sql: string): Task<unknown> {
  const builder = new TreeBuilder();
  let question: ParseQuestion = { sql };
  for (;;) {
    const answer = (yield* worker.ask(question)) as ParseAnswer;
    if ('error' in answer) throw fromSentError(answer.error);
    if ('fault' in answer) throw new Error(answer.fault);
    if ('done' in answer) return builder.tree;
    builder.add(answer.piece);
    question = {};
  }
}
