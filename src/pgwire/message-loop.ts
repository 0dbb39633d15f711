/**
 * The message loop of an established connection: takes messages off the input in order, drives the session's task
 * for each, and sends the output. Synchronous from the first message of a read to the last unless a task waits;
 * while one waits no further message of this connection is looked at.
 */
import { notSupported, type SqlError, sqlError } from '../errors/sql-error.js';
import type { SessionEnding, WireSession } from '../session/wire-session.js';
import { servedClient } from '../util/lone-client.js';
import type { Task, Wait, WaitEvent } from '../util/task.js';
import { afterInput } from '../util/turn-end.js';
import { writeReadyForQuery } from './codec/backend-messages.js';
import { writeErrorResponse } from './codec/error-message.js';
import { type FrameReader, FramingError } from './codec/frame-reader.js';
import * as decode from './codec/frontend-messages.js';
import { MessageCursor } from './codec/message-cursor.js';
import { FRONTEND } from './codec/message-types.js';
import { CopyInput } from './copy-input.js';
import { reportError, reportFatal } from './error-report.js';
import type { Output } from './output.js';
import type { Runnable, RunQueue } from './run-queue.js';
import type { WireLogger } from './wire-logger.js';
import { WireSink } from './wire-sink.js';

/** How long one connection may work through pipelined messages before others get their turn: milliseconds. */
const SLICE_MS = 4;
/** The clock is read once in so many messages (a power of two). */
const MESSAGES_PER_CLOCK_READ = 32;
/** Input that may pile up behind a waiting task before reading stops: bytes. */
const INPUT_LIMIT = 1024 * 1024;

/** What the loop needs of its connection. */
export interface LoopHost {
  readonly frames: FrameReader;
  readonly output: Output;
  readonly queue: RunQueue;
  readonly log: WireLogger;
  /** Sends what is written and closes. */
  finish(): void;
  setReading(reading: boolean): void;
}

/**
 * A session may want to know of errors that it has not raised itself: a malformed message fails the transaction
 * as every error does.
 */
export interface FailableSession extends WireSession {
  /** Marks the transaction, if one is open, as failed. May be called more than once. */
  fail?(): void;
}

export class MessageLoop implements Runnable {
  readonly sink: WireSink;
  private readonly cursor = new MessageCursor();
  private readonly copyInput: CopyInput;
  private readonly frames: FrameReader;
  private readonly output: Output;

  /** What the current message does, null between messages. */
  private task: Task<void> | null = null;
  /** The session is working on a message without a task yet. */
  private starting = false;
  /** Type byte of the current message. */
  private current = 0;
  private wait: Wait | null = null;
  private resumed = false;
  private subscribing = false;
  /** To be thrown into the task instead of resuming it. */
  private injected: SqlError | null = null;
  /** What was to end the message at hand. It may come when a wait is just over, and the task then goes on to the next one. */
  private interruption: SqlError | null = null;
  /** After an error in the extended protocol: everything up to Sync is skipped. */
  private skipping = false;
  /** Why the connection is to be closed once the current message is over. */
  private stopReason: SqlError | null = null;
  private ending: SessionEnding = 'normal';
  /** The message before ended in an error: whoever has cleaning up to do in a turn of the event loop gets one. */
  private failedBefore = false;
  private active = false;
  private handedBack = false;
  private ended = false;
  private terminated = false;
  private readonly resume = (): void => {
    this.resumed = true;
    if (!this.subscribing) this.host.queue.enter(this);
  };
  private readonly nextTurn = (): void => {
    this.handedBack = false;
    this.host.queue.enter(this);
  };

  constructor(
    private readonly host: LoopHost,
    private readonly session: FailableSession,
  ) {
    this.frames = host.frames;
    this.output = host.output;
    this.output.barrier = () => session.beforeTelling?.() ?? null;
    this.copyInput = new CopyInput(host.frames, this.cursor);
    this.sink = new WireSink(host.output, this.copyInput, () => {
      this.output.urgent = true;
      if (!this.active) host.queue.enter(this);
    });
  }

