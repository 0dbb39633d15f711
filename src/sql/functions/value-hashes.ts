/**
 * Hashes of values as PostgreSQL computes them, 32 bits (`seed` null) or 64 bits with a seed. Equal values of a type have
 * equal hashes. Results are unsigned; the SQL functions give them as signed integers.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Interval } from '../../types/datetime/interval.js';
import type { TimeTz } from '../../types/datetime/timetz.js';
import { type Datum, PgArray, PgRecord } from '../../types/datum.js';
import { JSON_NULL, JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import type { Inet } from '../../types/network/inet.js';
import { Numeric } from '../../types/numeric/numeric.js';
import * as oids from '../../types/oids.js';
import { type Multirange, type Range, rangeFlags } from '../../types/range/range.js';
import { hashBytes, hashBytesSeeded, hashWord, hashWordSeeded } from '../../util/lookup3.js';
import type { CallContext } from './registry.js';

export type Seed = bigint | null;

const MASK32 = 0xffffffffn;
const MASK64 = 0xffffffffffffffffn;

const mask = (seed: Seed): bigint => (seed === null ? MASK32 : MASK64);

function ofBytes(bytes: Uint8Array, seed: Seed): bigint {
  return seed === null ? BigInt(hashBytes(bytes)) : hashBytesSeeded(bytes, seed);
}

export function hashInt4(value: number, seed: Seed): bigint {
  return seed === null ? BigInt(hashWord(value)) : hashWordSeeded(value, seed);
}

/** Small values have the hash of the int4. */
export function hashInt8(value: number | bigint, seed: Seed): bigint {
  const wide = BigInt(value);
  const low = Number(BigInt.asUintN(32, wide));
  const high = Number(BigInt.asUintN(32, wide >> 32n));
  return hashInt4(low ^ (wide >= 0n ? high : ~high), seed);
}

export function hashFloat(value: number, seed: Seed): bigint {
  if (value === 0) return seed ?? 0n;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return ofBytes(bytes, seed);
}

export function hashText(value: string, seed: Seed): bigint {
  return ofBytes(Buffer.from(value, 'utf8'), seed);
}

export function hashHex(hex: string, seed: Seed): bigint {
  return ofBytes(Buffer.from(hex.replaceAll(/[:-]/g, ''), 'hex'), seed);
}

export function hashInet(value: Inet, seed: Seed): bigint {
  const address = value.address.toString(16).padStart(value.width / 4, '0');
  const head = Buffer.from([value.family === 4 ? 2 : 3, value.bits]);
  return ofBytes(Buffer.concat([head, Buffer.from(address, 'hex')]), seed);
}

/** Digits to base 10,000 without zeros at either end, and the place of the first one. */
export function hashNumeric(value: Numeric, seed: Seed): bigint {
  const { coefficient, scale } = value;
  if (typeof coefficient === 'number' && !Number.isFinite(coefficient)) return seed ?? 0n;
  const magnitude = BigInt(coefficient) < 0n ? -BigInt(coefficient) : BigInt(coefficient);
  if (magnitude === 0n) return (seed === null ? -1n : seed - 1n) & mask(seed);
  const padding = (4 - (scale % 4)) % 4;
  let digits = (magnitude * 10n ** BigInt(padding)).toString();
  digits = digits.padStart(Math.ceil(digits.length / 4) * 4, '0');
  const groups = digits.match(/\d{4}/g)?.map(Number) ?? [];
  const weight = groups.length - 1 - (scale + padding) / 4;
  let end = groups.length;
  while (groups[end - 1] === 0) end--;
  const bytes = Buffer.alloc(end * 2);
  for (let i = 0; i < end; i++) bytes.writeUInt16LE(groups[i], i * 2);
  return (ofBytes(bytes, seed) ^ (BigInt(weight) & mask(seed))) & mask(seed);
}

export function hashTimeTz(value: TimeTz, seed: Seed): bigint {
  return hashInt8(value.microseconds, seed) ^ hashInt4(value.zone, seed);
}

const DAY = 86_400_000_000n;

export function hashInterval(value: Interval, seed: Seed): bigint {
  const days = BigInt(value.months) * 30n + BigInt(value.days);
  return hashInt8(BigInt.asIntN(64, days * DAY + BigInt(value.microseconds)), seed);
}

/** `(block,offset)` */
export function hashTid(text: string, seed: Seed): bigint {
  const [block, offset] = text.replaceAll(/[()]/g, '').split(',').map(Number);
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16LE(block >>> 16, 0);
  bytes.writeUInt16LE(block & 0xffff, 2);
  bytes.writeUInt16LE(offset, 4);
  return ofBytes(bytes, seed);
}

function rotateOne(value: bigint, seed: Seed): bigint {
  if (seed !== null) {
    // Both halves by themselves.
    return (rotateOne(value >> 32n, null) << 32n) | rotateOne(value & MASK32, null);
  }
  return ((value << 1n) | (value >> 31n)) & MASK32;
}

export function hashJsonb(node: JsonbNode, seed: Seed): bigint {
  const root = node instanceof JsonbArray || node instanceof JsonbObject ? node : new JsonbArray([node]);
  return jsonbInto(root, seed, 0n);
}

const ARRAY_FLAG = 0x40000000n;
const OBJECT_FLAG = 0x20000000n;

