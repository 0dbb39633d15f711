/** ALTER DATABASE … SET, ALTER ROLE … [IN DATABASE …] SET: settings with which sessions begin. */
import type { AlterDatabaseSetStmt, AlterRoleSetStmt, VariableSetStmt } from '@pgsql/types';
import { requiredDatabase } from '../catalog/ddl/databases.js';
import { changeStoredSetting, removeStoredSettings, type SettingScope } from '../catalog/ddl/stored-settings.js';
import { ownedDatabase } from '../ddl/alter-database.js';
import type { DdlContext } from '../ddl/ddl-context.js';
import { roleOid } from '../ddl/role-names.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { makeDdlContext } from './ddl-environment.js';
import type { Session } from './session.js';
import { valueText } from './set-statement.js';

export function* alterDatabaseSettings(session: Session, text: string, statement: AlterDatabaseSetStmt): Task<string> {
  const cx = makeDdlContext(session, text);
  const database = ownedDatabase(cx, statement.dbname ?? '').number('oid');
  yield* change(session, cx, { database, role: 0 }, statement.setstmt ?? {});
  return 'ALTER DATABASE';
}

export function* alterRoleSettings(session: Session, text: string, statement: AlterRoleSetStmt): Task<string> {
  const cx = makeDdlContext(session, text);
  const role = statement.role === undefined ? 0 : roleOid(cx, statement.role);
  if (role !== 0) checkMayAlter(cx, role);
  const { database: name } = statement;
  const isNamed = name !== undefined && name !== '';
  const database = isNamed ? requiredDatabase(cx.writer, name).number('oid') : 0;
  if (role === 0) checkMayAlterAll(cx, isNamed ? name : null);
  yield* change(session, cx, { database, role }, statement.setstmt ?? {});
  return 'ALTER ROLE';
}

/** @throws SqlError 42501 */
function checkMayAlter(cx: DdlContext, role: number): void {
  const own = cx.view().role(cx.role);
  if (own?.superuser === true) return;
  if (cx.view().role(role)?.superuser === true)
    throw sqlError('insufficient_privilege', 'must be superuser to alter superusers');
  if (own?.createRole !== true && role !== cx.role) throw sqlError('insufficient_privilege', 'permission denied');
}

/** @throws SqlError 42501 */
function checkMayAlterAll(cx: DdlContext, database: string | null): void {
  if (database !== null) ownedDatabase(cx, database);
  else if (cx.view().role(cx.role)?.superuser !== true)
    throw sqlError('insufficient_privilege', 'must be superuser to alter settings globally');
}

function* change(session: Session, cx: DdlContext, scope: SettingScope, statement: VariableSetStmt): Task<void> {
  const name = statement.name ?? '';
  switch (statement.kind) {
    case 'VAR_SET_VALUE': {
      const value = valueText(name, statement.args ?? []);
      yield* changeStoredSetting(cx.writer, scope, checkedName(session, name, value), value);
      return;
    }
    case 'VAR_SET_CURRENT': {
      const value = session.settings.show(name);
      yield* changeStoredSetting(cx.writer, scope, checkedName(session, name, value), value);
      return;
    }
    case 'VAR_RESET':
    case 'VAR_SET_DEFAULT':
      yield* changeStoredSetting(cx.writer, scope, name, null);
      return;
    case 'VAR_RESET_ALL':
      yield* removeStoredSettings(cx.writer, scope);
      return;
    default:
      throw notSupported(`SET ${name} for roles and databases`);
  }
}

/** The name as it is spelled. That a role does not exist is no error: it may, by the time of the session. */
function checkedName(session: Session, name: string, value: string): string {
  if (name === 'role' && value !== 'none') {
    if (session.environment.catalog.roleByName(value) === undefined)
      session.notice('NOTICE', `role "${value}" does not exist`);
    return name;
  }
  return session.settings.validate(name, value);
}
