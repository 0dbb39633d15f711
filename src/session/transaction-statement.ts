/** BEGIN, COMMIT, ROLLBACK, savepoints; two-phase commit is in two-phase-statement.ts. */
import type { TransactionStmt } from '@pgsql/types';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { Session } from './session.js';
import { applyModes } from './transaction-modes.js';
import { finishPrepared, prepareTransaction } from './two-phase-statement.js';

/** Whether the statement is one for `beginTransaction`, which waits for nothing. */
export function isBegin({ kind }: TransactionStmt): boolean {
  return kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START';
}

/** Returns the command tag. */
export function beginTransaction(session: Session, { kind, options }: TransactionStmt): string {
  const { block } = session;
  const began = block.begin();
  if (!began) session.notice('WARNING', 'there is already a transaction in progress', {}, '25001');
  try {
    applyModes(session.settings, options ?? []);
  } catch (error) {
    if (began) block.rollbackNow();
    throw error;
  }
  return kind === 'TRANS_STMT_BEGIN' ? 'BEGIN' : 'START TRANSACTION';
}

export function* runTransaction(session: Session, statement: TransactionStmt): Task<string> {
  const { block } = session;
  switch (statement.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return beginTransaction(session, statement);
    case 'TRANS_STMT_COMMIT': {
      if (!block.inBlock) {
        if (statement.chain)
          throw sqlError('no_active_sql_transaction', 'COMMIT AND CHAIN can only be used in transaction blocks');
        session.notice('WARNING', 'there is no transaction in progress', {}, '25P01');
      }
      const modes = block.modes();
      const committed = yield* block.commit();
      if (statement.chain) block.chain(modes);
      return committed ? 'COMMIT' : 'ROLLBACK';
    }
    case 'TRANS_STMT_ROLLBACK': {
      if (!block.inBlock) {
        if (statement.chain)
          throw sqlError('no_active_sql_transaction', 'ROLLBACK AND CHAIN can only be used in transaction blocks');
        session.notice('WARNING', 'there is no transaction in progress', {}, '25P01');
      }
      const modes = block.modes();
      yield* block.rollback();
      if (statement.chain) block.chain(modes);
      return 'ROLLBACK';
    }
    case 'TRANS_STMT_SAVEPOINT':
      yield* block.savepoint(statement.savepoint_name ?? '');
      return 'SAVEPOINT';
    case 'TRANS_STMT_RELEASE':
      block.release(statement.savepoint_name ?? '');
      return 'RELEASE';
    case 'TRANS_STMT_ROLLBACK_TO':
      yield* block.rollbackTo(statement.savepoint_name ?? '');
      return 'ROLLBACK';
    case 'TRANS_STMT_PREPARE':
      return yield* prepareTransaction(session, statement.gid ?? '');
    case 'TRANS_STMT_COMMIT_PREPARED':
      return yield* finishPrepared(session, statement.gid ?? '', 'COMMIT');
    case 'TRANS_STMT_ROLLBACK_PREPARED':
      return yield* finishPrepared(session, statement.gid ?? '', 'ROLLBACK');
    default:
      throw notSupported(`the transaction statement ${statement.kind}`);
  }
}
