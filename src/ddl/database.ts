/** CREATE DATABASE and DROP DATABASE. Neither runs in a block: the statement's transaction is its own. */
import type { CreatedbStmt, DropdbStmt } from '@pgsql/types';
import { notOwner } from '../catalog/acl/access-errors.js';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { copyDatabase } from '../catalog/copy-database.js';
import { copyOwners, databaseRow, insertDatabase, refuseTakenName, removeDatabase } from '../catalog/ddl/databases.js';
import { UTF8_ENCODING } from '../catalog/encodings.js';
import { TEMPLATE0 } from '../catalog/known-oids.js';
import { actsAs, isMemberOf } from '../catalog/role-membership.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { checkedLocale, checkTemplateFits, DatabaseOptions, encodingText } from './database-options.js';
import type { DdlContext } from './ddl-context.js';
import { defElems } from './option-values.js';
import { roleOid } from './role-names.js';
import { skipMissing } from './skipping.js';

/** How often, and after how many milliseconds, it is looked whether others have left. */
const ATTEMPTS = 50;
const ATTEMPT_MS = 100;

export function* createDatabaseStatement(cx: DdlContext, statement: CreatedbStmt): Task<string> {
  const { writer } = cx;
  const name = statement.dbname ?? '';
  const options = DatabaseOptions.ofCreate(cx, statement.options);
  const encoding = options.encoding();
  options.checkProvider();
  const allowConnections = options.boolean('allow_connections') ?? true;
  const isTemplate = options.boolean('is_template') ?? false;
  const connectionLimit = options.connectionLimit() ?? -1;
  const ownerName = options.text('owner');
  const owner = ownerName === undefined ? cx.role : roleOid(cx, { roletype: 'ROLESPEC_CSTRING', rolename: ownerName });
  checkMayCreate(cx, owner);

  const template = yield* reserveTemplate(cx, options.text('template') ?? 'template1');
  options.checkStrategy();
  const { collate, ctype } = checkedLocales(options, template, encoding);
  checkTablespace(cx, options.text('tablespace'));
  refuseTakenName(writer, name);
  const oid = newOid(cx, options.oid());
  yield* awaitUsers(cx, template.number('oid'), `source database "${template.text('datname')}"`);

  yield* insertDatabase(writer, { oid, name, owner, collate, ctype, isTemplate, allowConnections, connectionLimit });
  yield* copyContents(cx, template.number('oid'), oid);
  cx.log('created database', { database: name, oid });
  return 'CREATE DATABASE';
}

/** A template that has nothing of its own makes a database that has nothing of its own yet. */
function* copyContents(cx: DdlContext, template: number, database: number): Task<void> {
  const { databases, transaction, writer } = cx;
  if (!databases.isUsed(template)) return;
  const source = yield* databases.load(template);
  yield* copyDatabase(source, transaction, databases.createStorages(transaction, database));
  yield* copyOwners(writer, template, database);
}

/** @throws SqlError 42501 */
function checkMayCreate(cx: DdlContext, owner: number): void {
  if (!mayCreate(cx)) throw sqlError('insufficient_privilege', 'permission denied to create database');
  if (!isMemberOf(cx.view(), cx.role, owner))
    throw sqlError('insufficient_privilege', `must be member of role "${cx.view().role(owner)?.name}"`);
}

/** Whether the current role may make databases. */
export function mayCreate(cx: DdlContext): boolean {
  const role = cx.view().role(cx.role);
  return role !== undefined && (role.superuser || role.createDb);
}

/** @throws SqlError 3D000, 42501 */
function* reserveTemplate(cx: DdlContext, name: string): Task<CatalogEntry> {
  const missing = (): never => {
    throw sqlError('undefined_database', `template database "${name}" does not exist`);
  };
  const found = databaseRow(cx.writer, name) ?? missing();
  yield* cx.databases.reserve(found.number('oid'), false);
  // Whoever had it for himself before may have dropped it.
  const row = databaseRow(cx.writer, name) ?? missing();
  if (!row.boolean('datistemplate') && !actsAs(cx.view(), cx.role, row.number('datdba')))
    throw sqlError('insufficient_privilege', `permission denied to copy database "${name}"`);
  return row;
}

