/** Functions over access control lists: defaults of each kind of object, items, and their parts (documentation, 5.7). */

import type { Acl } from '../../catalog/acl/acl.js';
import { heldOptions, heldPrivileges } from '../../catalog/acl/acl.js';
import { aclKindOf, defaultAcl } from '../../catalog/acl/privileges.js';
import { aclDatum } from '../../catalog/acl/stored-acl.js';
import { sqlError } from '../../errors/sql-error.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from '../../sql/functions/registry.js';
import { decodeAclItem, encodeAclItem, PRIVILEGE } from '../../types/acl/acl-item.js';
import type { PgArray, Row } from '../../types/datum.js';

function aclDefault(letter: string, owner: number): PgArray {
  const kind = aclKindOf(letter);
  if (kind === undefined) throw sqlError('internal_error', `unrecognized objtype abbreviation: ${letter}`);
  return aclDatum(defaultAcl(kind, owner));
}

function aclOfArray(array: PgArray): Acl {
  if (array.dims.length > 1) throw sqlError('invalid_parameter_value', 'ACL arrays must be one-dimensional');
  return array.elements.map((item) => {
    if (item === null) throw sqlError('null_value_not_allowed', 'ACL arrays must not contain null values');
    return decodeAclItem(String(item));
  });
}

/** One row a privilege, in the order of their bits. */
function* explode(array: PgArray): Iterable<Row> {
  for (const { grantor, grantee, privileges, options } of aclOfArray(array))
    for (const [name, bit] of Object.entries(PRIVILEGE))
      if ((privileges & bit) !== 0) yield [grantor, grantee, name, (options & bit) !== 0];
}

function makeAclItem(grantee: number, grantor: number, privilege: string, option: boolean): string {
  const name = privilege.toUpperCase();
  const bit = name === 'TEMP' ? PRIVILEGE.TEMPORARY : Object.entries(PRIVILEGE).find(([known]) => known === name)?.[1];
  if (bit === undefined) throw sqlError('invalid_parameter_value', `unrecognized privilege type: "${privilege}"`);
  return encodeAclItem({ grantee, grantor, privileges: bit, options: option ? bit : 0 });
}

/** Whether the grantee has all of the item's privileges and options from its grantor. */
function contains(array: PgArray, datum: string): boolean {
  const { grantee, grantor, privileges, options } = decodeAclItem(datum);
  return aclOfArray(array).some(
    (item) =>
      item.grantee === grantee &&
      item.grantor === grantor &&
      heldPrivileges([item], new Set([grantee]), privileges) === privileges &&
      heldOptions([item], new Set([grantee]), -1, options) === options,
  );
}

function noLonger(name: string): () => never {
  return () => {
    throw sqlError('feature_not_supported', `${name} is no longer supported`);
  };
}

export const aclFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    acldefault_sql: (kind: string, owner: number) => aclDefault(kind, owner),
    makeaclitem: makeAclItem,
    aclcontains: contains,
    aclitem_eq: (a: string, b: string) => a === b,
    aclinsert: noLonger('aclinsert'),
    aclremove: noLonger('aclremove'),
  }),
  setFunctions({
    *pg_options_to_table(_cx, options: PgArray): Iterable<Row> {
      for (const item of options.elements) {
        const text = String(item);
        const at = text.indexOf('=');
        yield at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
      }
    },
    // Tables are not partitioned: a relation is its own root and has no tree above or below it.
    *pg_partition_ancestors(): Iterable<Row> {},
    *pg_partition_tree(): Iterable<Row> {},
    *pg_tablespace_databases(): Iterable<Row> {},
    *pg_get_publication_tables(): Iterable<Row> {},
    *pg_get_replication_slots(): Iterable<Row> {},
    aclexplode: (_cx, acl: PgArray) => explode(acl),
  }),
);
