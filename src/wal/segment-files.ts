/**
 * The segment files of one log: finding them, reading and writing by LSN, making the next one ready before it is needed,
 * and using old ones again.
 *
 * Invariants: a file is called a segment or a spare only when it has its full size on disk; a segment is synced before
 * the next one is begun, so segments from the one being read on have no gaps unless a file was lost.
 */
import { join } from 'node:path';
import { failpoint } from '../util/failpoint.js';
import { lengthWithoutZeroes } from '../util/zeroes.js';
import type { Done, FileLayer, LogFile } from './file-layer.js';
import { decodeSegmentHeader, encodeSegmentHeader, SEGMENT_HEADER, segmentName, segmentNumber } from './segment.js';
import { WalCorruption } from './wal-corruption.js';

const ZEROES = Buffer.alloc(1 << 20);
const SPARE_PREFIX = 'spare-';
/** A file that is still being filled. */
const NEW_PREFIX = 'new-';
/** Old segments that are kept for later use. */
const KEPT_SPARES = 4;
/** How long to wait before space is looked for again on a full disk. */
const SPACE_RETRY_MS = 300;

export class SegmentFiles {
  private readonly open = new Map<number, LogFile>();
  /** Numbers of the segments that exist, ascending. */
  private numbers: number[] = [];
  /** Files that wait to become a segment. */
  private spares: string[] = [];
  private preparing: Promise<void> | null = null;
  private spareCount = 0;
  /** The file for which the disk has no space: until it can be made, what is appended may have nowhere to go. */
  fullFile: string | null = null;
  private closing = false;
  readonly body: number;

  private constructor(
    readonly directory: string,
    private readonly files: FileLayer,
    private readonly segmentSize: number,
    private readonly databaseId: bigint,
  ) {
    this.body = segmentSize - SEGMENT_HEADER;
  }

  /** `databaseId` is used when there is no segment yet. An existing log keeps its id and segment size. */
  static async open(
    directory: string,
    files: FileLayer,
    segmentSize: number,
    databaseId: bigint,
  ): Promise<SegmentFiles> {
    const names = await files.list(directory);
    const numbers = names.flatMap((name) => segmentNumber(name) ?? []).sort((a, b) => a - b);
    for (const name of names) if (name.startsWith(NEW_PREFIX)) await files.remove(join(directory, name));
    const spares = names.filter((name) => name.startsWith(SPARE_PREFIX));
    let log: SegmentFiles;
    if (numbers.length === 0) log = new SegmentFiles(directory, files, segmentSize, databaseId);
    else {
      const path = join(directory, segmentName(numbers[0]));
      const file = await files.open(path, false);
      const header = decodeSegmentHeader(await file.read(0, SEGMENT_HEADER));
      await file.close();
      if (header === null) throw new WalCorruption(path, 0, 'its header is damaged');
      log = new SegmentFiles(directory, files, header.fileSize, header.databaseId);
    }
    log.numbers = numbers;
    await log.adoptSpares(spares);
    return log;
  }

