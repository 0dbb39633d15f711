/**
 * The segment files of one log: finding them, reading and writing by LSN, beginning the next one, and giving up old ones.
 *
 * Invariants: a file is called a segment only when it has its full size on disk; a segment is synced before
 * the next one is begun, so segments from the one being read on have no gaps unless a file was lost. Only the segment
 * that is written stays open, however many are kept.
 */
import { join } from 'node:path';
import { failpoint } from '../util/failpoint.js';
import { type Shortage, shortageOf } from '../util/shortage.js';
import { lengthWithoutZeroes } from '../util/zeroes.js';
import type { Done, FileLayer, LogFile } from './file-layer.js';
import { fillWithZeroes, finished } from './file-operations.js';
import { Patience } from './patience.js';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER,
  type SegmentHeader,
  segmentName,
  segmentNumber,
} from './segment.js';
import { SpareFiles } from './spare-files.js';
import { SyncedMark } from './synced-mark.js';
import { WalCorruption } from './wal-corruption.js';

export class SegmentFiles {
  /** The segment that is written. */
  private current: { readonly number: number; readonly file: LogFile } | null = null;
  /** Numbers of the segments that exist, ascending. */
  private numbers: number[] = [];
  private readonly patience = new Patience();
  private readonly spares: SpareFiles;
  private closing = false;
  readonly body: number;

  private constructor(
    readonly directory: string,
    private readonly files: FileLayer,
    private readonly segmentSize: number,
    private readonly databaseId: bigint,
    readonly mark: SyncedMark,
  ) {
    this.body = segmentSize - SEGMENT_HEADER;
    this.spares = new SpareFiles(directory, files, segmentSize, this.patience);
  }

  /** `fresh` is used when there is no segment yet. An existing log keeps its id and segment size. */
  static async open(directory: string, files: FileLayer, fresh: Omit<SegmentHeader, 'number'>): Promise<SegmentFiles> {
    const names = await files.list(directory);
    const numbers = names.flatMap((name) => segmentNumber(name) ?? []).sort((a, b) => a - b);
    const isEmpty = numbers.length === 0;
    const { fileSize, databaseId } = isEmpty
      ? fresh
      : await readHeader(join(directory, segmentName(numbers[0])), files);
    const body = fileSize - SEGMENT_HEADER;
    const mark = await SyncedMark.open(directory, files, { body, databaseId, names, isEmpty });
    const log = new SegmentFiles(directory, files, fileSize, databaseId, mark);
    log.numbers = numbers;
    await log.spares.adopt(names);
    return log;
  }

  path(number: number): string {
    return join(this.directory, segmentName(number));
  }

  numberOf(lsn: number): number {
    return Math.floor(lsn / this.body);
  }

  /** File and offset of a stream position, for messages. */
  place(lsn: number): { path: string; offset: number } {
    const number = this.numberOf(lsn);
    return { path: this.path(number), offset: SEGMENT_HEADER + (lsn - number * this.body) };
  }

  has(number: number): boolean {
    return this.numbers.includes(number);
  }

  /**
   * REQUIRES of a log that it can be read from `lsn` on: all segments from there to the last are there, and to the one with
   * the last byte before `atLeast`.
   * @throws WalCorruption naming the first one that is missing
   */
  checkComplete(lsn: number, atLeast: number): void {
    const last = Math.max(this.numbers.at(-1) ?? -1, atLeast === 0 ? -1 : this.numberOf(atLeast - 1));
    const first = this.numberOf(lsn);
    // A log that ends with a segment goes on in one that may not exist yet.
    if (last === first - 1 && lsn === first * this.body) return;
    for (let number = first; number <= Math.max(first, last); number++) {
      if (!this.has(number)) throw new WalCorruption(this.path(number), 0, 'the segment is missing');
    }
  }

  /** A segment's body; null when there is no such segment. @throws WalCorruption for a bad header or a short file */
  async readBody(number: number): Promise<Buffer | null> {
    if (!this.has(number)) return null;
    const file = await this.openFile(this.path(number));
    try {
      return await this.readSegment(number, file);
    } finally {
      await file.close();
    }
  }

  private async readSegment(number: number, file: LogFile): Promise<Buffer> {
    const header = decodeSegmentHeader(await file.read(0, SEGMENT_HEADER));
    const isOurs = header?.number === number && header.databaseId === this.databaseId;
    if (!isOurs || header.fileSize !== this.segmentSize) {
      throw new WalCorruption(this.path(number), 0, 'its header is damaged or belongs to another log');
    }
    const body = await file.read(SEGMENT_HEADER, this.body);
    if (body.length < this.body) {
      throw new WalCorruption(this.path(number), SEGMENT_HEADER + body.length, 'the file is too short');
    }
    return body;
  }

  private openFile(path: string): Promise<LogFile> {
    return this.patience.outlast(path, () => this.files.open(path, false));
  }

  /** What the log waits for: until it is there, what is appended may have nowhere to go. Null: all is well. */
  get shortage(): Shortage | null {
    return this.patience.shortage;
  }

  /** From now on a shortage is a fault: nobody is left who could wait. */
  stopWaiting(): void {
    this.closing = true;
    this.patience.isPatient = false;
  }