function jsonbInto(node: JsonbNode, seed: Seed, before: bigint): bigint {
  const flag = (bits: bigint): bigint => (seed === null ? bits : (bits << 32n) | bits);
  if (node instanceof JsonbArray)
    return node.elements.reduce((hash, element) => jsonbInto(element, seed, hash), before ^ flag(ARRAY_FLAG));
  if (node instanceof JsonbObject) {
    return node.keys.reduce(
      (hash, key, i) => jsonbInto(node.values[i], seed, jsonbInto(key, seed, hash)),
      before ^ flag(OBJECT_FLAG),
    );
  }
  return rotateOne(before, seed) ^ hashJsonbScalar(node, seed);
}

function hashJsonbScalar(node: Exclude<JsonbNode, JsonbArray | JsonbObject>, seed: Seed): bigint {
  if (node === JSON_NULL) return ((seed ?? 0n) + 1n) & mask(seed);
  if (typeof node === 'string') return hashText(node, seed);
  if (typeof node === 'boolean') return seed !== null && seed !== 0n ? hashInt4(node ? 1 : 0, seed) : node ? 2n : 4n;
  if (typeof node === 'number') return hashNumeric(new Numeric(node, 0), seed);
  return node instanceof Numeric ? hashNumeric(node, seed) : 0n;
}

/** The method form lets functions of narrower types stand here. */
type Hash = { hash(value: Datum, seed: Seed): bigint }['hash'];

/** Hash functions by the type of the value; what is not here is a container or cannot be hashed. */
const BY_TYPE: ReadonlyMap<number, Hash> = new Map<number, Hash>([
  [oids.BOOL, (value: boolean, seed) => hashInt4(value ? 1 : 0, seed)],
  ...[oids.INT2, oids.INT4, oids.OID, oids.DATE, oids.REGCLASS, oids.REGTYPE].map((type): [number, Hash] => [
    type,
    hashInt4,
  ]),
  ...[oids.INT8, oids.TIME, oids.TIMESTAMP, oids.TIMESTAMPTZ].map((type): [number, Hash] => [type, hashTimestamp]),
  ...[oids.FLOAT4, oids.FLOAT8].map((type): [number, Hash] => [type, hashFloat]),
  ...[oids.TEXT, oids.VARCHAR, oids.NAME].map((type): [number, Hash] => [type, hashText]),
  [oids.BPCHAR, (value: string, seed) => hashText(value.replace(/ +$/, ''), seed)],
  [oids.CHAR, hashChar],
  [oids.BYTEA, ofBytes],
  [oids.NUMERIC, hashNumeric],
  [oids.TIMETZ, hashTimeTz],
  [oids.INTERVAL, hashInterval],
  [oids.UUID, hashHex],
  [oids.INET, hashInet],
  [oids.CIDR, hashInet],
  [oids.MACADDR, hashHex],
  [oids.JSONB, hashJsonb],
  [oids.TID, hashTid],
]);

/** Infinite ones are the ends of int64. */
export function hashTimestamp(value: number | bigint, seed: Seed): bigint {
  if (value === Number.POSITIVE_INFINITY) return hashInt8(0x7fffffffffffffffn, seed);
  if (value === Number.NEGATIVE_INFINITY) return hashInt8(-0x8000000000000000n, seed);
  return hashInt8(value, seed);
}

/** "char" is signed. */
export function hashChar(value: string, seed: Seed): bigint {
  const byte = value === '' ? 0 : Buffer.from(value, 'utf8')[0];
  return hashInt4((byte << 24) >> 24, seed);
}

function noHash(cx: CallContext, type: number): Error {
  const message = `could not identify a hash function for type ${cx.catalog.formatType(type, -1)}`;
  return sqlError('undefined_function', message);
}

/** @throws SqlError 42883 for types without a hash function */
export function hashValue(cx: CallContext, type: number, value: Datum, seed: Seed): bigint {
  const hash = BY_TYPE.get(type);
  if (hash !== undefined) return hash(value, seed);
  if (value instanceof PgArray) return hashArray(cx, value, seed);
  if (value instanceof PgRecord) return hashRecord(cx, value, seed);
  if (typeof value === 'number') return hashInt4(value, seed);
  throw noHash(cx, type);
}

export function hashArray(cx: CallContext, array: PgArray, seed: Seed): bigint {
  return array.elements.reduce<bigint>((hash, element) => {
    const own = element === null ? 0n : hashValue(cx, array.elementType, element, seed);
    return (hash * 31n + own) & mask(seed);
  }, 1n);
}

export function hashRecord(cx: CallContext, record: PgRecord, seed: Seed): bigint {
  return record.values.reduce<bigint>((hash, value, i) => {
    const type = record.fieldTypes[i];
    if (type === oids.UNKNOWN) throw noHash(cx, type);
    const own = value === null ? 0n : hashValue(cx, type, value, seed);
    return (hash * 31n + own) & mask(seed);
  }, 0n);
}

export function hashRange(cx: CallContext, subtype: number, range: Range, seed: Seed): bigint {
  const bound = (value: Datum): bigint => (value === null ? 0n : hashValue(cx, subtype, value, seed));
  const lower = rotateOne(hashInt4(rangeFlags(range), seed) ^ bound(range.empty ? null : range.lower), seed);
  return lower ^ bound(range.empty ? null : range.upper);
}

export function hashMultirange(cx: CallContext, subtype: number, value: Multirange, seed: Seed): bigint {
  return value.ranges.reduce<bigint>(
    (hash, range) => (hash * 31n + hashRange(cx, subtype, range, seed)) & mask(seed),
    1n,
  );
}

/** An oidvector: its words one behind the other. */
export function hashOids(values: readonly number[], seed: Seed): bigint {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, i * 4);
  return ofBytes(bytes, seed);
}