  private async adoptSpares(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const path = join(this.directory, name);
      const file = await this.files.open(path, false);
      const size = await file.size();
      await file.close();
      if (size === this.segmentSize && this.spares.length < KEPT_SPARES) this.spares.push(name);
      else await this.files.remove(path);
      const count = Number(name.slice(SPARE_PREFIX.length));
      if (count > this.spareCount) this.spareCount = count;
    }
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
   * REQUIRES of a log that it can be read from `lsn` on: all segments from there to the last are there.
   * @throws WalCorruption naming the first one that is missing
   */
  checkComplete(lsn: number): void {
    const last = this.numbers.at(-1) ?? -1;
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
    const file = await this.file(number);
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

  private async file(number: number): Promise<LogFile> {
    const known = this.open.get(number);
    if (known !== undefined) return known;
    const file = await this.files.open(this.path(number), false);
    this.open.set(number, file);
    return file;
  }

  /** Writes stream bytes from `lsn`; every segment touched is on disk before the next one is begun. */
  write(bytes: Buffer, lsn: number, done: Done): void {
    const number = this.numberOf(lsn);
    const file = this.open.get(number);
    if (file === undefined) {
      this.ensure(number).then(
        () => this.write(bytes, lsn, done),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
      return;
    }
    const start = lsn - number * this.body;
    const room = this.body - start;
    const head = bytes.length <= room ? bytes : bytes.subarray(0, room);
    file.write(head, SEGMENT_HEADER + start, (writeError) => {
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
    if (start > this.body / 2) this.prepare();
  }

  /** Opens a segment for writing; makes it from a spare file when it does not exist. */
  private async ensure(number: number): Promise<void> {
    if (this.has(number)) {
      await this.file(number);
      return;
    }
    if (this.preparing !== null) await this.preparing;
    while (this.spares.length === 0) await this.makeOrWait();
    const spare = this.spares.pop();
    if (spare === undefined) throw new Error('no log segment could be prepared');
    const file = await this.files.open(join(this.directory, spare), false);
    await finished((done) => file.write(encodeSegmentHeader(this.segmentSize, this.databaseId, number), 0, done));
    await finished((done) => file.sync(done));
    failpoint('before-segment');
    await this.files.rename(join(this.directory, spare), this.path(number));
    failpoint('after-segment');
    await this.files.syncDirectory(this.directory);
    this.open.set(number, file);
    this.numbers.push(number);
  }

  /** Makes a spare file in the background, so that the next segment is there when it is needed. */
  private prepare(): void {
    if (this.preparing !== null || this.spares.length > 0 || this.closing) return;
    this.preparing = this.makeOrWait().then(
      () => {
        this.preparing = null;
        // On a full disk until there is one: nothing else would try when no commit is let through.
        if (this.fullFile !== null) this.prepare();
      },
      () => {
        // The write that needs the segment will try again and report the fault.
        this.preparing = null;
      },
    );
  }

  /**
   * A full disk is no fault of the log: the file could not be made, and nothing that was appended is lost by that. So
   * it is said in `fullFile`, and after a while there may be space. @throws other faults
   */
  private async makeOrWait(): Promise<void> {
    try {
      await this.makeSpare();
      this.fullFile = null;
    } catch (error) {
      // A log without any segment is being made: that is told at once.
      if (!isDiskFull(error) || this.closing || this.numbers.length === 0) throw error;
      this.fullFile = join(this.directory, `${NEW_PREFIX}${this.spareCount}`);
      await new Promise((resolve) => {
        setTimeout(resolve, SPACE_RETRY_MS);
      });
    }
  }

  /** From now on a full disk is a fault: nobody is left who could wait for space. */
  stopWaiting(): void {
    this.closing = true;
  }

  private async makeSpare(): Promise<void> {
    const count = ++this.spareCount;
    const unfinished = join(this.directory, `${NEW_PREFIX}${count}`);
    failpoint('before-preallocation');
    const file = await this.files.open(unfinished, true);
    try {
      await fillWithZeroes(file, 0, this.segmentSize);
    } catch (error) {
      // A half-filled file would keep what is left of a full disk.
      await file.close();
      await this.files.remove(unfinished);
      throw error;
    }
    await file.close();
    const name = `${SPARE_PREFIX}${count}`;
    await this.files.rename(unfinished, join(this.directory, name));
    this.spares.push(name);
  }

  /**
   * Makes everything from `lsn` on durable as it is. A process that was killed may have left bytes that are in the
   * kernel only; whoever acts on them must not find them gone after a power failure.
   */
  async syncFrom(lsn: number): Promise<void> {
    for (const number of this.numbers.filter((candidate) => candidate >= this.numberOf(lsn))) {
      const file = await this.file(number);
      await finished((done) => file.sync(done));
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
      await this.remove(later);
      await this.files.syncDirectory(this.directory);
    }
    if (!this.has(number)) return;
    const file = await this.file(number);
    const start = SEGMENT_HEADER + (lsn - number * this.body);
    const rest = await file.read(start, this.segmentSize - start);
    await fillWithZeroes(file, start, start + lengthWithoutZeroes(rest));
  }

  private async remove(number: number): Promise<void> {
    await this.forget(number);
    await this.files.remove(this.path(number));
  }

  private async forget(number: number): Promise<void> {
    const file = this.open.get(number);
    this.open.delete(number);
    this.numbers = this.numbers.filter((candidate) => candidate !== number);
    await file?.close();
  }

  /**
   * Segments wholly before `lsn`: some become spares, the rest is removed. The one with the last byte before `lsn` stays,
   * so that a log without segments is either new or lost.
   */
  async recycle(lsn: number): Promise<void> {
    const keep = this.numberOf(Math.max(0, lsn - 1));
    for (const number of this.numbers.filter((candidate) => candidate < keep)) {
      if (this.spares.length >= KEPT_SPARES) {
        await this.remove(number);
        continue;
      }
      await this.forget(number);
      const name = `${SPARE_PREFIX}${++this.spareCount}`;
      failpoint('before-segment-recycle');
      await this.files.rename(this.path(number), join(this.directory, name));
      failpoint('after-segment-recycle');
      this.spares.push(name);
      this.fullFile = null;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.preparing !== null) await this.preparing;
    const files = [...this.open.values()];
    this.open.clear();
    for (const file of files) await file.close();
  }
}

/** Whether the file system said that there is no space, or none within the quota. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
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

async function fillWithZeroes(file: LogFile, start: number, end: number): Promise<void> {
  for (let offset = start; offset < end; offset += ZEROES.length) {
    const chunk = ZEROES.subarray(0, Math.min(ZEROES.length, end - offset));
    await finished((done) => file.write(chunk, offset, done));
  }
  await finished((done) => file.sync(done));
}

function finished(start: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(error)));
  });
}