  /** Writes stream bytes from `lsn`; every segment touched is on disk before the next one is begun. */
  write(bytes: Buffer, lsn: number, done: Done): void {
    const number = this.numberOf(lsn);
    if (this.current?.number !== number) {
      this.turnTo(number).then(
        () => this.write(bytes, lsn, done),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
      return;
    }
    const { file } = this.current;
    const start = lsn - number * this.body;
    const room = this.body - start;
    const head = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.fill(file, head, SEGMENT_HEADER + start, (writeError) => {
      if (writeError !== null) {
        done(writeError);
        return;
      }
      const fault = faultAt('after-log-write');
      if (fault !== null) {
        done(fault);
        return;
      }
      file.sync((syncError) => {
        if (syncError !== null) done(syncError);
        else if (head.length < bytes.length) this.write(bytes.subarray(room), lsn + room, done);
        else done(null);
      });
    });
    if (start > this.body / 2 && !this.closing) this.spares.prepare();
  }

  /**
   * Writes, and waits when a file system that copies what is changed has no space for that. What such a write has done does not
   * matter: nothing of it was synced, and the next one brings the same bytes. (A sync that fails is another matter.)
   */
  private fill(file: LogFile, bytes: Buffer, offset: number, done: Done): void {
    const write = (over: Done): void => file.write(bytes, offset, over);
    write((error) => {
      if (error === null || !this.patience.isPatient || shortageOf(error) !== 'space') {
        done(error);
        return;
      }
      const path = this.path(this.current?.number ?? 0);
      this.patience
        .outlast(path, () => finished(write), 'space')
        .then(
          () => done(null),
          (fault: unknown) => done(fault instanceof Error ? fault : new Error(String(fault))),
        );
    });
  }

  /** Opens a segment for writing; makes it from a spare file when it does not exist. */
  private async turnTo(number: number): Promise<void> {
    await this.closeCurrent();
    const file = this.has(number) ? await this.openFile(this.path(number)) : await this.begin(number);
    this.current = { number, file };
  }

  private async closeCurrent(): Promise<void> {
    const { current } = this;
    this.current = null;
    await current?.file.close();
  }

  /** A shortage is no fault of the log: the segment could not be made, and nothing that was appended is lost by that. */
  private async begin(number: number): Promise<LogFile> {
    const path = this.path(number);
    const header = encodeSegmentHeader(this.segmentSize, this.databaseId, number);
    const spare = await this.patience.outlast(path, () => this.spares.take(header));
    try {
      failpoint('before-segment');
      await this.patience.outlast(path, () => this.files.rename(spare.path, path));
      failpoint('after-segment');
      // A sync that finds no space may have lost something.
      await this.patience.outlast(this.directory, () => this.files.syncDirectory(this.directory), 'descriptors');
    } catch (error) {
      await spare.file.close();
      throw error;
    }
    this.numbers.push(number);
    // A log whose first segment cannot be made tells it at once.
    this.patience.isPatient = !this.closing;
    return spare.file;
  }

  /**
   * Makes everything from `lsn` on durable as it is. A process that was killed may have left bytes that are in the
   * kernel only; whoever acts on them must not find them gone after a power failure.
   */
  async syncFrom(lsn: number): Promise<void> {
    for (const number of this.numbers.filter((candidate) => candidate >= this.numberOf(lsn))) {
      const file = await this.openFile(this.path(number));
      await finished((done) => file.sync(done));
      await file.close();
    }
    await this.files.syncDirectory(this.directory);
  }

  /**
   * Overwrites what follows `lsn` with zeroes and removes later segments, so that no stale record can follow.
   */
  async eraseFrom(lsn: number): Promise<void> {
    const number = this.numberOf(lsn);
    // From the end, each before the next, so that no crash leaves a gap.
    for (const later of this.numbers.filter((candidate) => candidate > number).reverse()) {
      this.numbers.pop();
      await this.files.remove(this.path(later));
      await this.files.syncDirectory(this.directory);
    }
    if (this.has(number)) await this.erase(number, lsn);
    this.patience.isPatient = this.numbers.length > 0;
  }

  private async erase(number: number, lsn: number): Promise<void> {
    await this.turnTo(number);
    const file = this.current?.file;
    if (file === undefined) return;
    const start = SEGMENT_HEADER + (lsn - number * this.body);
    const rest = await file.read(start, this.segmentSize - start);
    await fillWithZeroes(file, start, start + lengthWithoutZeroes(rest));
  }

  /**
   * Segments wholly before `lsn`: some become spares, the rest is removed. The one with the last byte before `lsn` stays,
   * so that a log without segments is either new or lost.
   */
  async recycle(lsn: number): Promise<void> {
    const keep = this.numberOf(Math.max(0, lsn - 1));
    for (const number of this.numbers.filter((candidate) => candidate < keep)) {
      this.numbers = this.numbers.filter((candidate) => candidate !== number);
      if (this.spares.isWanted) await this.spares.add(this.path(number));
      else await this.files.remove(this.path(number));
    }
  }

  async close(): Promise<void> {
    this.stopWaiting();
    await this.spares.idle();
    await this.closeCurrent();
    await this.mark.close();
  }
}

async function readHeader(path: string, files: FileLayer): Promise<SegmentHeader> {
  const file = await files.open(path, false);
  const header = decodeSegmentHeader(await file.read(0, SEGMENT_HEADER));
  await file.close();
  if (header === null) throw new WalCorruption(path, 0, 'its header is damaged');
  return header;
}

/** A failpoint where a fault goes to a callback. */
function faultAt(name: string): Error | null {
  try {
    failpoint(name);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
