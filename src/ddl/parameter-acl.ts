/** Rows of pg_parameter_acl: there is one for each parameter that somebody may set besides superusers. */
import { type Acl, heldPrivileges } from '../catalog/acl/acl.js';
import { readObjectAcl } from '../catalog/acl/object-acls.js';
import { defaultAcl } from '../catalog/acl/privileges.js';
import { forgetShared } from '../catalog/ddl/shared-dependencies.js';
import { BOOTSTRAP_SUPERUSER, CLASS } from '../catalog/known-oids.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';

const NAME_INDEX = 'pg_parameter_acl_parname_index';

/** The OID of a parameter's row; `create`: makes it, otherwise 0 when there is none. @throws SqlError 42602 */
export function* parameterAcl(cx: DdlContext, name: string, create: boolean): Task<number> {
  const known = cx.writer.findOne(NAME_INDEX, [name]);
  if (known !== undefined) return known.number('oid');
  if (!create) return 0;
  if (cx.exec.session.getSetting(name) === undefined && !/^[a-z_][\w$]*(\.[a-z_][\w$]*)+$/.test(name))
    throw sqlError('invalid_name', `invalid parameter name "${name}"`);
  const oid = cx.writer.allocateOid();
  yield* cx.writer.insert('pg_parameter_acl', { oid, parname: name });
  return oid;
}

/** Removes the row of a parameter that nobody but superusers may set any more. */
export function* forgetDefaultParameter(cx: DdlContext, oid: number): Task<void> {
  const object = readObjectAcl(cx.writer, 'p', oid);
  if (object === undefined || !isDefault(object.acl)) return;
  yield* forgetShared(cx.writer, { classId: CLASS.pg_parameter_acl, objectId: oid, subId: 0 });
  yield* cx.writer.deleteAll('pg_parameter_acl_oid_index', [oid]);
}

function isDefault(acl: Acl): boolean {
  const [own] = defaultAcl('p', BOOTSTRAP_SUPERUSER);
  const held = heldPrivileges(acl, new Set([BOOTSTRAP_SUPERUSER]), own.privileges);
  return acl.length === 1 && acl[0].grantee === BOOTSTRAP_SUPERUSER && held === own.privileges;
}
