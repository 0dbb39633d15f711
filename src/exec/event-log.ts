/**
 * Rows that were written, one after the other, for what is to be done about them later. A few are kept as they are; more as bytes, and
 * what is too much for memory goes to a temporary file, which is read again in the same order.
 *
 *     kind, row id, flags, then the old and the new row where there are some
 */
import { readVarint, writeVarint } from '../encoding/datum-codec.js';
import { readSizedRow, writeSizedRow } from '../encoding/sized-row.js';
import type { RowId } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import { ByteWriter } from '../util/byte-writer.js';
import type { Task } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';

/** Events that are kept as they are. */
const FEW = 256;
const CHUNK_BYTES = 64 << 10;
/** Bytes in memory beyond which chunks go to the file. */
const MEMORY_BYTES = 4 << 20;

const HAS_OLD = 1;
const HAS_NEW = 2;

const scratch = new ByteWriter(1024);

export interface LoggedEvent {
  readonly kind: number;
  readonly rowId: RowId;
  readonly old: Row | null;
  readonly row: Row | null;
}

interface Chunk {
  /** The number of the first event in it. */
  readonly first: number;
  /** Null when it is in the file. */
  bytes: Buffer | null;
  length: number;
  position: number;
}

export class EventLog {
  count = 0;
  private few: LoggedEvent[] | null = [];
  private chunks: Chunk[] = [];
  private file: TemporaryFile | null = null;

  /** `makeFile`: gives null where there are no files. `keep`: what is needed of a row. `memoryBytes`: for tests. */
  constructor(
    private readonly makeFile: () => TemporaryFile | null,
    private readonly keep: (row: Row) => Row = (row) => row,
    private readonly memoryBytes = MEMORY_BYTES,
  ) {}

  add(kind: number, rowId: RowId, old: Row | null, row: Row | null): void {
    if (this.few !== null && this.count < FEW) this.few.push({ kind, rowId, old, row });
    else {
      this.pack();
      this.append({ kind, rowId, old, row });
    }
    this.count++;
  }

  private pack(): void {
    const { few } = this;
    if (few === null) return;
    this.few = null;
    this.count = 0;
    for (const event of few) {
      this.append(event);
      this.count++;
    }
  }

  private append({ kind, rowId, old, row }: LoggedEvent): void {
    scratch.reset();
    writeVarint(kind, scratch);
    writeVarint(rowId, scratch);
    scratch.u8((old === null ? 0 : HAS_OLD) | (row === null ? 0 : HAS_NEW));
    if (old !== null) writeSizedRow(this.keep(old), scratch);
    if (row !== null) writeSizedRow(this.keep(row), scratch);
    const { length } = scratch;
    let chunk = this.chunks.at(-1);
    if (chunk === undefined || chunk.bytes === null || chunk.length + length > chunk.bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length));
      chunk = { first: this.count, bytes, length: 0, position: 0 };
      this.chunks.push(chunk);
    }
    scratch.view().copy(chunk.bytes ?? Buffer.alloc(0), chunk.length);
    chunk.length += length;
  }

  /** So much is in memory that `flush` should be called soon. */
  get needsFlush(): boolean {
    return this.few === null && this.full().length * CHUNK_BYTES > this.memoryBytes;
  }

  /** Chunks in memory that nothing is added to any more. */
  private full(): Chunk[] {
    const { chunks } = this;
    let from = chunks.length;
    while (from > 0 && chunks[from - 1].bytes !== null) from--;
    return chunks.slice(from, -1);
  }

  /** @throws SqlError 53100, 58030 */
  *flush(): Task<void> {
    const chunks = this.full();
    this.file ??= this.makeFile();
    const { file } = this;
    if (file === null || chunks.length === 0) return;
    const parts = chunks.map(({ bytes, length }) => bytes?.subarray(0, length) ?? Buffer.alloc(0));
    let position = yield* file.append(Buffer.concat(parts));
    for (const chunk of chunks) {
      chunk.position = position;
      chunk.bytes = null;
      position += chunk.length;
    }
  }

  /** Forgets the events from number `count` on. */
  truncate(count: number): void {
    if (count >= this.count) return;
    this.count = count;
    if (this.few !== null) {
      this.few.length = count;
      return;
    }
    const { chunks } = this;
    while (chunks.length > 0 && chunks[chunks.length - 1].first >= count) chunks.pop();
    const last = chunks.at(-1);
    if (last === undefined) return;
    const bytes = this.bytesOf(last);
    const cursor: ByteCursor = { bytes, position: 0, end: last.length };
    for (let number = last.first; number < count; number++) readEvent(cursor);
    last.bytes = bytes;
    last.length = cursor.position;
  }

  private bytesOf({ bytes, position, length }: Chunk): Buffer {
    return bytes ?? this.file?.read(position, length) ?? Buffer.alloc(0);
  }

  /** The events from the first on, those that are added meanwhile too. */
  *events(): Generator<LoggedEvent, void> {
    let number = 0;
    for (; this.few !== null && number < this.count; number++) yield this.few[number];
    // It may have been packed meanwhile.
    for (let i = this.chunkOf(number); i < this.chunks.length; i++) {
      const chunk = this.chunks[i];
      const bytes = this.bytesOf(chunk);
      const cursor: ByteCursor = { bytes, position: 0, end: bytes.length };
      let at = chunk.first;
      while (cursor.position < chunk.length) {
        const event = readEvent(cursor);
        if (at++ < number) continue;
        number = at;
        yield event;
      }
    }
  }

  private chunkOf(number: number): number {
    let at = this.chunks.length - 1;
    while (at > 0 && this.chunks[at].first > number) at--;
    return Math.max(at, 0);
  }

  /** Forgets everything, and gives the file back. */
  close(): void {
    this.count = 0;
    this.few = [];
    this.chunks = [];
    this.file?.close();
    this.file = null;
  }
}

function readEvent(cursor: ByteCursor): LoggedEvent {
  const kind = readVarint(cursor);
  const rowId = readVarint(cursor);
  const flags = cursor.bytes[cursor.position++];
  const old = (flags & HAS_OLD) === 0 ? null : readSizedRow(cursor);
  const row = (flags & HAS_NEW) === 0 ? null : readSizedRow(cursor);
  return { kind, rowId, old, row };
}
