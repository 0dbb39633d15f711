/**
 * Where a statement may stand: inside or outside of a transaction block, in a read-only transaction. Asked before
 * statements that are not planned run; planned ones ask `checkReadOnly` of run-planned.ts.
 */
import type { Node } from '@pgsql/types';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { commandTag } from './command-tag.js';
import type { Session } from './session.js';

/** The error of a statement that must not be inside a block. */
export function notInBlock(command: string): SqlError {
  return sqlError('active_sql_transaction', `${command} cannot run inside a transaction block`);
}

/** @throws SqlError 25001 for statements that have to be on their own */
export function checkBlock(session: Session, node: Node): void {
  if (!session.keepsTransaction) return;
  const command = commandOnItsOwn(node);
  if (command === null) return;
  if (session.block.inAnyBlock) throw notInBlock(command);
  throw sqlError('active_sql_transaction', `${command} cannot be executed from a function`);
}

function commandOnItsOwn(node: Node): string | null {
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd ? 'VACUUM' : null;
  if ('ClusterStmt' in node) return node.ClusterStmt.relation === undefined ? 'CLUSTER' : null;
  if ('IndexStmt' in node) return node.IndexStmt.concurrent ? 'CREATE INDEX CONCURRENTLY' : null;
  if ('DropStmt' in node) return node.DropStmt.concurrent ? 'DROP INDEX CONCURRENTLY' : null;
  if ('DiscardStmt' in node) return node.DiscardStmt.target === 'DISCARD_ALL' ? 'DISCARD ALL' : null;
  if ('AlterDatabaseStmt' in node)
    return movesDatabase(node.AlterDatabaseStmt) ? 'ALTER DATABASE SET TABLESPACE' : null;
  if ('ReindexStmt' in node) return reindexOnItsOwn(node.ReindexStmt);
  if (
    'CreatedbStmt' in node ||
    'DropdbStmt' in node ||
    'AlterSystemStmt' in node ||
    'CreateTableSpaceStmt' in node ||
    'DropTableSpaceStmt' in node
  )
    return commandTag(node);
  return null;
}

function movesDatabase({ options }: Extract<Node, { AlterDatabaseStmt: unknown }>['AlterDatabaseStmt']): boolean {
  return options?.length === 1 && options.some((node) => 'DefElem' in node && node.DefElem.defname === 'tablespace');
}

function reindexOnItsOwn(statement: Extract<Node, { ReindexStmt: unknown }>['ReindexStmt']): string | null {
  const concurrent = statement.params?.some((node) => 'DefElem' in node && node.DefElem.defname === 'concurrently');
  if (concurrent) return 'REINDEX CONCURRENTLY';
  switch (statement.kind) {
    case 'REINDEX_OBJECT_SCHEMA':
      return 'REINDEX SCHEMA';
    case 'REINDEX_OBJECT_SYSTEM':
      return 'REINDEX SYSTEM';
    case 'REINDEX_OBJECT_DATABASE':
      return 'REINDEX DATABASE';
    default:
      return null;
  }
}

/** Other than by their names, nodes of statements that change the database. */
const CHANGES =
  /^(Create|Alter|Drop|Define|Rename|Grant|Comment|SecLabel|Index|View|Rule|Composite|Truncate|Refresh|Import|Reassign)/;

/** @throws SqlError 25006 for a statement that would write in a read-only transaction */
export function checkWrites(session: Session, node: Node): void {
  if (!session.block.ensure().readOnly) return;
  const writes = 'SelectStmt' in node || (CHANGES.test(Object.keys(node)[0]) && !('AlterSystemStmt' in node));
  if (writes) throw readOnlyError(commandTag(node));
}

export function readOnlyError(command: string): SqlError {
  return sqlError('read_only_sql_transaction', `cannot execute ${command} in a read-only transaction`);
}

/** Statements that take no snapshot, so that SET TRANSACTION may follow them. */
const WITHOUT_SNAPSHOT =
  /^(Transaction|VariableSet|VariableShow|ConstraintsSet|Lock|Listen|Unlisten|Notify|CheckPoint|Fetch|ClosePortal|Discard|Deallocate)/;

export function takesSnapshot(node: Node): boolean {
  return !WITHOUT_SNAPSHOT.test(Object.keys(node)[0]);
}

/** For SET LOCAL and the like, which have no effect outside of a block. */
export function warnOutsideBlock(session: Session, what: string): void {
  if (session.keepsTransaction) return;
  session.notice('WARNING', `${what} can only be used in transaction blocks`, {}, '25P01');
}
