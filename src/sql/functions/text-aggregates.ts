/** string_agg of text and bytea. The state is a list of pieces, changed in place; the first delimiter is never used. */
import { type FunctionFamily, plainFunctions } from './registry.js';

class TextPieces {
  text = '';
  started = false;
}

class BytePieces {
  readonly pieces: Uint8Array[] = [];
}

function addText(state: TextPieces | null, value: string | null, delimiter: string | null): TextPieces | null {
  if (value === null) return state;
  const pieces = state ?? new TextPieces();
  if (pieces.started && delimiter !== null) pieces.text += delimiter;
  pieces.started = true;
  pieces.text += value;
  return pieces;
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
  string_agg_finalfn: (state: TextPieces | null) => (state === null ? null : state.text),
  bytea_string_agg_transfn: addBytes,
  bytea_string_agg_finalfn: (state: BytePieces | null) => (state === null ? null : Buffer.concat(state.pieces)),
});
