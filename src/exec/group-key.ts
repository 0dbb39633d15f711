/** Keys for hashing: values that are equal by their type's `=` have the same (`===`, NaN aside) key. */
import type { Datum } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { GroupKey } from '../types/type-codec.js';
import type { TypeContext } from '../types/type-context.js';

export type KeyFunction = (value: Datum) => GroupKey;

/** Types whose datum is its own key in a Map (which takes -0 for 0 and NaN for NaN). */
const OWN_KEY = new Set<number>([
  oid.BOOL,
  oid.INT2,
  oid.INT4,
  oid.INT8,
  oid.OID,
  oid.XID,
  oid.CID,
  oid.FLOAT4,
  oid.FLOAT8,
  oid.TEXT,
  oid.VARCHAR,
  oid.NAME,
  oid.CHAR,
  oid.DATE,
  oid.TIME,
  oid.TIMESTAMP,
  oid.TIMESTAMPTZ,
  oid.UUID,
  oid.REGCLASS,
  oid.REGTYPE,
  oid.REGPROC,
  oid.REGNAMESPACE,
  oid.REGROLE,
  oid.MONEY,
]);

export function isOwnKey(type: number): boolean {
  return OWN_KEY.has(type);
}

/** Whether equal datums of the type are the same in a Map, though perhaps not the other way round. */
export function isPrimitive(type: number): boolean {
  return OWN_KEY.has(type) || type === oid.BPCHAR;
}

export function keyFunction(types: TypeContext, type: number): KeyFunction {
  if (OWN_KEY.has(type)) return (value) => value as GroupKey;
  const codec = types.codec(type);
  return (value) => codec.groupKey(value);
}

/** One key for several; injective, because every part says its length and type. */
export function joinKeys(keys: readonly (GroupKey | null)[]): GroupKey {
  if (keys.length === 1 && keys[0] !== null) return keys[0];
  let joined = '';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key === null) joined += 'n';
    else if (typeof key === 'string') joined += `s${key.length}:${key}`;
    else joined += `${typeof key === 'number' ? 'd' : typeof key === 'bigint' ? 'i' : 'b'}${key};`;
  }
  return joined;
}
