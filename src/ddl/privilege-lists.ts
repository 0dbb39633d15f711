/** The privileges that GRANT and REVOKE list, as bits: of the objects as a whole, and of some of their columns. */
import type { Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { PRIVILEGE, type PrivilegeName } from '../types/acl/acl-item.js';

export interface ColumnPrivileges {
  readonly columns: readonly string[];
  /** 0: all that a column can have. */
  readonly privileges: number;
}

export interface PrivilegeList {
  /** 0 when only columns are meant, or all privileges. */
  readonly privileges: number;
  /** GRANT ALL. */
  readonly all: boolean;
  readonly columns: readonly ColumnPrivileges[];
}

/** `valid`: what the kind of object can have. @throws SqlError 42601, 0LP01 */
export function privilegeList(
  nodes: readonly Node[] | undefined,
  valid: number,
  word: string,
  onColumns: boolean,
): PrivilegeList {
  let privileges = 0;
  const columns: ColumnPrivileges[] = [];
  for (const node of nodes ?? []) {
    if (!('AccessPriv' in node)) continue;
    const { priv_name, cols } = node.AccessPriv;
    const bit = priv_name === undefined ? 0 : privilegeBit(priv_name);
    if (cols !== undefined && cols.length > 0) {
      if (!onColumns) throw sqlError('invalid_grant_operation', 'column privileges are only valid for relations');
      columns.push({ columns: nameParts(cols), privileges: bit });
      continue;
    }
    refusePrivileges(bit & ~valid, word);
    privileges |= bit;
  }
  return { privileges, all: nodes === undefined || nodes.length === 0, columns };
}

/** @throws SqlError 0LP01 when any bit is left that the kind of object cannot have */
export function refusePrivileges(bits: number, word: string): void {
  if (bits === 0) return;
  throw sqlError('invalid_grant_operation', `invalid privilege type ${nameOfBit(bits)} for ${word}`);
}

function privilegeBit(word: string): number {
  const name = word.toUpperCase();
  if (name === 'TEMP') return PRIVILEGE.TEMPORARY;
  if (isPrivilege(name)) return PRIVILEGE[name];
  throw sqlError('syntax_error', `unrecognized privilege type "${word}"`);
}

function isPrivilege(name: string): name is PrivilegeName {
  return Object.hasOwn(PRIVILEGE, name);
}

/** The privilege of the lowest bit. */
function nameOfBit(bits: number): string {
  const lowest = bits & -bits;
  return Object.entries(PRIVILEGE).find(([, bit]) => bit === lowest)?.[0] ?? '';
}