  /** Does what the input, the end of a wait or a request to stop makes possible. */
  run(): void {
    if (this.ended && this.task === null) return;
    this.active = true;
    servedClient(this);
    try {
      if (this.wait === this.copyInput.arrival && (this.frames.pending > 0 || this.copyInput.inputEnded)) {
        this.resumed = true;
      }
      this.work();
    } catch (error) {
      this.breakOff(error);
    }
    this.active = false;
    if (this.ended) return;
    this.output.deferSend();
    this.host.setReading(!this.tooMuchInput());
  }

  get waitEvent(): WaitEvent | null {
    return this.task === null ? null : (this.wait?.event ?? null);
  }

  /** The client sends no more; what it has sent is still answered. */
  inputEnded(): void {
    this.copyInput.inputEnded = true;
    this.host.queue.enter(this);
  }

  /** CancelRequest, pg_cancel_backend(). Does nothing between statements. */
  cancel(): void {
    if (this.task !== null || this.starting)
      this.interrupt(sqlError('query_canceled', 'canceling statement due to user request'));
  }

  /** Ends the connection with a FATAL error: at once when idle, else as soon as the statement can be ended. */
  stop(reason: SqlError): void {
    this.stopReason ??= reason;
    if (this.task !== null || this.starting) this.interrupt(reason);
    this.host.queue.enter(this);
  }

  /** The socket is gone. A task that cannot be interrupted (a commit) runs to its end first. */
  disconnected(): void {
    if (this.ended) return;
    this.ended = true;
    this.ending = 'abandoned';
    if (this.task === null) this.terminate();
    else this.interrupt(sqlError('connection_failure', 'connection to client lost', { severity: 'FATAL' }));
  }

  private work(): void {
    let count = 0;
    const started = performance.now();
    while (!this.handedBack) {
      if (this.task !== null) {
        if (!this.resumed) return;
        this.step(this.task);
        continue;
      }
      if (this.ended) return;
      if (this.stopReason !== null) throw this.stopReason;
      const late = (++count & (MESSAGES_PER_CLOCK_READ - 1)) === 0 && performance.now() - started > SLICE_MS;
      if (late || this.failedBefore) {
        this.failedBefore = false;
        this.handedBack = true;
        afterInput(this.nextTurn);
        return;
      }
      const type = this.frames.next();
      if (type === 0) {
        if (this.copyInput.inputEnded) {
          this.ending = 'abandoned';
          this.end();
        }
        return;
      }
      if (this.skipping && type !== FRONTEND.sync && type !== FRONTEND.terminate) continue;
      this.current = type;
      this.cursor.reset(this.frames.buffer, this.frames.bodyStart, this.frames.bodyEnd);
      this.startMessage(type);
    }
  }

  private startMessage(type: number): void {
    let task: Task<void> | null;
    this.interruption = null;
    this.starting = true;
    try {
      task = this.begin(type);
      this.starting = false;
    } catch (error) {
      this.starting = false;
      this.session.fail?.();
      this.afterError(error);
      return;
    }
    if (task === null) return;
    this.task = task;
    this.step(task);
  }

  /** What the message asks of the session; null when it is already dealt with. */
  private begin(type: number): Task<void> | null {
    const { cursor, session, sink } = this;
    switch (type) {
      case FRONTEND.query:
        return session.query(decode.decodeQuery(cursor), sink);
      case FRONTEND.parse: {
        const message = decode.decodeParse(cursor);
        return session.parse(message.name, message.sql, message.parameterTypes, sink);
      }
      case FRONTEND.bind: {
        const message = decode.decodeBind(cursor);
        return session.bind(message.portal, message.statement, message.parameters, message.resultFormats, sink);
      }
      case FRONTEND.execute: {
        const message = decode.decodeExecute(cursor);
        return session.execute(message.portal, message.maxRows, sink);
      }
      case FRONTEND.describe: {
        const { kind, name } = decode.decodeTarget(cursor, 'DESCRIBE');
        if (kind === 'portal') session.describePortal(name, sink);
        else session.describeStatement(name, sink);
        return null;
      }
      case FRONTEND.close: {
        const { kind, name } = decode.decodeTarget(cursor, 'CLOSE');
        if (kind === 'portal') session.closePortal(name, sink);
        else session.closeStatement(name, sink);
        return null;
      }
      case FRONTEND.sync: {
        this.skipping = false;
        cursor.finish();
        const task = session.sync(sink);
        if (task === null) this.ready();
        return task;
      }
      default:
        this.beginOther(type);
        return null;
    }
  }

