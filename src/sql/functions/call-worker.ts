/** What a worker thread for long calls runs: it makes the calls that it is asked for, one after the other. */
import { parentPort } from 'node:worker_threads';
import { runtimeLimit } from '../../errors/runtime-limits.js';
import { toSentError } from '../../errors/sent-error.js';
import { SqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import { haveAllTime } from '../../util/effort.js';
import { lowerThreadPriority } from '../../util/worker-pool.js';
import { builtinFunctions } from './all.js';
import { buffersOf, type CallAnswer, type CallQuestion, fromSent, toSent } from './call-message.js';

function call({ source, args }: CallQuestion): Datum {
  const entry = builtinFunctions.get(source);
  if (entry?.kind !== 'plain') throw new Error(`no plain function ${source}`);
  return entry.call(...args.map(fromSent));
}

function answer(question: CallQuestion): CallAnswer {
  try {
    return { value: toSent(call(question)) };
  } catch (error) {
    const told = error instanceof SqlError ? error : runtimeLimit(error);
    if (told !== null) return { error: toSentError(told) };
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

lowerThreadPriority();
haveAllTime();
parentPort?.on('message', (question: CallQuestion) => {
  const given = answer(question);
  parentPort?.postMessage(given, 'value' in given ? buffersOf([given.value]) : []);
});
