/** Finds the function for a DDL or maintenance statement. Everything it changes belongs to the transaction. */
import type { Node } from '@pgsql/types';
import type { Task } from '../util/task.js';
import { createIndexStatement } from './create-index.js';
import { createSchemaStatement } from './create-schema.js';
import { createTableStatement } from './create-table.js';
import type { DdlContext } from './ddl-context.js';
import { dropStatement } from './drop.js';
import { alterSequenceStatement, createSequenceStatement } from './sequence.js';
import { truncateStatement } from './truncate-table.js';

/**
 * Runs the statement. Returns its command tag (`CREATE TABLE`, `SELECT 5` for CREATE TABLE AS); null for kinds of
 * statements that are not known here.
 */
export function* runDdl(cx: DdlContext, node: Node): Task<string | null> {
  if ('CreateStmt' in node) return yield* createTableStatement(cx, node.CreateStmt);
  if ('IndexStmt' in node) return yield* createIndexStatement(cx, node.IndexStmt);
  if ('DropStmt' in node) return yield* dropStatement(cx, node.DropStmt);
  if ('CreateSeqStmt' in node) return yield* createSequenceStatement(cx, node.CreateSeqStmt);
  if ('AlterSeqStmt' in node) return yield* alterSequenceStatement(cx, node.AlterSeqStmt);
  if ('CreateSchemaStmt' in node) {
    return yield* createSchemaStatement(cx, node.CreateSchemaStmt, (element) => runDdl(cx, element));
  }
  if ('TruncateStmt' in node) return yield* truncateStatement(cx, node.TruncateStmt);
  return null;
}
