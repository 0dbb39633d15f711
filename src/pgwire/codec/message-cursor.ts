/**
 * Walks over the body of one message. Every read checks the bounds; what does not fit is 08P01 with PostgreSQL's
 * words. One cursor serves a connection for its life: `reset` puts it on the next message.
 */
import { sqlError } from '../../errors/sql-error.js';
import { decodeUtf8 } from '../../types/text/utf8-input.js';

const EMPTY = Buffer.alloc(0);

export class MessageCursor {
  bytes: Buffer = EMPTY;
  position = 0;
  end = 0;

  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  u8(): number {
    if (this.position >= this.end) throw sqlError('protocol_violation', 'no data left in message');
    return this.bytes[this.position++];
  }

  /** Unsigned, as all 16-bit counts and format codes are read. */
  u16(): number {
    const at = this.advance(2);
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  i32(): number {
    const at = this.advance(4);
    const bytes = this.bytes;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  /** Skips `length` bytes and returns where they begin. */
  advance(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.end - at) {
      throw sqlError('protocol_violation', 'insufficient data left in message');
    }
    this.position = at + length;
    return at;
  }

  /** A zero-terminated string. */
  cstring(): string {
    const start = this.position;
    const bytes = this.bytes;
    if (start < this.end && bytes[start] === 0) {
      this.position = start + 1;
      return '';
    }
    const zero = bytes.indexOf(0, start);
    if (zero < 0 || zero >= this.end) throw sqlError('protocol_violation', 'invalid string in message');
    this.position = zero + 1;
    return decodeUtf8(bytes, start, zero);
  }

  /** The message must have been read to its end. */
  finish(): void {
    if (this.position !== this.end) throw sqlError('protocol_violation', 'invalid message format');
  }
}
