/**
 * The write-ahead log: appends records in memory and writes them in the order of their LSNs. Greedy group commit: while
 * the device is busy, records gather; when it is free, all of them go out with one write (per segment) and one sync.
 *
 * Invariants: `flushedLsn` <= `appendedLsn`; everything before `flushedLsn` survives power loss; after a failed write or
 * sync nothing is ever flushed again.
 */
import { randomBytes } from 'node:crypto';
import { failpoint } from '../util/failpoint.js';
import { type Shortage, shortageOf } from '../util/shortage.js';
import { Signal, type Wait } from '../util/task.js';
import type { FileLayer } from './file-layer.js';
import { LogReader, type WalRecord } from './log-reader.js';
import { nodeFiles } from './node-file-layer.js';
import { encodeRecord, MAX_PAYLOAD, recordSize } from './record.js';
import { SegmentFiles } from './segment-files.js';

/** The log cannot be written any more. `noSpace`: because the disk is full. */
export class WalError extends Error {
  override readonly name = 'WalError';

  constructor(
    message: string,
    readonly noSpace: boolean,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface WalOptions {
  /** Size of a segment file in bytes. */
  readonly segmentSize: number;
  readonly files?: FileLayer;
}

const INITIAL_TAIL = 1 << 16;
/** Buffers that have grown beyond this are not kept. */
const MAX_KEPT = 8 << 20;

/** Bytes appended but not yet given to the device. */
interface Tail {
  buffer: Buffer;
  length: number;
}

export class Wal {
  appendedLsn = 0;
  flushedLsn = 0;
  /** Records that were appended since the log was opened. */
  appendedRecords = 0;
  private tail: Tail = { buffer: Buffer.allocUnsafeSlow(INITIAL_TAIL), length: 0 };
  private spare: Tail = { buffer: Buffer.allocUnsafeSlow(INITIAL_TAIL), length: 0 };
  private flushing = false;
  private scheduled = false;
  private failure: WalError | null = null;
  private positioned = false;
  private closed = false;
  private readonly flushListeners: ((lsn: number) => void)[] = [];
  private readonly failureListeners: ((error: Error) => void)[] = [];
  /** Those of `whenFlushed`, in no order: there are few, commits use `onFlush`. */
  private waiters: { readonly lsn: number; readonly signal: Signal }[] = [];
  private readonly idleWaiters: (() => void)[] = [];

  private constructor(private readonly segments: SegmentFiles) {
    segments.mark.onFault = (error) => this.fail(error);
  }

  static async open(directory: string, options: WalOptions): Promise<Wal> {
    const files = options.files ?? nodeFiles;
    const fresh = { fileSize: options.segmentSize, databaseId: randomBytes(8).readBigUInt64LE() };
    return new Wal(await SegmentFiles.open(directory, files, fresh));
  }

  /**
   * Records from an LSN on (the start of a record, or the end of the log). The first complete reading also finds the end
   * of the log, behind which appending goes on; REQUIRES: one was done before the first `append`. Later ones end at what
   * is flushed when they begin; REQUIRES of them that nothing from `lsn` on is recycled meanwhile. `atLeast`: the log is
   * known to have been on disk up to there.
   * @throws WalCorruption for damage where the log is known to have been on disk
   */
  async *readFrom(lsn: number, atLeast = 0): AsyncIterable<WalRecord> {
    if (!this.positioned) await this.segments.syncFrom(lsn);
    const end = this.positioned
      ? { durable: this.flushedLsn }
      : { atLeast: Math.max(atLeast, this.segments.mark.found) };
    const reader = new LogReader(this.segments, lsn, end);
    for (;;) {
      const record = reader.nextLoaded() ?? (await reader.next());
      if (record === null) break;
      yield record;
    }
    if (this.positioned) return;
    this.tornTail = tornMessage(reader.torn);
    await this.position(reader.end);
  }

  /** Told once the log was read: what was cut off at its end, if that was not just unused space. */
  tornTail: string | null = null;

  private async position(end: number): Promise<void> {
    this.positioned = true;
    await this.segments.eraseFrom(end);
    this.appendedLsn = end;
    this.flushedLsn = end;
  }

  /**
   * Adds a record and returns its end LSN. It is written at once or together with others, without further calls; the
   * payload's bytes are copied.
   * @throws WalError when the log has failed or is closed; RangeError for a payload beyond 1 GiB, which does the log no harm
   */
  append(type: number, payload: Uint8Array): number {
    if (this.failure !== null) throw this.failure;
    if (this.closed) throw new WalError('the write-ahead log is closed', false);
    if (payload.length > MAX_PAYLOAD) throw new RangeError(`a log record of ${payload.length} bytes is too long`);
    if (type < 1 || type > 255) throw new RangeError(`${type} is not a type of log record`);
    if (!this.positioned) throw new Error('the log must be read before it is continued');
    const size = recordSize(payload.length);
    this.reserve(size);
    const { tail } = this;
    encodeRecord(tail.buffer, tail.length, type, this.appendedLsn, this.flushedLsn, Date.now() * 1000, payload);
    tail.length += size;
    this.appendedLsn += size;
    this.appendedRecords++;
    if (!this.flushing && !this.scheduled) {
      this.scheduled = true;
      queueMicrotask(this.startFlush);
    }
    return this.appendedLsn;
  }

  private reserve(size: number): void {
    const { tail } = this;
    const needed = tail.length + size;
    if (needed <= tail.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, tail.buffer.length * 2));
    tail.buffer.copy(grown, 0, 0, tail.length);
    tail.buffer = grown;
  }

  /** What to wait for until the log is on disk up to `lsn`, or has failed (see `failed`); null when it is. */
  whenFlushed(lsn: number): Wait | null {
    if (this.flushedLsn >= lsn) return null;
    if (this.failure !== null) throw this.failure;
    const signal = new Signal();
    this.waiters.push({ lsn, signal });
    return signal;
  }

  /** The fault after which the log takes nothing more. */
  get failed(): WalError | null {
    return this.failure;
  }

  /** What is missing on the disk, or of descriptors: what is appended may have to wait for it. Null: all is well. */
  get shortage(): Shortage | null {
    return this.segments.shortage;
  }

  /** From now on a shortage is a fault, and ends the log: nobody is left who could wait. */
  stopWaiting(): void {
    this.segments.stopWaiting();
  }

  onFlush(listener: (lsn: number) => void): void {
    this.flushListeners.push(listener);
  }

  onFailure(listener: (error: Error) => void): void {
    this.failureListeners.push(listener);
  }

  private readonly startFlush = (): void => {
    this.scheduled = false;
    if (this.flushing || this.failure !== null) return;
    const full = this.tail;
    if (full.length === 0) {
      this.idle();
      return;
    }
    try {
      failpoint('before-flush');
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.flushing = true;
    this.tail = this.spare;
    this.tail.length = 0;
    const from = this.appendedLsn - full.length;
    const to = this.appendedLsn;
    this.segments.write(full.buffer.subarray(0, full.length), from, (error) => {
      this.spare = full.buffer.length > MAX_KEPT ? { buffer: Buffer.allocUnsafeSlow(INITIAL_TAIL), length: 0 } : full;
      this.flushing = false;
      if (error !== null) this.fail(error);
      else if (this.failure === null) this.flushed(to);
      else this.idle();
    });
  };

  private flushed(lsn: number): void {
    this.flushedLsn = lsn;
    this.segments.mark.advance(lsn);
    if (this.tail.length > 0) this.startFlush();
    else this.idle();
    for (const listener of this.flushListeners) listener(lsn);
    if (this.waiters.length > 0) this.wakeWaiters();
  }

  /** A write or sync that failed may have lost data that the kernel will not report again: never retried. */
  private fail(cause: Error): void {
    if (this.failure !== null) return;
    const message = `the write-ahead log cannot be written: ${cause.message}`;
    this.failure = new WalError(message, shortageOf(cause) === 'space', { cause });
    this.idle();
    for (const listener of this.failureListeners) listener(this.failure);
    this.wakeWaiters();
  }

  private wakeWaiters(): void {
    const all = this.waiters;
    const isOver = (lsn: number): boolean => this.failure !== null || lsn <= this.flushedLsn;
    this.waiters = all.filter(({ lsn }) => !isOver(lsn));
    for (const { lsn, signal } of all) if (isOver(lsn)) signal.fire();
  }

  private idle(): void {
    for (const waiter of this.idleWaiters.splice(0)) waiter();
  }

  /** Segments that end before `lsn` may be used again. */
  async recycle(lsn: number): Promise<void> {
    await this.segments.recycle(Math.min(lsn, this.flushedLsn));
  }

  /** Flushes what was appended, unless the log has failed. */
  async close(): Promise<void> {
    this.closed = true;
    this.segments.stopWaiting();
    if (this.failure === null && (this.flushing || this.tail.length > 0)) {
      await new Promise<void>((resolve) => {
        this.idleWaiters.push(resolve);
      });
    }
    await this.segments.close();
  }
}

function tornMessage(torn: LogReader['torn']): string | null {
  if (torn === null) return null;
  const behind = torn.intactBehind === 0 ? '' : `, with ${torn.intactBehind} whole records behind it`;
  return `the log ends with an incomplete record at offset ${torn.offset} of ${torn.path}${behind}: it was cut off there. That is the rest of a write that nobody was told about, or damage of the last one`;
}
