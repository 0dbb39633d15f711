/** BEGIN, COMMIT, ROLLBACK, savepoints. */
import type { TransactionStmt } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { Session } from './session.js';
import { notInBlock } from './statement-rules.js';
import { applyModes } from './transaction-modes.js';

export function* runTransaction(session: Session, statement: TransactionStmt): Task<string> {
  const { block } = session;
  switch (statement.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START': {
      const began = block.begin();
      if (!began) session.notice('WARNING', 'there is already a transaction in progress', {}, '25001');
      try {
        applyModes(session.settings, statement.options ?? []);
      } catch (error) {
        if (began) block.rollback();
        throw error;
      }
      return statement.kind === 'TRANS_STMT_BEGIN' ? 'BEGIN' : 'START TRANSACTION';
    }
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
      block.rollback();
      if (statement.chain) block.chain(modes);
      return 'ROLLBACK';
    }
    case 'TRANS_STMT_SAVEPOINT':
      block.savepoint(statement.savepoint_name ?? '');
      return 'SAVEPOINT';
    case 'TRANS_STMT_RELEASE':
      block.release(statement.savepoint_name ?? '');
      return 'RELEASE';
    case 'TRANS_STMT_ROLLBACK_TO':
      block.rollbackTo(statement.savepoint_name ?? '');
      return 'ROLLBACK';
    case 'TRANS_STMT_PREPARE':
      return prepareTransaction(session);
    default: {
      if (block.inAnyBlock)
        throw notInBlock(statement.kind === 'TRANS_STMT_COMMIT_PREPARED' ? 'COMMIT PREPARED' : 'ROLLBACK PREPARED');
      throw sqlError(
        'undefined_object',
        `prepared transaction with identifier "${statement.gid ?? ''}" does not exist`,
      );
    }
  }
}

/** max_prepared_transactions is 0, so there is never a prepared transaction. */
function prepareTransaction(session: Session): string {
  const { block } = session;
  const inBlock = block.inBlock;
  const failed = block.failed;
  block.rollback();
  if (failed) return 'ROLLBACK';
  if (!inBlock) {
    session.notice('WARNING', 'there is no transaction in progress', {}, '25P01');
    return 'ROLLBACK';
  }
  throw sqlError('object_not_in_prerequisite_state', 'prepared transactions are disabled', {
    hint: 'Set max_prepared_transactions to a nonzero value.',
  });
}
