/** The codecs of this family's built-in types, by pg_type.typname. */
import { int2vectorCodec, oidvectorCodec } from '../array/vector-codec.js';
import { regCodecs } from '../reg/reg-codec.js';
import type { TypeCodec } from '../type-codec.js';
import { jsonbCodec, jsonCodec } from './jsonb-codec.js';
import { jsonPathCodec } from './jsonpath-codec.js';

export const containerCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['json', jsonCodec],
  ['jsonb', jsonbCodec],
  ['jsonpath', jsonPathCodec],
  ['int2vector', int2vectorCodec],
  ['oidvector', oidvectorCodec],
  ...regCodecs,
]);
