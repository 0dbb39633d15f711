/** Reads the fields of a binary value, with the errors of PostgreSQL's message reader (08P01 when bytes are missing). */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { decodeUtf8 } from '../text/utf8-input.js';

export class BinaryInput {
  constructor(
    readonly bytes: Buffer,
    private position: number,
    readonly end: number,
  ) {}

  get remaining(): number {
    return this.end - this.position;
  }

  u8(): number {
    return this.bytes[this.skip(1)];
  }

  i32(): number {
    return this.bytes.readInt32BE(this.skip(4));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.skip(4));
  }

  /** Passes `length` bytes; returns where they start. */
  skip(length: number): number {
    if (length < 0 || length > this.remaining) throw insufficientData();
    const start = this.position;
    this.position += length;
    return start;
  }

  /** The rest as text. Throws 22021 when it is not UTF-8. */
  rest(): string {
    const start = this.skip(this.remaining);
    return decodeUtf8(this.bytes, start, this.end);
  }

  expectEnd(): void {
    if (this.remaining > 0) throw sqlError('invalid_binary_representation', 'improper binary format');
  }
}

export function insufficientData(): SqlError {
  return sqlError('protocol_violation', 'insufficient data left in message');
}
