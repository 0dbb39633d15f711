/**
 * Cuts the incoming byte stream into frames, in place. A frame that lies within one chunk is never copied; only the
 * rest that a chunk leaves over is put together with the next one. Memory grows with the bytes that have arrived,
 * never with what a length word promises. Bytes once handed out are never overwritten, so slices of them stay good.
 */
import { sqlError } from '../../errors/sql-error.js';
import { FRONTEND, LARGE_MESSAGE_LIMIT, MAX_STARTUP_LENGTH, messageLimit } from './message-types.js';

const EMPTY = Buffer.alloc(0);
const HEADER_LENGTH = 5;

/** The stream cannot be cut into messages any more; the connection has to be closed without a word. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

export class FrameReader {
  /** Holds the current frame's body in [bodyStart, bodyEnd). */
  buffer: Buffer = EMPTY;
  bodyStart = 0;
  bodyEnd = 0;
  private position = 0;
  private end = 0;
  /** Whether bytes of `buffer` behind `end` are ours to write. */
  private ownsTail = false;

  /** Passwords are no messages any more. */
  isAuthenticated = false;

  /** `largeLimit` is the greatest length of messages that carry data: bytes. May be changed between messages. */
  constructor(public largeLimit: number = LARGE_MESSAGE_LIMIT) {}

  /** Bytes that have arrived and are not yet read as frames. */
  get pending(): number {
    return this.end - this.position;
  }

  /** Whether the next byte to be read is this one. */
  startsWith(byte: number): boolean {
    return this.end > this.position && this.buffer[this.position] === byte;
  }

  /** Takes away everything that has arrived and is not yet read. */
  takeAll(): Buffer {
    const rest = this.buffer.subarray(this.position, this.end);
    this.forget();
    return rest;
  }

  /** Adds the bytes of a chunk from `start` to `end`, which the reader owns from now on. */
  push(chunk: Buffer, start = 0, end = chunk.length): void {
    const rest = this.end - this.position;
    if (rest === 0) {
      this.buffer = chunk;
      this.ownsTail = false;
      this.position = start;
      this.end = end;
      return;
    }
    const added = end - start;
    const needed = rest + added;
    if (!this.ownsTail || this.end + added > this.buffer.length) {
      const grown = Buffer.allocUnsafeSlow(rest < added ? needed : needed * 2);
      this.buffer.copy(grown, 0, this.position, this.end);
      this.buffer = grown;
      this.ownsTail = true;
      this.position = 0;
      this.end = rest;
    }
    chunk.copy(this.buffer, this.end, start, end);
    this.end += added;
  }

  /**
   * The type byte of the next whole message, whose body is then in [bodyStart, bodyEnd); 0 when it has not arrived
   * yet. Throws a FATAL 08P01 for a type that does not exist, FramingError for an impossible length.
   */
  next(): number {
    const start = this.position;
    const available = this.end - start;
    if (available === 0) {
      this.forget();
      return 0;
    }
    const type = this.buffer[start];
    const limit = messageLimit(type, this.largeLimit);
    if (limit < 0 || (this.isAuthenticated && type === FRONTEND.password)) {
      throw sqlError('protocol_violation', `invalid frontend message type ${type}`, { severity: 'FATAL' });
    }
    if (available < HEADER_LENGTH) return 0;
    const length = this.buffer.readInt32BE(start + 1);
    if (length < 4 || length > limit) throw new FramingError(`invalid message length ${length}`);
    if (available < length + 1) return 0;
    this.bodyStart = start + HEADER_LENGTH;
    this.bodyEnd = this.position = start + 1 + length;
    return type;
  }

  /**
   * The same for packets without a type byte, as before authentication: true when a whole one is there. The body
   * begins with the protocol version or request code.
   */
  nextStartup(): boolean {
    const start = this.position;
    const available = this.end - start;
    if (available < 4) return false;
    const length = this.buffer.readInt32BE(start);
    if (length < 8 || length > MAX_STARTUP_LENGTH) throw new FramingError('invalid length of startup packet');
    if (available < length) return false;
    this.bodyStart = start + 4;
    this.bodyEnd = this.position = start + length;
    return true;
  }

  /** The body of the current frame, sharing memory. */
  body(): Buffer {
    return this.buffer.subarray(this.bodyStart, this.bodyEnd);
  }

  /** Lets go of a chunk that is used up. */
  private forget(): void {
    this.buffer = EMPTY;
    this.ownsTail = false;
    this.position = this.end = 0;
  }
}