  /** Messages that the session has no part in. */
  private beginOther(type: number): void {
    switch (type) {
      case FRONTEND.flush:
        this.cursor.finish();
        this.output.urgent = true;
        return;
      case FRONTEND.terminate:
        this.end();
        return;
      case FRONTEND.copyData:
      case FRONTEND.copyDone:
      case FRONTEND.copyFail:
        // Left over from a COPY that has failed; the client had not noticed yet.
        return;
      case FRONTEND.functionCall:
        throw notSupported('the function call protocol');
      default:
        throw sqlError('protocol_violation', `invalid frontend message type ${type}`, { severity: 'FATAL' });
    }
  }

  /** Runs the task until it ends or waits. */
  private step(task: Task<void>): void {
    try {
      for (;;) {
        this.resumed = false;
        this.wait = null;
        const error = this.injected;
        this.injected = null;
        const state = error === null ? task.next() : task.throw(error);
        if (state.done) break;
        this.wait = state.value;
        if (this.interruption !== null && this.isOurs(state.value)) {
          this.injected = this.interruption;
          this.interruption = null;
          continue;
        }
        if (!this.ended) this.output.sendIfDue();
        this.subscribing = true;
        state.value.subscribe(this.resume);
        this.subscribing = false;
        if (!this.resumed) return;
      }
    } catch (error) {
      this.subscribing = false;
      this.task = null;
      this.afterError(error);
      return;
    }
    this.task = null;
    if (this.ended) this.terminate();
    else if (this.current === FRONTEND.query || this.current === FRONTEND.sync) this.ready();
  }

  /**
   * Has the session end the statement. A task that waits for the client is made to fail here; all other waits are
   * the session's to end, for only it knows which of them may be (a commit may not).
   */
  private interrupt(error: SqlError): void {
    const { task, wait } = this;
    this.interruption = error;
    this.session.cancel(error);
    if (this.task !== task || this.wait !== wait || wait === null || this.resumed) return;
    if (!this.isOurs(wait)) return;
    wait.cancel?.();
    this.interruption = null;
    this.injected = error;
    this.resume();
  }

  /** Whether the client is waited for. */
  private isOurs(wait: Wait): boolean {
    return wait === this.copyInput.arrival || this.output.isDrain(wait);
  }

  private terminate(): void {
    if (this.terminated) return;
    this.terminated = true;
    this.session.terminate(this.ending);
  }

  private ready(): void {
    this.session.beforeIdle?.();
    writeReadyForQuery(this.output.writer, this.session.transactionStatus);
    this.session.becameIdle();
    this.output.urgent = true;
  }

  private afterError(error: unknown): void {
    if (this.ended) {
      this.terminate();
      return;
    }
    if (this.copyInput.framingFailure !== null) throw this.copyInput.framingFailure;
    if (this.stopReason !== null) throw this.stopReason;
    const report = reportError(error, this.host.log);
    if (report.severity === 'FATAL' || report.severity === 'PANIC') throw error;
    writeErrorResponse(this.output.writer, report);
    this.output.urgent = true;
    this.output.shows = true;
    this.failedBefore = true;
    if (this.copyInput.synchronizationLost) {
      throw sqlError('protocol_violation', 'terminating connection because protocol synchronization was lost', {
        severity: 'FATAL',
      });
    }
    switch (this.current) {
      case FRONTEND.query:
      case FRONTEND.sync:
      case FRONTEND.functionCall:
        this.ready();
        break;
      default:
        this.skipping = true;
    }
  }

  /** Ends the connection because of `error`, which the client is told unless the stream itself is broken. */
  private breakOff(error: unknown): void {
    this.ending = this.stopReason === null ? 'fatal' : 'killed';
    if (error instanceof FramingError) this.host.log.info({ reason: error.message }, 'connection closed');
    else if (!this.ended) writeErrorResponse(this.output.writer, reportFatal(error, this.host.log));
    this.end();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.host.finish();
    if (this.task === null) this.terminate();
  }

  /** Whether the client is to be kept from sending more: not while its bytes are what is waited for. */
  private tooMuchInput(): boolean {
    const blocked = this.handedBack || (this.task !== null && this.wait !== this.copyInput.arrival);
    return blocked && this.frames.pending > INPUT_LIMIT;
  }
}
