/** Binary input of COPY FROM: header, tuples of length-prefixed fields, trailer (documentation, COPY, "Binary Format"). */
import { sqlError } from '../../errors/sql-error.js';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FIXED_HEADER = 19;

/** A tuple's fields as slices of `bytes`; start -1 means NULL. */
export interface BinaryTuple {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export class BinaryReader {
  private bytes: Buffer = Buffer.alloc(0);
  private headerRead = false;
  private ended = false;

  constructor(private readonly columns: number) {}

  push(chunk: Buffer, emit: (tuple: BinaryTuple) => void): void {
    if (this.ended) return;
    this.bytes = this.bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.bytes, chunk]);
    let at = this.headerRead ? 0 : this.header();
    if (at < 0) return;
    for (;;) {
      const next = this.tuple(at, emit);
      if (next < 0) break;
      at = next;
      if (this.ended) break;
    }
    this.bytes = this.bytes.subarray(at);
  }

  finish(): void {
    if (!this.headerRead) throw sqlError('bad_copy_file_format', 'COPY file signature not recognized');
    if (!this.ended && this.bytes.length > 0) throw sqlError('bad_copy_file_format', 'unexpected EOF in COPY data');
  }

  /** Where the tuples begin, or -1 while the header has not arrived. */
  private header(): number {
    if (this.bytes.length < FIXED_HEADER) return -1;
    if (!this.bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE))
      throw sqlError('bad_copy_file_format', 'COPY file signature not recognized');
    const flags = this.bytes.readUInt32BE(11);
    if ((flags & 0x10000) !== 0) throw sqlError('bad_copy_file_format', 'invalid COPY file header (WITH OIDS)');
    if (flags >>> 16 !== 0) throw sqlError('bad_copy_file_format', 'unrecognized critical flags in COPY file header');
    const extension = this.bytes.readInt32BE(15);
    if (extension < 0) throw sqlError('bad_copy_file_format', 'invalid COPY file header (missing length)');
    if (this.bytes.length < FIXED_HEADER + extension) return -1;
    this.headerRead = true;
    return FIXED_HEADER + extension;
  }

  /** Reads one tuple; -1 when it is not complete. */
  private tuple(at: number, emit: (tuple: BinaryTuple) => void): number {
    const { bytes } = this;
    if (at + 2 > bytes.length) return -1;
    const count = bytes.readInt16BE(at);
    if (count === -1) {
      this.ended = true;
      return at + 2;
    }
    if (count !== this.columns)
      throw sqlError('bad_copy_file_format', `row field count is ${count}, expected ${this.columns}`);
    const starts: number[] = [];
    const ends: number[] = [];
    let position = at + 2;
    for (let i = 0; i < count; i++) {
      if (position + 4 > bytes.length) return -1;
      const length = bytes.readInt32BE(position);
      position += 4;
      if (length < -1) throw sqlError('bad_copy_file_format', 'invalid field size');
      if (length === -1) {
        starts.push(-1);
        ends.push(-1);
        continue;
      }
      if (position + length > bytes.length) return -1;
      starts.push(position);
      position += length;
      ends.push(position);
    }
    emit({ bytes, starts, ends });
    return position;
  }
}
