/** Finds the function for a DDL or maintenance statement. Everything it changes belongs to the transaction. */

import type { Node } from '@pgsql/types';
import type { Task } from '../util/task.js';
import { alterDatabaseStatement, refreshCollationVersion } from './alter-database.js';
import { alterFunctionStatement } from './alter-function.js';
import { alterOwnerStatement, alterSchemaStatement } from './alter-object.js';
import { alterTableStatement } from './alter-table.js';
import { alterCollationStatement } from './collation.js';
import { commentStatement } from './comment.js';
import { createCastStatement } from './create-cast.js';
import { createFunctionStatement } from './create-function.js';
import { createIndexStatement } from './create-index.js';
import { createRangeStatement } from './create-range.js';
import { createSchemaStatement } from './create-schema.js';
import { createStatisticsStatement } from './create-statistics.js';
import { createTableStatement } from './create-table.js';
import { createTableAsStatement, selectInto } from './create-table-as.js';
import { createTriggerStatement } from './create-trigger.js';
import { alterEnumStatement, createCompositeStatement, createEnumStatement } from './create-type.js';
import { createViewStatement } from './create-view.js';
import { refuseOtherDatabases } from './cross-database.js';
import { createDatabaseStatement, dropDatabaseStatement } from './database.js';
import type { DdlContext } from './ddl-context.js';
import { alterDefaultPrivileges } from './default-privileges.js';
import { defineStatement } from './define.js';
import { alterDomainStatement, createDomainStatement } from './domain.js';
import { dropStatement } from './drop.js';
import { alterExtensionStatement, createExtensionStatement } from './extension.js';
import { grantStatement } from './grant.js';
import { lockStatement } from './lock-table.js';
import { clusterStatement, reindexStatement, setConstraintsStatement } from './maintenance.js';
import { dropOwnedStatement, reassignOwnedStatement } from './owned.js';
import { refreshStatement } from './refresh.js';
import { renameStatement } from './rename.js';
import { alterRoleStatement, createRoleStatement, dropRoleStatement, grantRoleStatement } from './role.js';
import { alterSequenceStatement, createSequenceStatement } from './sequence.js';
import { alterStatisticsStatement } from './statistics-object.js';
import { truncateStatement } from './truncate-table.js';
import { vacuumStatement } from './vacuum.js';

/**
 * Runs the statement. Returns its command tag (`CREATE TABLE`, `SELECT 5` for CREATE TABLE AS); null for kinds of
 * statements that are not known here. A SelectStmt is taken when it has INTO.
 */
export function* runDdl(cx: DdlContext, node: Node): Task<string | null> {
  refuseOtherDatabases(cx, node);
  return (yield* runCreation(cx, node)) ?? (yield* runChange(cx, node)) ?? (yield* runMaintenance(cx, node));
}

function* runCreation(cx: DdlContext, node: Node): Task<string | null> {
  if ('CreateStmt' in node) return yield* createTableStatement(cx, node.CreateStmt);
  if ('CreateTableAsStmt' in node) return yield* createTableAsStatement(cx, node.CreateTableAsStmt);
  if ('SelectStmt' in node) {
    const into = selectInto(node.SelectStmt);
    return into === null ? null : yield* createTableAsStatement(cx, into);
  }
  if ('IndexStmt' in node) return yield* createIndexStatement(cx, node.IndexStmt);
  if ('ViewStmt' in node) return yield* createViewStatement(cx, node.ViewStmt);
  if ('CreateSeqStmt' in node) return yield* createSequenceStatement(cx, node.CreateSeqStmt);
  if ('CreateSchemaStmt' in node) {
    return yield* createSchemaStatement(cx, node.CreateSchemaStmt, (element) => runDdl(cx, element));
  }
  if ('CreateEnumStmt' in node) return yield* createEnumStatement(cx, node.CreateEnumStmt);
  if ('CompositeTypeStmt' in node) return yield* createCompositeStatement(cx, node.CompositeTypeStmt);
  if ('CreateRangeStmt' in node) return yield* createRangeStatement(cx, node.CreateRangeStmt);
  if ('AlterCollationStmt' in node) return yield* alterCollationStatement(cx, node.AlterCollationStmt);
  if ('CreateTrigStmt' in node) return yield* createTriggerStatement(cx, node.CreateTrigStmt);
  if ('DefineStmt' in node) return yield* defineStatement(cx, node.DefineStmt);
  if ('CreateCastStmt' in node) return yield* createCastStatement(cx, node.CreateCastStmt);
  if ('CreateStatsStmt' in node) return yield* createStatisticsStatement(cx, node.CreateStatsStmt);
  if ('CreateDomainStmt' in node) return yield* createDomainStatement(cx, node.CreateDomainStmt);
  if ('CreateFunctionStmt' in node) return yield* createFunctionStatement(cx, node.CreateFunctionStmt);
  if ('CreateRoleStmt' in node) return yield* createRoleStatement(cx, node.CreateRoleStmt);
  if ('CreateExtensionStmt' in node) return yield* createExtensionStatement(cx, node.CreateExtensionStmt);
  if ('CreatedbStmt' in node) return yield* createDatabaseStatement(cx, node.CreatedbStmt);
  return null;
}

