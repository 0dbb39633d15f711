/** Access control lists as columns of system tables hold them. */
import { type AclItem, decodeAclItem, encodeAclItem } from '../../types/acl/acl-item.js';
import { type Datum, PgArray } from '../../types/datum.js';
import { ACLITEM } from '../../types/oids.js';

/** The list of a column of type aclitem[]; null: it has never been changed. */
export function aclOf(datum: Datum): readonly AclItem[] | null {
  return datum instanceof PgArray ? datum.elements.map((item) => decodeAclItem(String(item))) : null;
}

export function aclDatum(acl: readonly AclItem[]): PgArray {
  return PgArray.of(ACLITEM, acl.map(encodeAclItem));
}
