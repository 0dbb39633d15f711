/** The codecs of booleans, numbers (numeric has its own folder) and the system's identifiers, by pg_type.typname. */
import type { TypeCodec } from '../type-codec.js';
import { boolCodec } from './bool-codec.js';
import { float4Codec, float8Codec } from './float-codecs.js';
import { lsnCodec, oidCodec, tidCodec, xid8Codec, xidCodec } from './identifier-codecs.js';
import { int2Codec, int4Codec, int8Codec } from './integer-codecs.js';
import { moneyCodec } from './money-codec.js';
import { snapshotCodec } from './snapshot-codec.js';

export const numberCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['bool', boolCodec],
  ['int2', int2Codec],
  ['int4', int4Codec],
  ['int8', int8Codec],
  ['float4', float4Codec],
  ['float8', float8Codec],
  ['oid', oidCodec],
  ['xid', xidCodec],
  ['cid', xidCodec],
  ['xid8', xid8Codec],
  ['money', moneyCodec],
  ['pg_lsn', lsnCodec],
  ['tid', tidCodec],
  ['pg_snapshot', snapshotCodec],
  ['txid_snapshot', snapshotCodec],
]);
