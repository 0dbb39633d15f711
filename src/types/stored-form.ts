/**
 * How values that are objects are written into rows (see encoding/FORMAT.md). Each family of types exports the
 * stored forms of its classes; encoding/ collects them. A tag, once released, never changes its meaning.
 *
 * | tag   | value                                  | tag   | value                                   |
 * |-------|----------------------------------------|-------|-----------------------------------------|
 * | 0     | NULL                                   | 16    | Numeric                                 |
 * | 1, 2  | false, true                            | 17    | Interval                                |
 * | 3     | safe integer, zigzag varint            | 18    | TimeTz                                  |
 * | 4     | float64                                | 19    | JSON_NULL                               |
 * | 5     | bigint, 8 bytes                        | 20    | JsonbArray                              |
 * | 6     | string, UTF-8 with length              | 21    | JsonbObject                             |
 * | 7     | Uint8Array with length                 | 22    | BitString                               |
 * | 8     | PgArray                                | 23    | Inet                                    |
 * | 9     | PgRecord                               | 24    | Range                                   |
 * |       |                                        | 25    | Multirange                              |
 */
import type { ByteWriter } from '../util/byte-writer.js';
import type { Datum } from './datum.js';

/** Writes and reads any datum, for values that contain others. */
export interface DatumCodec {
  write(value: Datum, out: ByteWriter): void;
  /** Reads one datum at `cursor.position` and moves it behind. Throws a corruption error past `cursor.end`. */
  read(cursor: ByteCursor): Datum;
}

export interface ByteCursor {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;
}

export interface StoredForm<T extends object = object> {
  readonly tag: number;
  /** The class of the values. */
  readonly type: abstract new (
    ...args: never[]
  ) => T;
  write(value: T, out: ByteWriter, datums: DatumCodec): void;
  read(cursor: ByteCursor, datums: DatumCodec): T;
}
