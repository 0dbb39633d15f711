/**
 * Up to where the log is known to be on disk, in a file of its own (FORMAT.md), so that a lost end, or a lost last segment,
 * is not taken for the end of the log. No commit waits for it: it is written in the background, at once after the first
 * flush into a segment, and otherwise at most once in a while. A note of it is written much more often, but not synced:
 * that is enough where the process has died, but not the machine.
 *
 * Invariant: what it says is true, whatever is lost of it. Two places are written in turn, so that one that is torn leaves
 * the other; the note has a third one.
 */
import { join } from 'node:path';
import { crc32c } from '../util/crc32c.js';
import { failpoint } from '../util/failpoint.js';
import { shortageOf } from '../util/shortage.js';
import type { FileLayer, LogFile } from './file-layer.js';
import { fillWithZeroes } from './file-operations.js';

export const MARK_NAME = 'synced';
/** Do not change these values. */
const MAGIC = 'ORBITSYN';
const VERSION = 1;
const PLACE_SIZE = 512;
const CRC_OFFSET = 32;
const ENCODED_SIZE = 36;

const NOTE_PLACE = 2;

/** How far the mark may be behind the log, in time, and its note. */
const DELAY_MS = 1000;
const NOTE_DELAY_MS = 10;

export class SyncedMark {
  /** Which of the two places is written next. */
  private place = 0;
  private reached = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing = false;
  private noted: number;
  private noteTimer: NodeJS.Timeout | null = null;
  private noting = false;
  private lastNote = 0;
  private closing = false;
  private whenIdle: (() => void) | null = null;
  /** Told of a fault of the device. */
  onFault: (error: Error) => void = () => undefined;

  private constructor(
    private readonly file: LogFile,
    private readonly body: number,
    private readonly databaseId: bigint,
    /** The LSN up to which an earlier life has seen the log on disk; 0: none is known. */
    readonly found: number,
    private written: number,
  ) {
    this.noted = found;
  }

  /**
   * Opens the file, or makes it. `body`: bytes of the log in a segment. `names`: what is in the directory. `isEmpty`: the
   * log has no segments, and its id is new; then what is found counts, whatever log it belongs to.
   */
  static async open(
    directory: string,
    files: FileLayer,
    log: {
      readonly body: number;
      readonly databaseId: bigint;
      readonly names: readonly string[];
      readonly isEmpty: boolean;
    },
  ): Promise<SyncedMark> {
    const path = join(directory, MARK_NAME);
    if (!log.names.includes(MARK_NAME)) await make(directory, path, files);
    const file = await files.openUnsynced(path);
    const bytes = await file.read(0, (NOTE_PLACE + 1) * PLACE_SIZE);
    const [first, second, note] = [0, 1, NOTE_PLACE].map((place) =>
      decode(bytes.subarray(place * PLACE_SIZE), log.isEmpty ? null : log.databaseId),
    );
    const mark = new SyncedMark(file, log.body, log.databaseId, Math.max(first, second, note), Math.max(first, second));
    mark.place = first > second ? 1 : 0;
    return mark;
  }

  /** The log is on disk up to `lsn`. */
  advance(lsn: number): void {
    this.reached = lsn;
    if (this.closing) return;
    this.note();
    if (this.writing) return;
    if (this.segmentOf(lsn) !== this.segmentOf(this.written)) this.write();
    else if (this.timer === null) {
      this.timer = setTimeout(() => this.write(), DELAY_MS);
      this.timer.unref();
    }
  }

  private note(): void {
    if (this.noting || this.noteTimer !== null) return;
    const wait = this.lastNote + NOTE_DELAY_MS - performance.now();
    if (wait <= 0) {
      this.writeNote();
      return;
    }
    this.noteTimer = setTimeout(() => {
      this.noteTimer = null;
      this.writeNote();
    }, wait);
    this.noteTimer.unref();
  }

  private writeNote(): void {
    const lsn = this.reached;
    if (lsn === this.noted) return;
    this.noting = true;
    this.lastNote = performance.now();
    this.file.write(encode(this.databaseId, lsn), NOTE_PLACE * PLACE_SIZE, (error) => {
      this.noting = false;
      this.noted = lsn;
      if (error !== null && shortageOf(error) === null) this.onFault(error);
      if (this.closing) this.told();
      else if (this.reached > lsn) this.note();
    });
  }

  /** The segment with the last byte before `lsn`. */
  private segmentOf(lsn: number): number {
    return Math.floor((lsn - 1) / this.body);
  }

  private write(): void {
    const lsn = this.reached;
    this.stopTimer();
    this.writing = true;
    failpoint('before-mark');
    const done = (error: Error | null): void => {
      this.writing = false;
      if (error === null) {
        failpoint('after-mark');
        this.written = lsn;
        this.place = 1 - this.place;
        if (this.reached > lsn) this.advance(this.reached);
      } else if (shortageOf(error) === null) this.onFault(error);
      this.told();
    };
    this.file.write(encode(this.databaseId, lsn), this.place * PLACE_SIZE, (error) => {
      if (error === null) this.file.sync(done);
      else done(error);
    });
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private told(): void {
    if (!this.writing && !this.noting) this.whenIdle?.();
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    this.closing = true;
    this.stopTimer();
    if (this.noteTimer !== null) clearTimeout(this.noteTimer);
    await this.idle();
    if (this.reached > this.written) this.write();
    await this.idle();
    await this.file.close();
  }

  private async idle(): Promise<void> {
    if (!this.writing && !this.noting) return;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
    });
  }
}

async function make(directory: string, path: string, files: FileLayer): Promise<void> {
  const file = await files.open(path, true);
  await fillWithZeroes(file, 0, (NOTE_PLACE + 1) * PLACE_SIZE);
  await file.close();
  await files.syncDirectory(directory);
}

function encode(databaseId: bigint, lsn: number): Buffer {
  const bytes = Buffer.alloc(ENCODED_SIZE);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeBigUInt64LE(databaseId, 16);
  bytes.writeBigUInt64LE(BigInt(lsn), 24);
  bytes.writeUInt32LE(crc32c(bytes, 0, CRC_OFFSET), CRC_OFFSET);
  return bytes;
}

/** The LSN; 0 when nothing intact is there, or it is another log's. Null stands for any log. */
function decode(bytes: Buffer, databaseId: bigint | null): number {
  if (bytes.length < ENCODED_SIZE || bytes.toString('latin1', 0, 8) !== MAGIC) return 0;
  if (bytes.readUInt32LE(CRC_OFFSET) !== crc32c(bytes, 0, CRC_OFFSET) || bytes.readUInt32LE(8) !== VERSION) return 0;
  if (databaseId !== null && bytes.readBigUInt64LE(16) !== databaseId) return 0;
  return Number(bytes.readBigUInt64LE(24));
}
