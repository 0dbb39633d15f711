/** BEGIN, COMMIT, ROLLBACK, savepoints. */
import type { Node, TransactionStmt } from '@pgsql/types';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { Session } from './session.js';

export function* runTransaction(session: Session, statement: TransactionStmt): Task<string> {
  const { block } = session;
  switch (statement.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START': {
      if (!block.begin()) session.notice('WARNING', 'there is already a transaction in progress', {}, '25001');
      applyTransactionModes(session, statement.options ?? []);
      return statement.kind === 'TRANS_STMT_BEGIN' ? 'BEGIN' : 'START TRANSACTION';
    }
    case 'TRANS_STMT_COMMIT': {
      if (!block.inBlock) {
        if (statement.chain)
          throw sqlError('no_active_sql_transaction', 'COMMIT AND CHAIN can only be used in transaction blocks');
        session.notice('WARNING', 'there is no transaction in progress', {}, '25P01');
      }
      const modes = currentModes(session);
      const committed = yield* block.commit();
      if (statement.chain) chain(session, modes);
      return committed ? 'COMMIT' : 'ROLLBACK';
    }
    case 'TRANS_STMT_ROLLBACK': {
      if (!block.inBlock) {
        if (statement.chain)
          throw sqlError('no_active_sql_transaction', 'ROLLBACK AND CHAIN can only be used in transaction blocks');
        session.notice('WARNING', 'there is no transaction in progress', {}, '25P01');
      }
      const modes = currentModes(session);
      block.rollback();
      if (statement.chain) chain(session, modes);
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
      if (!block.failed) throw notSupported('two-phase commit');
      block.rollback();
      return 'ROLLBACK';
    default:
      throw notSupported('two-phase commit');
  }
}

interface Modes {
  readonly isolation: string;
  readonly readOnly: boolean;
}

function currentModes(session: Session): Modes {
  const transaction = session.block.ensure();
  return { isolation: transaction.isolation, readOnly: transaction.readOnly };
}

function chain(session: Session, modes: Modes): void {
  session.block.begin();
  session.block.setIsolation(modes.isolation);
  session.block.ensure().readOnly = modes.readOnly;
}

/** ISOLATION LEVEL, READ ONLY, DEFERRABLE of BEGIN and SET TRANSACTION. */
export function applyTransactionModes(session: Session, options: readonly Node[]): void {
  for (const node of options) {
    if (!('DefElem' in node)) continue;
    const argument = node.DefElem.arg;
    const constant = argument !== undefined && 'A_Const' in argument ? argument.A_Const : undefined;
    switch (node.DefElem.defname) {
      case 'transaction_isolation':
        session.block.setIsolation(constant?.sval?.sval ?? '');
        break;
      case 'transaction_read_only':
        session.block.ensure().readOnly = constant?.ival?.ival === 1;
        break;
      case 'transaction_deferrable':
        break;
    }
  }
}
