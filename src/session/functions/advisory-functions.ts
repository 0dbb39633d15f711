/** Advisory locks: of the session and of the transaction, shared and exclusive, waiting or trying. */
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import type { Datum } from '../../types/datum.js';
import { sessionOf, waitFor } from './session-of.js';

type Call = (cx: CallContext, ...args: Datum[]) => Datum;

/** The lock's name in messages, as PostgreSQL gives it: database, two halves of the key, and which kind of key it is. */
function lockName(cx: CallContext, args: readonly Datum[]): string {
  const database = sessionOf(cx).databaseOid;
  if (args.length === 2) return `advisory lock [${database},${Number(args[0]) >>> 0},${Number(args[1]) >>> 0},2]`;
  const key = BigInt.asUintN(64, BigInt(String(args[0])));
  return `advisory lock [${database},${key >> 32n},${key & 0xffffffffn},1]`;
}

function sessionLock(exclusive: boolean, wait: boolean): Call {
  return (cx, ...args) => {
    const held = waitFor(cx, () =>
      sessionOf(cx).sessionLocks.lock(lockName(cx, args), exclusive, wait ? 'wait' : 'skip'),
    );
    return wait ? '' : held;
  };
}

function transactionLock(exclusive: boolean, wait: boolean): Call {
  return (cx, ...args) => {
    const held = waitFor(cx, () =>
      sessionOf(cx).transaction.lockObject(lockName(cx, args), exclusive, wait ? 'wait' : 'skip'),
    );
    return wait ? '' : held;
  };
}

function unlock(exclusive: boolean): Call {
  return (cx, ...args) => {
    const done = sessionOf(cx).sessionLocks.unlock(lockName(cx, args), exclusive);
    if (!done)
      cx.session.notice('WARNING', `you don't own a lock of type ${exclusive ? 'ExclusiveLock' : 'ShareLock'}`);
    return done;
  };
}

const functions: Record<string, Call> = {
  pg_advisory_unlock_all: (cx) => {
    sessionOf(cx).sessionLocks.unlockAll();
    return '';
  },
};
for (const key of ['int4', 'int8']) {
  functions[`pg_advisory_lock_${key}`] = sessionLock(true, true);
  functions[`pg_advisory_lock_shared_${key}`] = sessionLock(false, true);
  functions[`pg_try_advisory_lock_${key}`] = sessionLock(true, false);
  functions[`pg_try_advisory_lock_shared_${key}`] = sessionLock(false, false);
  functions[`pg_advisory_xact_lock_${key}`] = transactionLock(true, true);
  functions[`pg_advisory_xact_lock_shared_${key}`] = transactionLock(false, true);
  functions[`pg_try_advisory_xact_lock_${key}`] = transactionLock(true, false);
  functions[`pg_try_advisory_xact_lock_shared_${key}`] = transactionLock(false, false);
  functions[`pg_advisory_unlock_${key}`] = unlock(true);
  functions[`pg_advisory_unlock_shared_${key}`] = unlock(false);
}

export const advisoryFunctions: FunctionFamily = contextFunctions(functions);
