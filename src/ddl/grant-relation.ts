/** GRANT and REVOKE on one relation: on the whole, on columns that are named, and REVOKE on the whole from its columns. */
import { columnPermissionDenied, permissionDenied } from '../catalog/acl/access-errors.js';
import { readObjectAcl } from '../catalog/acl/object-acls.js';
import { ACL_KINDS } from '../catalog/acl/privileges.js';
import { changePrivileges, type PrivilegeChange } from '../catalog/ddl/change-privileges.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { SQLSTATE } from '../errors/sqlstate.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Task } from '../util/task.js';
import { changeSurroundings } from './change-surroundings.js';
import type { DdlContext } from './ddl-context.js';
import { type ColumnPrivileges, refusePrivileges } from './privilege-lists.js';
import { relationNow } from './relation-names.js';

/** `kind`: 's' when the statement speaks of sequences. @throws SqlError 42809, 42703, 0LP01, 42501, 2BP01 */
export function* changeRelationPrivileges(
  cx: DdlContext,
  oid: number,
  kind: 'r' | 's',
  change: PrivilegeChange,
  columns: readonly ColumnPrivileges[],
): Task<void> {
  const relation = relationNow(cx, oid);
  checkKind(relation, kind);
  const whole = wholePrivileges(cx, relation, kind, change, columns.length > 0);
  const ofColumns = columnPrivileges(cx, relation, change, whole, columns);
  const acl = readObjectAcl(cx.writer, relation.kind === 'S' ? 's' : 'r', oid);
  if (acl === undefined) throw new Error(`relation ${oid} is gone`);
  if (whole !== 0) {
    const word = relation.kind === 'S' ? 'sequence' : 'table';
    const surroundings = changeSurroundings(cx, () => permissionDenied(word, relation.name));
    yield* changePrivileges(surroundings, acl, { ...change, privileges: whole });
  }
  for (const [number, privileges] of ofColumns) {
    const column = readObjectAcl(cx.writer, 'c', oid, number);
    if (column === undefined) continue;
    const surroundings = changeSurroundings(cx, () => columnPermissionDenied(column.name, relation.name));
    yield* changePrivileges(surroundings, { ...column, owner: acl.owner }, { ...change, privileges }, acl.acl);
  }
}

function checkKind(relation: RelationDesc, kind: 'r' | 's'): void {
  const refuse = (what: string): Error => sqlError('wrong_object_type', `"${relation.name}" is ${what}`);
  if (relation.kind === 'i' || relation.kind === 'I') throw refuse('an index');
  if (relation.kind === 'c') throw refuse('a composite type');
  if (kind === 's' && relation.kind !== 'S') throw refuse('not a sequence');
}

/** The bits that the statement means for the relation as a whole. */
function wholePrivileges(
  cx: DdlContext,
  relation: RelationDesc,
  kind: 'r' | 's',
  change: PrivilegeChange,
  hasColumns: boolean,
): number {
  const isSequence = relation.kind === 'S';
  if (change.all && !hasColumns) return isSequence ? ACL_KINDS.s.all : ACL_KINDS.r.all;
  if (kind !== 'r') return change.privileges;
  if (!isSequence) {
    refusePrivileges(change.privileges & ~ACL_KINDS.r.all, 'table');
    return change.privileges;
  }
  if ((change.privileges & ~ACL_KINDS.s.all) !== 0) warnSequence(cx, relation, 'USAGE, SELECT, and UPDATE privileges');
  return change.privileges & ACL_KINDS.s.all;
}

function warnSequence(cx: DdlContext, relation: RelationDesc, what: string): void {
  cx.notice('WARNING', `sequence "${relation.name}" only supports ${what}`, {
    code: SQLSTATE.invalid_grant_operation,
  });
}

/** Bits by column number, in the order of the columns. */
function columnPrivileges(
  cx: DdlContext,
  relation: RelationDesc,
  change: PrivilegeChange,
  whole: number,
  columns: readonly ColumnPrivileges[],
): [number, number][] {
  const bits = new Map<number, number>();
  const add = (number: number, privileges: number): void => {
    bits.set(number, (bits.get(number) ?? 0) | privileges);
  };
  // REVOKE on the whole takes from every column too.
  const revoked = change.isGrant ? 0 : whole & ACL_KINDS.c.all;
  if (revoked !== 0)
    for (const column of cx.writer.find('pg_attribute_relid_attnum_index', [relation.oid]))
      if (!column.boolean('attisdropped')) add(column.number('attnum'), revoked);
  for (const { columns: names, privileges } of columns) {
    const wanted = columnBits(cx, relation, privileges);
    for (const name of names) add(columnNumber(cx, relation, name), wanted);
  }
  return [...bits].filter(([, privileges]) => privileges !== 0).sort(([a], [b]) => a - b);
}

function columnBits(cx: DdlContext, relation: RelationDesc, privileges: number): number {
  if (privileges === 0) return ACL_KINDS.c.all;
  refusePrivileges(privileges & ~ACL_KINDS.c.all, 'column');
  if (relation.kind !== 'S' || (privileges & ~PRIVILEGE.SELECT) === 0) return privileges;
  warnSequence(cx, relation, 'SELECT column privileges');
  return privileges & PRIVILEGE.SELECT;
}

function columnNumber(cx: DdlContext, relation: RelationDesc, name: string): number {
  const found = cx.writer.findOne('pg_attribute_relid_attnam_index', [relation.oid, name]);
  if (found !== undefined && !found.boolean('attisdropped')) return found.number('attnum');
  throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
}
