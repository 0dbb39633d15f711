/** string_agg of text and bytea. The state is a list of pieces, changed in place; the first delimiter is never used. */
import { TextParts } from '../../util/text-parts.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

class BytePieces {
  readonly pieces: Uint8Array[] = [];
}

function addText(state: TextParts | null, value: string | null, delimiter: string | null): TextParts | null {
  if (value === null) return state;
  const parts = state ?? new TextParts();
  if (state !== null && delimiter !== null) parts.add(delimiter);
  parts.add(value);
  return parts;
}

function addBytes(state: BytePieces | null, value: Uint8Array | null, delimiter: Uint8Array | null): BytePieces | null {
  if (value === null) return state;
  const bytes = state ?? new BytePieces();
  if (bytes.pieces.length > 0 && delimiter !== null) bytes.pieces.push(delimiter);
  bytes.pieces.push(value);
  return bytes;
}

export const textAggregates: FunctionFamily = plainFunctions({
  string_agg_transfn: addText,
  string_agg_finalfn: (state: TextParts | null) => (state === null ? null : state.text),
  bytea_string_agg_transfn: addBytes,
  bytea_string_agg_finalfn: (state: BytePieces | null) => (state === null ? null : Buffer.concat(state.pieces)),
});
