/** PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED. */
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import { notInBlock } from './statement-rules.js';

/** Returns the command tag: outside of a block, or in a failed one, it is a ROLLBACK. */
export function* prepareTransaction(session: Session, gid: string): Task<string> {
  const { block, db, identity } = session;
  if (!block.inBlock) {
    session.notice('WARNING', 'there is no transaction in progress', {}, '25P01');
    yield* block.rollback();
    return 'ROLLBACK';
  }
  const prepared = yield* block.prepare(
    (transaction) => checkPreparable(session, transaction),
    (transaction) =>
      db.store.twoPhase.prepare(transaction, {
        gid,
        owner: identity.currentRole,
        preparedAt: currentTimestamp(),
        limit: db.cluster.options.maxPreparedTransactions,
      }),
  );
  return prepared ? 'PREPARE TRANSACTION' : 'ROLLBACK';
}

/** @throws SqlError 0A000 for what belongs to the session and cannot wait for a second phase */
function checkPreparable(session: Session, transaction: Transaction): void {
  if (session.portals.hasHoldable) throw notPreparable('created a cursor WITH HOLD');
  if (session.temporaries.touchedIn(transaction) || locksTemporary(session, transaction))
    throw notPreparable('operated on temporary objects');
  if (session.environment.notifications.pending) throw notPreparable('executed LISTEN, UNLISTEN, or NOTIFY');
  if (transaction.hasExportedSnapshots) throw notPreparable('exported snapshots');
}

function notPreparable(what: string): SqlError {
  return sqlError('feature_not_supported', `cannot PREPARE a transaction that has ${what}`);
}

/** Whatever touches a table locks it. One that the transaction has dropped is still there for everybody else. */
function locksTemporary(session: Session, transaction: Transaction): boolean {
  if (session.environment.searchPathSetting.temporary === 0) return false;
  const { catalog } = session.environment;
  const tables = transaction.lockedTables();
  const isTemporary = (view: typeof catalog): boolean =>
    tables.some((table) => view.relation(table)?.persistence === 't');
  return isTemporary(catalog) || session.db.withView(isTemporary);
}

/** Before a rollback to a savepoint, which frees locks: that the transaction has touched something temporary stays true. */
export function rememberTemporaries(session: Session): void {
  const transaction = session.block.current;
  if (transaction?.state === 'active' && locksTemporary(session, transaction)) session.temporaries.touched(transaction);
}

/** COMMIT PREPARED, ROLLBACK PREPARED. @throws SqlError 25001, 42704, 55000, 42501 */
export function* finishPrepared(session: Session, gid: string, how: 'COMMIT' | 'ROLLBACK'): Task<string> {
  const { block, db, identity } = session;
  const command = `${how} PREPARED`;
  if (block.inAnyBlock) throw notInBlock(command);
  const taken = db.store.twoPhase.take(gid);
  if ((taken.database || db.store.homeDatabase) !== db.oid) {
    taken.letGo();
    throw sqlError('feature_not_supported', 'prepared transaction belongs to another database', {
      hint: 'Connect to the database where the transaction was prepared to finish it.',
    });
  }
  if (identity.currentRole !== taken.owner && !identity.superuser) {
    taken.letGo();
    throw sqlError('insufficient_privilege', 'permission denied to finish prepared transaction', {
      hint: 'Must be superuser or the user that prepared the transaction.',
    });
  }
  yield* how === 'COMMIT' ? taken.commit() : taken.rollback();
  return command;
}