function* runChange(cx: DdlContext, node: Node): Task<string | null> {
  if ('AlterTableStmt' in node) return yield* alterTableStatement(cx, node.AlterTableStmt);
  if ('RenameStmt' in node) return yield* renameStatement(cx, node.RenameStmt);
  if ('AlterExtensionStmt' in node) return alterExtensionStatement(cx, node.AlterExtensionStmt);
  if ('AlterObjectSchemaStmt' in node) return yield* alterSchemaStatement(cx, node.AlterObjectSchemaStmt);
  if ('AlterOwnerStmt' in node) return yield* alterOwnerStatement(cx, node.AlterOwnerStmt);
  if ('AlterSeqStmt' in node) return yield* alterSequenceStatement(cx, node.AlterSeqStmt);
  if ('AlterFunctionStmt' in node) return yield* alterFunctionStatement(cx, node.AlterFunctionStmt);
  if ('AlterEnumStmt' in node) return yield* alterEnumStatement(cx, node.AlterEnumStmt);
  if ('AlterStatsStmt' in node) return yield* alterStatisticsStatement(cx, node.AlterStatsStmt);
  if ('AlterDomainStmt' in node) return yield* alterDomainStatement(cx, node.AlterDomainStmt);
  if ('AlterRoleStmt' in node) return yield* alterRoleStatement(cx, node.AlterRoleStmt);
  if ('AlterDatabaseStmt' in node) return yield* alterDatabaseStatement(cx, node.AlterDatabaseStmt);
  if ('AlterDatabaseRefreshCollStmt' in node)
    return refreshCollationVersion(cx, node.AlterDatabaseRefreshCollStmt.dbname ?? '');
  if ('DropStmt' in node) return yield* dropStatement(cx, node.DropStmt);
  if ('DropRoleStmt' in node) return yield* dropRoleStatement(cx, node.DropRoleStmt);
  if ('DropdbStmt' in node) return yield* dropDatabaseStatement(cx, node.DropdbStmt);
  return null;
}

function* runMaintenance(cx: DdlContext, node: Node): Task<string | null> {
  if ('TruncateStmt' in node) return yield* truncateStatement(cx, node.TruncateStmt);
  if ('CommentStmt' in node) return yield* commentStatement(cx, node.CommentStmt);
  if ('GrantRoleStmt' in node) return yield* grantRoleStatement(cx, node.GrantRoleStmt);
  if ('AlterDefaultPrivilegesStmt' in node) return yield* alterDefaultPrivileges(cx, node.AlterDefaultPrivilegesStmt);
  if ('DropOwnedStmt' in node) return yield* dropOwnedStatement(cx, node.DropOwnedStmt);
  if ('ReassignOwnedStmt' in node) return yield* reassignOwnedStatement(cx, node.ReassignOwnedStmt);
  if ('GrantStmt' in node) return yield* grantStatement(cx, node.GrantStmt);
  if ('VacuumStmt' in node) return yield* vacuumStatement(cx, node.VacuumStmt);
  if ('ClusterStmt' in node) return yield* clusterStatement(cx, node.ClusterStmt);
  if ('ReindexStmt' in node) return yield* reindexStatement(cx, node.ReindexStmt);
  if ('LockStmt' in node) return yield* lockStatement(cx, node.LockStmt);
  if ('ConstraintsSetStmt' in node) return yield* setConstraintsStatement(cx, node.ConstraintsSetStmt);
  if ('RefreshMatViewStmt' in node) return yield* refreshStatement(cx, node.RefreshMatViewStmt);
  return null;
}
