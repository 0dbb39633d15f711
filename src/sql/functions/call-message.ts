/** The messages between the thread that serves clients and the threads of long calls (call-worker.ts). */
import type { SentError } from '../../errors/sent-error.js';
import { type Datum, PgArray } from '../../types/datum.js';
import { isJsonbNode } from '../../types/json/jsonb.js';
import { formatJsonb } from '../../types/json/jsonb-format.js';
import { parseJsonb } from '../../types/json/jsonb-parser.js';
import { Numeric } from '../../types/numeric/numeric.js';

/** A datum in a form that can be sent: objects lose their class on the way. */
export type SentDatum =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly bytes: Uint8Array }
  /** The text of jsonb that is no scalar. */
  | { readonly json: string }
  | { readonly coefficient: number | bigint; readonly scale: number }
  | { readonly elementType: number; readonly elements: readonly SentDatum[] };

export interface CallQuestion {
  /** The key of the function in the registry. */
  readonly source: string;
  readonly args: readonly SentDatum[];
}

export type CallAnswer =
  | { readonly value: SentDatum }
  | { readonly error: SentError }
  /** The function has failed in a way that is none of the client's doing. */
  | { readonly fault: string };

/** REQUIRES: text, a number, bytea, numeric, jsonb, or a one-dimensional array of those. */
export function toSent(datum: Datum): SentDatum {
  if (datum === null || typeof datum !== 'object') return datum;
  // A view of a shared buffer would be sent with all of the buffer.
  if (datum instanceof Uint8Array) return { bytes: Uint8Array.from(datum) };
  if (datum instanceof Numeric) return { coefficient: datum.coefficient, scale: datum.scale };
  if (isJsonbNode(datum)) return { json: formatJsonb(datum) };
  if (datum instanceof PgArray && datum.dims.length < 2)
    return { elementType: datum.elementType, elements: datum.elements.map(toSent) };
  throw new Error('a value of this type cannot be sent to another thread');
}

export function fromSent(sent: SentDatum): Datum {
  if (sent === null || typeof sent !== 'object') return sent;
  if ('json' in sent) return parseJsonb(sent.json);
  if ('bytes' in sent) return Buffer.from(sent.bytes.buffer, sent.bytes.byteOffset, sent.bytes.byteLength);
  if ('coefficient' in sent) return new Numeric(sent.coefficient, sent.scale);
  return PgArray.of(sent.elementType, sent.elements.map(fromSent));
}

/** The buffers in a value that `toSent` has made: they can change hands. */
export function buffersOf(values: readonly SentDatum[]): ArrayBuffer[] {
  return values.flatMap((value) =>
    value !== null && typeof value === 'object' && 'bytes' in value && value.bytes.buffer instanceof ArrayBuffer
      ? [value.bytes.buffer]
      : [],
  );
}
