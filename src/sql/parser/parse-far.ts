/**
 * Parsing of long texts in a worker thread. What comes back is put together here in pieces, between which others have
 * their turn; the result is what `parseSql` would give.
 */
import type { Node } from '@pgsql/types';
import { fromSentError, type SentError } from '../../errors/sent-error.js';
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import { WorkerLost, WorkerPool } from '../../util/worker-pool.js';
import { appendRows, PackedRows } from './packed-rows.js';
import { type ParsedStatement, statementText } from './parse.js';
import type { ParseAnswer, ParseQuestion } from './parse-message.js';
import { TreeBuilder } from './tree-pieces.js';

/** From this length on a text is parsed elsewhere; parsing it here would take some milliseconds. UTF-16 units. */
export const LONG_TEXT = 16 * 1024;

/** As large as that of the main thread, so that the same texts are too deep: MiB. */
const STACK = 1;

/** Every parse ends, so a few are enough. */
const THREADS = 3;

const pool = new WorkerPool(new URL('./parse-worker.js', import.meta.url), STACK, THREADS);

/** The statements of `sql`. @throws SqlError what parseSql throws; 53200 when the thread's memory does not suffice */
export function* parseFar(sql: string): Task<ParsedStatement[]> {
  const worker = yield* pool.lease();
  const received = new Received();
  try {
    for (let question: ParseQuestion = { sql }; ; question = {}) {
      const answer = (yield* worker.ask(question)) as ParseAnswer;
      if ('error' in answer) throw fromSentError(answer.error);
      if ('fault' in answer) throw new Error(answer.fault);
      if ('done' in answer) return received.statements(sql);
      received.take(answer);
    }
  } catch (error) {
    if (error instanceof WorkerLost)
      throw sqlError('out_of_memory', 'out of memory', { detail: 'Failed while parsing.' });
    throw error;
  } finally {
    worker.release();
  }
}

/** What has come of a text so far. */
class Received {
  private readonly builder = new TreeBuilder();
  private rows: PackedRows | null = null;

  take(answer: Exclude<ParseAnswer, { done: true } | { error: SentError } | { fault: string }>): void {
    if ('piece' in answer) this.builder.add(answer.piece);
    else if ('part' in answer) this.rows?.add(answer.part);
    else this.rows = new PackedRows(answer.width, answer.allDefault);
  }

  statements(sql: string): ParsedStatement[] {
    const statements = this.builder.tree as ParsedStatement[];
    if (this.rows !== null) appendRows(insertedLists(statements[0].node), this.rows);
    return statements.length === 1 ? [{ ...statements[0], text: statementText(sql) }] : statements;
  }
}

function insertedLists(node: Node): readonly Node[] {
  const source = 'InsertStmt' in node ? node.InsertStmt.selectStmt : undefined;
  const lists = source !== undefined && 'SelectStmt' in source ? source.SelectStmt.valuesLists : undefined;
  if (lists === undefined) throw new Error('rows came for a statement that takes none');
  return lists;
}
