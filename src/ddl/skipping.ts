/** IF EXISTS and IF NOT EXISTS: what would be an error becomes a notice, and the command does nothing. */
import type { RangeVar } from '@pgsql/types';
import type { RelationDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { TableLockMode } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { missingRelation, tryOpenRelation } from './relation-names.js';

/** Throws `error`, or tells under IF EXISTS (`missingOk`) that the command is skipped. */
export function skipMissing(cx: DdlContext, missingOk: boolean | undefined, error: SqlError): undefined {
  if (missingOk !== true) throw error;
  cx.notice('NOTICE', `${error.message}, skipping`);
}

/** Throws `error`, or tells under IF NOT EXISTS that the command is skipped; this notice has the error's code. */
export function skipExisting(cx: DdlContext, ifNotExists: boolean | undefined, error: SqlError): void {
  if (ifNotExists !== true) throw error;
  cx.notice('NOTICE', `${error.message}, skipping`, { code: error.code });
}

/** Whether the name of a new relation is taken and the command is skipped. @throws SqlError 42P07 without IF NOT EXISTS */
export function existsAlready(
  cx: DdlContext,
  name: string,
  namespace: number,
  ifNotExists: boolean | undefined,
): boolean {
  if (cx.view().relationByName(name, namespace) === undefined) return false;
  skipExisting(cx, ifNotExists, sqlError('duplicate_table', `relation "${name}" already exists`));
  return true;
}

/** Finds and locks a relation; undefined when it is missing and the command is skipped. @throws SqlError 42P01 */
export function* openOrSkip(
  cx: DdlContext,
  range: RangeVar,
  mode: TableLockMode,
  missingOk: boolean | undefined,
): Task<RelationDesc | undefined> {
  const relation = yield* tryOpenRelation(cx, range, mode);
  return relation ?? skipMissing(cx, missingOk, missingRelation(cx, { ...range, location: undefined }));
}
