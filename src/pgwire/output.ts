/**
 * The connection's way out: messages are appended to one ByteWriter and handed to the socket in one write. When
 * the socket could not take all at once it keeps the memory, and the writer gets new memory.
 *
 * Invariant: what shows other transactions' commits leaves when these are on disk. Statements do not wait for that.
 */
import type { Socket } from 'node:net';
import { ByteWriter } from '../util/byte-writer.js';
import type { Wait, WaitEvent } from '../util/task.js';
import { atTurnEnd } from '../util/turn-end.js';
import { busyPoll } from './busy-poll.js';

const INITIAL_SIZE = 8 * 1024;
/** Output beyond this is sent without being asked to. */
const SEND_SIZE = 64 * 1024;
/** A writer that grew beyond this gives its memory back once it is empty. */
const KEEP_SIZE = 256 * 1024;
/** PostgreSQL's output buffer: what exceeds it goes out even without Flush. */
export const EAGER_SIZE = 8 * 1024;

/** Outputs with something due, in the order of their connections' work in this turn of the event loop. */
const due: Output[] = [];

function sendDue(): void {
  for (const output of due) output.sendDeferred();
  due.length = 0;
  busyPoll.sent();
}

export class Output {
  readonly writer = new ByteWriter(INITIAL_SIZE);
  /** Something was written that the client has to see soon, whatever happens next. */
  urgent = false;
  /** What was written shows data, or the lack of it. */
  shows = false;
  /** What has to be waited for before such output leaves; null: nothing. */
  barrier: () => Wait | null = () => null;
  private held = false;
  private whenSent: (() => void) | null = null;
  private readonly drain = new DrainWait();
  private deferred = false;

  constructor(
    private socket: Socket,
    /** Bytes that the socket may hold unsent before producers are made to wait. */
    private readonly unsentLimit: number,
  ) {
    this.attach(socket);
  }

  /** Goes on with another socket (TLS over the first). REQUIRES that everything has been sent. */
  attach(socket: Socket): void {
    this.socket = socket;
    socket.on('drain', () => this.drain.end());
  }

  /** Sends what the protocol wants sent when the server pauses or has read everything. */
  sendIfDue(): void {
    if (this.writer.length > 0 && (this.urgent || this.writer.length >= EAGER_SIZE)) this.send();
  }

  /**
   * As `sendIfDue`, once every connection with input in this turn of the event loop has been served: a client process
   * that drives many connections wakes up once for all of them, and is not scheduled between two of our statements.
   */
  deferSend(): void {
    if (this.deferred || this.writer.length === 0 || (!this.urgent && this.writer.length < EAGER_SIZE)) return;
    this.deferred = true;
    if (due.push(this) === 1) atTurnEnd(sendDue);
  }

  /** The end of `deferSend`. */
  sendDeferred(): void {
    this.deferred = false;
    this.sendIfDue();
  }

  /** Sends everything written so far, at once or as soon as it may be shown. */
  send(): void {
    if (this.held || (this.shows && this.isHeldBack())) return;
    this.urgent = false;
    this.shows = false;
    this.hand();
    this.whenSent?.();
    this.whenSent = null;
  }

  /** The last sending; `then`: what is to follow it. */
  sendLast(then: () => void): void {
    this.whenSent = then;
    this.send();
  }

  private isHeldBack(): boolean {
    const wait = this.barrier();
    if (wait === null) return false;
    this.held = true;
    wait.subscribe(() => {
      this.held = false;
      this.send();
      if (!this.held) this.drain.end();
    });
    return true;
  }

  private hand(): void {
    const { writer, socket } = this;
    if (writer.length === 0) return;
    if (!socket.writable) {
      writer.reset();
      return;
    }
    socket.write(writer.view());
    // Nothing queued means that the kernel has its copy and the memory is ours again.
    if (socket.writableLength > 0) writer.buffer = Buffer.allocUnsafeSlow(INITIAL_SIZE);
    else if (writer.buffer.length > KEEP_SIZE) writer.buffer = Buffer.allocUnsafeSlow(INITIAL_SIZE);
    writer.reset();
  }

  /** Sends a large batch; something to wait for while the client is behind with reading. */
  backpressure(): Wait | null {
    if (this.writer.length >= SEND_SIZE) this.send();
    if (this.held && this.writer.length >= SEND_SIZE) return this.drain;
    if (this.socket.writableLength <= this.unsentLimit || !this.socket.writable) return null;
    return this.drain;
  }

  /** Whether `wait` came from `backpressure`. */
  isDrain(wait: Wait): boolean {
    return wait === this.drain;
  }

  /** The socket is gone, nobody will ever read: producers go on. */
  abandon(): void {
    this.writer.reset();
    this.drain.end();
  }
}

/** Ends when the socket's queue is empty. One task at a time waits for it. */
class DrainWait implements Wait {
  readonly event: WaitEvent = { type: 'Client', name: 'ClientWrite' };
  private resume: (() => void) | null = null;

  subscribe(resume: () => void): void {
    this.resume = resume;
  }

  cancel(): void {
    this.resume = null;
  }

  end(): void {
    const resume = this.resume;
    this.resume = null;
    if (resume !== null) resume();
  }
}
