/**
 * The CONTEXT of errors that come from a row of a table: what the statement was doing with it while it waited for
 * another transaction.
 */
import { SqlError } from '../errors/sql-error.js';
import type { RowId } from '../storage/api.js';
import { rowPosition } from '../storage/lock-tag.js';
import { endedTransactionWait } from '../storage/lock-wait.js';

export type RowAction = 'updating' | 'deleting' | 'locking' | 'inserting index';

/** Adds to the context of an error that has ended the wait for another transaction; any other error stays as it is. */
export function inRowContext(error: unknown, action: RowAction, rowId: RowId, relation: string): unknown {
  if (!endedTransactionWait(error) || !(error instanceof SqlError)) return error;
  const { page, line } = rowPosition(rowId);
  return addContext(error, `while ${action} tuple (${page},${line}) in relation "${relation}"`);
}

/** Adds a line to the context of an error. */
export function addContext(error: unknown, line: string): unknown {
  if (!(error instanceof SqlError)) return error;
  const { where } = error.fields;
  error.fields = { ...error.fields, where: where === undefined ? line : `${where}\n${line}` };
  return error;
}
