/** hashint4, hashtextextended and the like: hashes of values as hash indexes and hash partitions have them. */
import type { Datum, PgArray, PgRecord } from '../../types/datum.js';
import { normalizeInt8 } from '../../types/datum.js';
import type { Multirange, Range } from '../../types/range/range.js';
import { MultirangeCodec, RangeCodec } from '../../types/range/range-codec.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies } from './registry.js';
import * as hashes from './value-hashes.js';

type Hash = { hash(value: Datum, seed: hashes.Seed, cx: CallContext): bigint }['hash'];

/** The function with 32 bits under `name`, the one with a seed and 64 bits under `extended`. */
function pair(name: string, extended: string, hash: Hash): FunctionFamily {
  return contextFunctions({
    [name]: (cx, value: Datum) => Number(BigInt.asIntN(32, hash(value, null, cx))),
    [extended]: (cx, value: Datum, seed: number | bigint) =>
      normalizeInt8(BigInt.asIntN(64, hash(value, BigInt.asUintN(64, BigInt(seed)), cx))),
  });
}

function subtypeOf(cx: CallContext): number {
  const codec = cx.codec(cx.argTypes[0]);
  if (codec instanceof MultirangeCodec) return codec.range.subtype;
  return codec instanceof RangeCodec ? codec.subtype : 0;
}

const plain = (name: string, hash: Hash): FunctionFamily => pair(name, `${name}extended`, hash);
const underscored = (name: string, hash: Hash): FunctionFamily => pair(name, `${name}_extended`, hash);

export const valueHashFunctions: FunctionFamily = joinFamilies(
  ...['hashint2', 'hashint4', 'hashoid', 'hashenum'].map((name) => plain(name, hashes.hashInt4)),
  plain('hashint8', hashes.hashInt8),
  plain('hashfloat4', hashes.hashFloat),
  plain('hashfloat8', hashes.hashFloat),
  plain('hashtext', hashes.hashText),
  plain('hashname', hashes.hashText),
  plain('hashbpchar', (value: string, seed) => hashes.hashText(value.replace(/ +$/, ''), seed)),
  plain('hashchar', (value: string, seed) => hashes.hashChar(value, seed)),
  plain('hashinet', hashes.hashInet),
  plain('hashmacaddr', hashes.hashHex),
  plain('hashmacaddr8', hashes.hashHex),
  plain('hashtid', hashes.hashTid),
  plain('hashoidvector', (value: PgArray, seed) => hashes.hashOids(value.elements.map(Number), seed)),
  underscored('hash_numeric', hashes.hashNumeric),
  underscored('hash_array', (value: PgArray, seed, cx) => hashes.hashArray(cx, value, seed)),
  underscored('hash_record', (value: PgRecord, seed, cx) => hashes.hashRecord(cx, value, seed)),
  underscored('hash_range', (value: Range, seed, cx) => hashes.hashRange(cx, subtypeOf(cx), value, seed)),
  underscored('hash_multirange', (value: Multirange, seed, cx) =>
    hashes.hashMultirange(cx, subtypeOf(cx), value, seed),
  ),
  underscored('time_hash', hashes.hashInt8),
  underscored('timetz_hash', hashes.hashTimeTz),
  underscored('timestamp_hash', hashes.hashTimestamp),
  underscored('interval_hash', hashes.hashInterval),
  underscored('uuid_hash', hashes.hashHex),
  underscored('jsonb_hash', hashes.hashJsonb),
  underscored('pg_lsn_hash', hashes.hashInt8),
);
