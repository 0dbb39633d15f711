/** ALTER DATABASE: its options, name, owner and tablespace. Its settings are with those of roles (stored-settings.ts). */
import type { AlterDatabaseStmt } from '@pgsql/types';
import { notOwner } from '../catalog/acl/access-errors.js';
import { withOwner } from '../catalog/acl/acl.js';
import { aclDatum, aclOf } from '../catalog/acl/stored-acl.js';
import type { CatalogEntry, ColumnValues } from '../catalog/catalog-writer.js';
import { changeDatabaseOwner, databaseRow, refuseTakenName, requiredDatabase } from '../catalog/ddl/databases.js';
import { actsAs, isMemberOf } from '../catalog/role-membership.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { awaitUsers, checkTablespace, mayCreate } from './database.js';
import { DatabaseOptions } from './database-options.js';
import type { DdlContext } from './ddl-context.js';

/** The row of a database that the current role may change. @throws SqlError 3D000, 42501 */
export function ownedDatabase(cx: DdlContext, name: string): CatalogEntry {
  const row = requiredDatabase(cx.writer, name);
  if (!actsAs(cx.view(), cx.role, row.number('datdba'))) throw notOwner('database', name);
  return row;
}

export function* alterDatabaseStatement(cx: DdlContext, statement: AlterDatabaseStmt): Task<string> {
  const name = statement.dbname ?? '';
  const options = DatabaseOptions.ofAlter(cx, statement.options);
  const isTemplate = options.boolean('is_template');
  const allowConnections = options.boolean('allow_connections');
  const connectionLimit = options.connectionLimit();
  const tablespace = options.text('tablespace');
  if (tablespace !== undefined) {
    if (options.size > 1) throw options.alone('tablespace');
    moveDatabase(cx, name, tablespace);
    return 'ALTER DATABASE';
  }
  const row = ownedDatabase(cx, name);
  if (allowConnections === false && row.number('oid') === cx.databases.current)
    throw sqlError('invalid_parameter_value', 'cannot disallow connections for current database');
  const values: ColumnValues = {
    ...(isTemplate === undefined ? {} : { datistemplate: isTemplate }),
    ...(allowConnections === undefined ? {} : { datallowconn: allowConnections }),
    ...(connectionLimit === undefined ? {} : { datconnlimit: connectionLimit }),
  };
  if (Object.keys(values).length > 0) yield* cx.writer.update(row, values);
  return 'ALTER DATABASE';
}

/** There is one tablespace for databases: a move never moves anything. */
function moveDatabase(cx: DdlContext, name: string, tablespace: string): void {
  const row = ownedDatabase(cx, name);
  if (row.number('oid') === cx.databases.current)
    throw sqlError('object_in_use', 'cannot change the tablespace of the currently open database');
  checkTablespace(cx, tablespace);
}

export function refreshCollationVersion(cx: DdlContext, name: string): string {
  ownedDatabase(cx, name);
  cx.notice('NOTICE', 'version has not changed');
  return 'ALTER DATABASE';
}

export function* renameDatabase(cx: DdlContext, name: string, to: string): Task<string> {
  const { writer, databases } = cx;
  const found = databaseRow(writer, name);
  // Whoever is about to come in finds it under one name or the other.
  if (found !== undefined && found.number('oid') !== databases.current)
    yield* databases.reserve(found.number('oid'), true);
  const row = ownedDatabase(cx, name);
  if (!mayCreate(cx)) throw sqlError('insufficient_privilege', 'permission denied to rename database');
  refuseTakenName(writer, to);
  if (row.number('oid') === databases.current)
    throw sqlError('feature_not_supported', 'current database cannot be renamed');
  yield* awaitUsers(cx, row.number('oid'), `database "${name}"`);
  yield* writer.update(row, { datname: to });
  return 'ALTER DATABASE';
}

export function* ownDatabase(cx: DdlContext, name: string, owner: number): Task<string> {
  const row = requiredDatabase(cx.writer, name);
  const before = row.number('datdba');
  if (before === owner) return 'ALTER DATABASE';
  ownedDatabase(cx, name);
  const view = cx.view();
  if (!isMemberOf(view, cx.role, owner))
    throw sqlError('insufficient_privilege', `must be member of role "${view.role(owner)?.name}"`);
  if (!mayCreate(cx)) throw sqlError('insufficient_privilege', 'permission denied to change owner of database');
  const acl = aclOf(row.datum('datacl'));
  yield* changeDatabaseOwner(cx.writer, row, owner, acl === null ? null : aclDatum(withOwner(acl, before, owner)));
  return 'ALTER DATABASE';
}
