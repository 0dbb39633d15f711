/** Access control lists: the defaults of each kind of object, and their parts (documentation, 5.7). */

import { sqlError } from '../../errors/sql-error.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  setFunctions,
} from '../../sql/functions/registry.js';
import { PgArray, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { sessionOf } from './session-of.js';

/** By the letter that acldefault takes: what PUBLIC and what the owner may do. */
const DEFAULTS: Record<string, { everybody: string; owner: string }> = {
  c: { everybody: '', owner: '' },
  r: { everybody: '', owner: 'arwdDxt' },
  s: { everybody: '', owner: 'rwU' },
  d: { everybody: 'Tc', owner: 'CTc' },
  f: { everybody: 'X', owner: 'X' },
  l: { everybody: 'U', owner: 'U' },
  L: { everybody: '', owner: 'rw' },
  n: { everybody: '', owner: 'UC' },
  p: { everybody: '', owner: 'sA' },
  t: { everybody: '', owner: 'C' },
  F: { everybody: '', owner: 'U' },
  S: { everybody: '', owner: 'U' },
  T: { everybody: 'U', owner: 'U' },
};

const PRIVILEGES: Record<string, string> = {
  a: 'INSERT',
  r: 'SELECT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
  X: 'EXECUTE',
  U: 'USAGE',
  C: 'CREATE',
  T: 'TEMPORARY',
  c: 'CONNECT',
  s: 'SET',
  A: 'ALTER SYSTEM',
};

function aclDefault(cx: CallContext, kind: string, owner: number): PgArray {
  const known = DEFAULTS[kind];
  if (known === undefined) throw sqlError('internal_error', `unrecognized object type abbreviation: ${kind}`);
  const name = sessionOf(cx).catalog.role(owner)?.name ?? String(owner);
  const items: string[] = [];
  if (known.everybody !== '') items.push(`=${known.everybody}/${name}`);
  if (known.owner !== '') items.push(`${name}=${known.owner}/${name}`);
  return PgArray.of(oid.ACLITEM, items);
}

/** `grantee=privileges/grantor`; a star behind a letter is the grant option. */
function* explode(cx: CallContext, acl: PgArray): Iterable<Row> {
  const { catalog } = sessionOf(cx);
  const roleOf = (name: string): number => (name === '' ? 0 : (catalog.roleByName(name)?.oid ?? 0));
  for (const item of acl.elements) {
    const match = /^(.*)=([^=/]*)\/(.*)$/.exec(String(item));
    if (match === null)
      throw sqlError('invalid_text_representation', `invalid access control list item "${String(item)}"`);
    for (const [, letter, star] of match[2].matchAll(/([a-zA-Z])(\*?)/g)) {
      yield [roleOf(match[3]), roleOf(match[1]), PRIVILEGES[letter] ?? letter, star === '*'];
    }
  }
}

export const aclFunctions: FunctionFamily = joinFamilies(
  contextFunctions({ acldefault_sql: (cx, kind: string, owner: number) => aclDefault(cx, kind, owner) }),
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
    aclexplode: (cx, acl: PgArray) => explode(cx, acl),
  }),
);
