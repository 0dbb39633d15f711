/**
 * Many texts as one value that is quickly sent to another thread: all of them joined, and their lengths. On the other side they
 * are cut out again one at a time, as they are asked for.
 */
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';

const NULL_LENGTH = -1;

/** Texts joined at a time. */
const CHUNK = 4096;

/** An array of the joined texts and their lengths. */
export function packTexts(texts: Iterable<string | null>): PgArray {
  const lengths: number[] = [];
  let joined = '';
  let chunk: string[] = [];
  for (const text of texts) {
    lengths.push(text === null ? NULL_LENGTH : text.length);
    if (text !== null && chunk.push(text) === CHUNK) {
      joined += chunk.join('');
      chunk = [];
    }
  }
  return PgArray.of(oid.TEXT, [joined + chunk.join(''), new Uint8Array(Int32Array.from(lengths).buffer)]);
}

/** What `packTexts` has packed; can be gone through more than once. */
export class PackedTexts implements Iterable<string | null> {
  private readonly joined: string;
  private readonly lengths: Int32Array;

  constructor(packed: Datum) {
    const [joined, bytes] = packed instanceof PgArray ? packed.elements : [];
    if (typeof joined !== 'string' || !(bytes instanceof Uint8Array)) throw new Error('these are no packed texts');
    this.joined = joined;
    // A copy, which begins where numbers may begin.
    this.lengths = new Int32Array(Uint8Array.from(bytes).buffer);
  }

  get length(): number {
    return this.lengths.length;
  }

  *[Symbol.iterator](): Generator<string | null> {
    let at = 0;
    for (const length of this.lengths) {
      if (length === NULL_LENGTH) yield null;
      else {
        yield this.joined.slice(at, at + length);
        at += length;
      }
    }
  }
}
