/** What the thread that parses long texts runs: the text comes in, its statements go out in pieces as they are asked for. */
import { parentPort } from 'node:worker_threads';
import { stackDepthExceeded } from '../../errors/runtime-limits.js';
import { toSentError } from '../../errors/sent-error.js';
import { SqlError } from '../../errors/sql-error.js';
import { lowerThreadPriority } from '../../util/worker-pool.js';
import { loadParser, parseSql } from './parse.js';
import type { ParseAnswer, ParseQuestion } from './parse-message.js';
import { TreeCutter, type TreePiece } from './tree-pieces.js';

let pieces: Iterator<TreePiece> | null = null;

function* statementPieces(sql: string): Generator<TreePiece> {
  // A single statement has the text of the whole, which the other side has.
  const statements = parseSql(sql);
  const sent = statements.map(({ node, start, text }) => ({ node, start, text: statements.length === 1 ? '' : text }));
  // The tree is JSON by its making; its types only have no index signature.
  yield* new TreeCutter().pieces(JSON.parse(JSON.stringify(sent)));
}

function answer(question: ParseQuestion): ParseAnswer {
  try {
    if (question.sql !== undefined) pieces = statementPieces(question.sql);
    const step = pieces?.next();
    if (step !== undefined && !step.done) return { piece: step.value };
    pieces = null;
    return { done: true };
  } catch (error) {
    pieces = null;
    if (error instanceof RangeError) return { error: toSentError(stackDepthExceeded()) };
    if (error instanceof SqlError) return { error: toSentError(error) };
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

lowerThreadPriority();
await loadParser();
parentPort?.on('message', (question: ParseQuestion) => parentPort?.postMessage(answer(question)));
