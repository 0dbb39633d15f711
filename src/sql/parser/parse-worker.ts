/** What the thread that parses long texts runs: the text comes in, its statements go out in pieces as they are asked for. */
import { parentPort } from 'node:worker_threads';
import { stackDepthExceeded } from '../../errors/runtime-limits.js';
import { toSentError } from '../../errors/sent-error.js';
import { SqlError } from '../../errors/sql-error.js';
import { lowerThreadPriority } from '../../util/worker-pool.js';
import { loadParser, type ParsedStatement, parseSql } from './parse.js';
import { parseInsert } from './parse-insert.js';
import type { ParseAnswer, ParseQuestion } from './parse-message.js';
import { TreeCutter } from './tree-pieces.js';

let answers: Iterator<ParseAnswer> | null = null;

function* answersFor(sql: string): Generator<ParseAnswer> {
  const insert = parseInsert(sql);
  if (insert === null) {
    const statements = parseSql(sql);
    // A single statement has the text of the whole, which the other side has.
    const sent = statements.length === 1 ? [{ ...statements[0], text: '' }] : statements;
    yield* treeAnswers(sent);
    return;
  }
  const { node, width, allDefault, parts } = insert;
  yield { width, allDefault };
  yield* treeAnswers([{ node, start: insert.start, text: '' }]);
  for (const part of parts) yield { part };
}

/** The tree is JSON by its making; its types only have no index signature. */
function* treeAnswers(statements: readonly ParsedStatement[]): Generator<ParseAnswer> {
  for (const piece of new TreeCutter().pieces(JSON.parse(JSON.stringify(statements)))) yield { piece };
}

function answer(question: ParseQuestion): ParseAnswer {
  try {
    if (question.sql !== undefined) answers = answersFor(question.sql);
    const step = answers?.next();
    if (step !== undefined && !step.done) return step.value;
    answers = null;
    return { done: true };
  } catch (error) {
    answers = null;
    if (error instanceof RangeError) return { error: toSentError(stackDepthExceeded()) };
    if (error instanceof SqlError) return { error: toSentError(error) };
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

lowerThreadPriority();
await loadParser();
parentPort?.on('message', (question: ParseQuestion) => parentPort?.postMessage(answer(question)));
