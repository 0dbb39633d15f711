/** The codecs of all built-in types, by pg_type.typname. */
import { bitCodecs } from './bits/bit-codecs.js';
import { datetimeCodecs } from './datetime/datetime-codecs.js';
import { containerCodecs } from './json/container-codecs.js';
import { networkCodecs } from './network/network-codecs.js';
import { numberCodecs } from './numbers/number-codecs.js';
import { numericCodecs } from './numeric/numeric-codec.js';
import { pseudoCodecs } from './pseudo-codecs.js';
import { byteCodecs } from './text/byte-codecs.js';
import { citextCodec } from './text/citext-codec.js';
import { textCodecs } from './text/text-codecs.js';
import type { TypeCodec } from './type-codec.js';

export const builtinCodecs: ReadonlyMap<string, TypeCodec> = new Map([
  ...numberCodecs,
  ...numericCodecs,
  ...textCodecs,
  ...byteCodecs,
  ...containerCodecs,
  ...datetimeCodecs,
  ...bitCodecs,
  ...networkCodecs,
  ...pseudoCodecs,
]);

/** Those of base types that extensions bring. */
export const extensionCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([['citext', citextCodec]]);