function checkedLocales(
  options: DatabaseOptions,
  template: CatalogEntry,
  encoding: number | undefined,
): { readonly collate: string; readonly ctype: string } {
  const templateEncoding = template.number('encoding');
  const locale = options.text('locale');
  const collate = checkedLocale(options.text('lc_collate') ?? locale ?? template.text('datcollate'));
  const ctype = checkedLocale(options.text('lc_ctype') ?? locale ?? template.text('datctype'));
  if (options.text('icu_locale') !== undefined) {
    throw sqlError('invalid_object_definition', 'ICU locale cannot be specified unless locale provider is ICU');
  }
  if (template.number('oid') !== TEMPLATE0) {
    checkTemplateFits('encoding', encodingText(encoding ?? templateEncoding), encodingText(templateEncoding));
    checkTemplateFits('collation', collate, template.text('datcollate'));
    checkTemplateFits('LC_CTYPE', ctype, template.text('datctype'));
  } else if (encoding !== undefined && encoding !== UTF8_ENCODING)
    throw notSupported(`a database with the encoding ${encodingText(encoding)}`);
  return { collate, ctype };
}

/** @throws SqlError 42704, 22023 */
export function checkTablespace(cx: DdlContext, name: string | undefined): void {
  if (name === undefined) return;
  if (cx.writer.findOne('pg_tablespace_spcname_index', [name]) === undefined)
    throw sqlError('undefined_object', `tablespace "${name}" does not exist`);
  if (name === 'pg_global') throw sqlError('invalid_parameter_value', 'pg_global cannot be used as default tablespace');
}

/** @throws SqlError 22023 when the OID that is asked for is in use */
function newOid(cx: DdlContext, wanted: number | undefined): number {
  const userOf = (oid: number): CatalogEntry | undefined => cx.writer.findOne('pg_database_oid_index', [oid]);
  if (wanted !== undefined) {
    const user = userOf(wanted);
    if (user === undefined) return wanted;
    throw sqlError(
      'invalid_parameter_value',
      `database OID ${wanted} is already in use by database "${user.text('datname')}"`,
    );
  }
  let oid = cx.writer.allocateOid();
  while (userOf(oid) !== undefined) oid = cx.writer.allocateOid();
  return oid;
}

/** Waits some seconds for others to leave. @throws SqlError 55006 when they stay */
export function* awaitUsers(cx: DdlContext, database: number, what: string): Task<void> {
  const { databases } = cx;
  for (let attempt = 0; ; attempt++) {
    const { sessions, prepared } = databases.users(database);
    if (sessions + prepared === 0) return;
    if (attempt === ATTEMPTS) {
      throw sqlError('object_in_use', `${what} is being accessed by other users`, {
        detail: usersDetail(sessions, prepared),
      });
    }
    yield* databases.pause(ATTEMPT_MS);
  }
}

function usersDetail(sessions: number, prepared: number): string {
  if (sessions > 0 && prepared > 0)
    return `There are ${sessions} other session(s) and ${prepared} prepared transaction(s) using the database.`;
  const [count, what] = sessions > 0 ? [sessions, 'other session'] : [prepared, 'prepared transaction'];
  return count === 1 ? `There is 1 ${what} using the database.` : `There are ${count} ${what}s using the database.`;
}

export function* dropDatabaseStatement(cx: DdlContext, statement: DropdbStmt): Task<string> {
  const { writer, databases, transaction } = cx;
  const name = statement.dbname ?? '';
  const found = databaseRow(writer, name);
  const isForced = defElems(statement.options).some(({ defname }) => defname === 'force');
  const missing = sqlError('undefined_database', `database "${name}" does not exist`);
  if (found !== undefined && found.number('oid') !== databases.current)
    yield* databases.reserve(found.number('oid'), true);
  const row = found === undefined ? undefined : databaseRow(writer, name);
  if (row === undefined) {
    skipMissing(cx, statement.missing_ok, missing);
    return 'DROP DATABASE';
  }
  const oid = row.number('oid');
  if (!actsAs(cx.view(), cx.role, row.number('datdba'))) throw notOwner('database', name);
  if (row.boolean('datistemplate')) throw sqlError('wrong_object_type', 'cannot drop a template database');
  if (oid === databases.current) throw sqlError('object_in_use', 'cannot drop the currently open database');
  if (isForced) endUsers(cx, oid, name);
  yield* awaitUsers(cx, oid, `database "${name}"`);

  yield* databases.dropStorages(transaction, oid);
  yield* removeDatabase(writer, row);
  databases.unload(oid);
  cx.log('dropped database', { database: name, oid });
  return 'DROP DATABASE';
}

/** WITH (FORCE). @throws SqlError 55006 */
function endUsers(cx: DdlContext, database: number, name: string): void {
  const { prepared } = cx.databases.users(database);
  if (prepared > 0) {
    throw sqlError('object_in_use', `database "${name}" is being used by prepared transactions`, {
      detail: usersDetail(0, prepared),
    });
  }
  cx.databases.terminateUsers(database);
}
