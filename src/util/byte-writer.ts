/**
 * A growable output buffer in network byte order. Owned by one producer; `reset` reuses the memory.
 */

const INITIAL_SIZE = 1024;
/** From this length on the exact room for a text is counted: that costs less than memory that is never used. */
const LONG_TEXT = 4096;

export class ByteWriter {
  buffer: Buffer;
  length = 0;

  constructor(initialSize: number = INITIAL_SIZE) {
    this.buffer = Buffer.allocUnsafeSlow(initialSize);
  }

  reset(): void {
    this.length = 0;
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  i16(value: number): void {
    this.reserve(2);
    this.length = this.buffer.writeInt16BE(value, this.length);
  }

  u16(value: number): void {
    this.reserve(2);
    this.length = this.buffer.writeUInt16BE(value, this.length);
  }

  i32(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeInt32BE(value, this.length);
  }

  u32(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeUInt32BE(value, this.length);
  }

  /** A 64-bit two's complement integer, given as a safe integer or as a bigint. */
  i64(value: number | bigint): void {
    this.reserve(8);
    if (typeof value === 'bigint') {
      this.length = this.buffer.writeBigInt64BE(value, this.length);
      return;
    }
    const high = Math.floor(value / 4294967296);
    this.buffer.writeInt32BE(high, this.length);
    this.length = this.buffer.writeUInt32BE(value - high * 4294967296, this.length + 4);
  }

  f32(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeFloatBE(value, this.length);
  }

  f64(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleBE(value, this.length);
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  /** UTF-8 bytes of `text`, without length or terminator. Returns how many were written. */
  utf8(text: string): number {
    this.reserve(text.length < LONG_TEXT ? text.length * 3 : Buffer.byteLength(text));
    const written = this.buffer.write(text, this.length, 'utf8');
    this.length += written;
    return written;
  }

  /** One byte a character; REQUIRES every character below U+0100. */
  latin1(text: string): void {
    this.reserve(text.length);
    this.length += this.buffer.write(text, this.length, 'latin1');
  }

  /** UTF-8 bytes and a terminating zero. */
  cstring(text: string): void {
    this.utf8(text);
    this.u8(0);
  }

  /** Overwrites four bytes written earlier, such as a length that is known only now. */
  patchI32(position: number, value: number): void {
    this.buffer.writeInt32BE(value, position);
  }

  /** The bytes written so far; valid until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of the bytes written so far. */
  copy(): Buffer {
    return Buffer.from(this.view());
  }
}
