/** COMMIT and ROLLBACK in procedures and DO blocks that no transaction block surrounds. */
import { sqlError } from '../../errors/sql-error.js';
import type { TransactionStatement } from '../../sql/plpgsql/syntax.js';
import type { Task } from '../../util/task.js';
import { type Code, type Frame, NEXT, type Step } from './frame.js';

export function transactionStep({ kind, chain, line }: TransactionStatement): Step {
  return { line, what: kind.toUpperCase(), run: (frame) => end(frame, kind, chain) };
}

/** @throws SqlError 2D000, and what the commit throws */
function* end(frame: Frame, kind: TransactionStatement['kind'], chain: boolean): Task<Code> {
  const { runtime } = frame.fn;
  const { block } = runtime.session;
  if (!frame.nonAtomic) throw sqlError('invalid_transaction_termination', 'invalid transaction termination');
  if (runtime.frames.some((caller) => caller.subtransactions > 0)) {
    const what = kind === 'commit' ? 'commit' : 'roll back';
    const message = `cannot ${what} while a subtransaction is active`;
    throw sqlError('invalid_transaction_termination', message);
  }
  yield* runtime.holdScans();
  const modes = block.modes();
  if (kind === 'commit') yield* block.commit();
  else yield* block.rollback();
  block.ensure();
  if (chain) block.resume(modes);
  runtime.begin();
  runtime.refresh();
  return NEXT;
}
