/**
 * What the server has to know about the values of one type. A codec is stateless and shared; whatever depends on
 * settings or catalogs comes with the `TypeContext`.
 */
import type { ByteWriter } from '../util/byte-writer.js';
import type { Task } from '../util/task.js';
import type { Datum } from './datum.js';
import type { TypeContext } from './type-context.js';

/** A canonical value for hashing: two values are equal by the type's `=` exactly when their group keys are `===`. */
export type GroupKey = string | number | bigint | boolean;

/** `parse` and `format` as tasks, for values that are large enough. */
export interface SlowText<T> {
  /** From this length on a text is parsed in slices: UTF-16 units. */
  readonly longText: number;
  parse(text: string, cx: TypeContext): Task<T>;
  isLarge(value: T): boolean;
  /** Only for large values. */
  format(value: T, cx: TypeContext): Task<string>;
}

/**
 * `T` is the in-memory form given in datum.ts. Methods (not function properties), so that a codec of a narrower
 * `T` fits where `TypeCodec` is expected. No method ever sees NULL.
 */
export interface TypeCodec<T = Datum> {
  /** The type's text input function. Throws 22P02 and the like. `typmod` is -1 when there is none; a given one is applied as the input function of PostgreSQL does. */
  parse(text: string, cx: TypeContext, typmod: number): T;
  /** The type's text output function. */
  format(value: T, cx: TypeContext): string;
  /** Binary input (`typreceive`): exactly the bytes `start` to `end`. Throws 22P03 or 08P01 on malformed input. */
  receive(bytes: Buffer, start: number, end: number, cx: TypeContext, typmod: number): T;
  /** Binary output (`typsend`), without the length word. */
  send(value: T, out: ByteWriter, cx: TypeContext): void;
  /** Order of the default btree operator class: negative, zero or positive. */
  compare(a: T, b: T): number;
  /** See `GroupKey`. */
  groupKey(value: T): GroupKey;
  /**
   * Bytes whose order (as unsigned bytes) is `compare`'s, as a string of characters below U+0100, and
   * self-delimiting: no encoding is a prefix of another, so that the keys of several columns can be joined.
   * Values that `compare` as equal have the same key. See encoding/FORMAT.md.
   */
  encodeKey(value: T): string;
  /** Where `parse` and `format` may take long. */
  readonly slow?: SlowText<T>;
}
