/**
 * The COPY IN sub-protocol: while a statement reads, messages are taken off the stream here and not by the message
 * loop. Flush and Sync are ignored, as clients may send them before they know that COPY has begun.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Task, Wait, WaitEvent } from '../util/task.js';
import type { FrameReader } from './codec/frame-reader.js';
import { decodeCopyFail } from './codec/frontend-messages.js';
import type { MessageCursor } from './codec/message-cursor.js';
import { FRONTEND } from './codec/message-types.js';

/** Marks a task that waits for more bytes: the message loop, which gets them, resumes it. */
class Arrival implements Wait {
  readonly event: WaitEvent = { type: 'Client', name: 'ClientRead' };

  subscribe(): void {}
}

export class CopyInput {
  readonly arrival = new Arrival();
  /** A message that has no place in COPY was met: the connection cannot go on after the statement's error. */
  synchronizationLost = false;
  /** What made the stream unreadable, whatever the statement makes of the exception. */
  framingFailure: unknown = null;
  /** The client will send no more. */
  inputEnded = false;

  constructor(
    private readonly frames: FrameReader,
    private readonly cursor: MessageCursor,
  ) {}

  /**
   * The next chunk, which shares memory with the input; null after CopyDone. Throws 57014 on CopyFail, 08P01 on a
   * message that does not belong here.
   */
  *read(): Task<Buffer | null> {
    for (;;) {
      const type = this.nextType();
      switch (type) {
        case 0:
          if (this.inputEnded) throw this.unexpectedEnd();
          yield this.arrival;
          break;
        case FRONTEND.copyData:
          return this.frames.body();
        case FRONTEND.copyDone:
          return null;
        case FRONTEND.copyFail:
          this.cursor.reset(this.frames.buffer, this.frames.bodyStart, this.frames.bodyEnd);
          throw sqlError('query_canceled', `COPY from stdin failed: ${decodeCopyFail(this.cursor)}`);
        case FRONTEND.flush:
        case FRONTEND.sync:
          break;
        default:
          this.synchronizationLost = true;
          throw sqlError(
            'protocol_violation',
            `unexpected message type 0x${type.toString(16).toUpperCase()} during COPY from stdin`,
          );
      }
    }
  }

  private nextType(): number {
    try {
      return this.frames.next();
    } catch (error) {
      this.framingFailure = error;
      throw error;
    }
  }

  private unexpectedEnd(): Error {
    return sqlError('connection_failure', 'unexpected EOF on client connection with an open transaction', {
      severity: 'FATAL',
    });
  }
}
