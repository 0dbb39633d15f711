/** The codecs of character types, by pg_type.typname. */
import type { TypeCodec } from '../type-codec.js';
import { bpcharCodec, charCodec, nameCodec, textCodec, varcharCodec } from './character-codecs.js';

export const textCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['text', textCodec],
  ['varchar', varcharCodec],
  ['bpchar', bpcharCodec],
  ['name', nameCodec],
  ['char', charCodec],
  ['cstring', textCodec],
  ['unknown', textCodec],
]);
