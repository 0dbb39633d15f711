/**
 * The segment files of one log: finding them, reading and writing by LSN, making the next one ready before it is needed,
 * and using old ones again.
 */
import { join } from 'node:path';
import type { Done, FileLayer, LogFile } from './file-layer.js';
import { decodeSegmentHeader, encodeSegmentHeader, SEGMENT_HEADER, segmentName, segmentNumber } from './segment.js';
import { WalCorruption } from './wal-corruption.js';

const ZEROES = Buffer.alloc(1 << 20);
const SPARE_PREFIX = 'spare-';

export class SegmentFiles {
  private readonly open = new Map<number, LogFile>();
  /** Numbers of the segments that exist, ascending. */
  private numbers: number[] = [];
  /** Files that wait to become a segment. */
  private spares: string[] = [];
  private preparing: Promise<void> | null = null;
  private spareCount = 0;
  readonly body: number;

  private constructor(
    readonly directory: string,
    private readonly files: FileLayer,
    private readonly segmentSize: number,
    private databaseId: bigint,
  ) {
    this.body = segmentSize - SEGMENT_HEADER;
  }

  /** `databaseId` is used when there is no segment yet. An existing log keeps its id and segment size. */
  static async open(directory: string, files: FileLayer, segmentSize: number, databaseId: bigint): Promise<SegmentFiles> {
    const names = await files.list(directory);
    const numbers = names.flatMap((name) => segmentNumber(name) ?? []).sort((a, b) => a - b);
    for (const name of names) if (name.startsWith(SPARE_PREFIX)) await files.remove(join(directory, name));
    if (numbers.length === 0) return new SegmentFiles(directory, files, segmentSize, databaseId);
    const path = join(directory, segmentName(numbers[0]));
    const file = await files.open(path, false);
    const header = decodeSegmentHeader(await file.read(0, SEGMENT_HEADER));
    await file.close();
    if (header === null) throw new WalCorruption(path, 0, 'its header is damaged');
    const log = new SegmentFiles(directory, files, header.fileSize, header.databaseId);
    log.numbers = numbers;
    return log;
  }

  get first(): number {
    return this.numbers[0] ?? 0;
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

  get last(): number {
    return this.numbers[this.numbers.length - 1] ?? -1;
  }

  /** A segment's body; null when there is no such segment. @throws WalCorruption for a bad header */
  async readBody(number: number): Promise<Buffer | null> {
    if (!this.has(number)) return null;
    const file = await this.file(number);
    const header = decodeSegmentHeader(await file.read(0, SEGMENT_HEADER));
    if (header === null || header.number !== number || header.databaseId !== this.databaseId || header.fileSize !== this.segmentSize) {
      throw new WalCorruption(this.path(number), 0, 'its header is damaged or belongs to another log');
    }
    return file.read(SEGMENT_HEADER, this.body);
  }

  private async file(number: number): Promise<LogFile> {
    const known = this.open.get(number);
    if (known !== undefined) return known;
    const file = await this.files.open(this.path(number), false);
    this.open.set(number, file);
    return file;
  }

  /** Writes stream bytes from `lsn` and syncs every segment touched. */
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
    if (this.spares.length === 0) await this.makeSpare();
    const spare = this.spares.pop();
    if (spare === undefined) throw new Error('no log segment could be prepared');
    const file = await this.files.open(join(this.directory, spare), false);
    await finished((done) => file.write(encodeSegmentHeader(this.segmentSize, this.databaseId, number), 0, done));
    await finished((done) => file.sync(done));
    await this.files.rename(join(this.directory, spare), this.path(number));
    await this.files.syncDirectory(this.directory);
    this.open.set(number, file);
    this.numbers.push(number);
    this.prepare();
  }

  /** Makes a spare file in the background, so that the next segment is there when it is needed. */
  private prepare(): void {
    if (this.preparing !== null || this.spares.length > 0) return;
    this.preparing = this.makeSpare().then(
      () => {
        this.preparing = null;
      },
      () => {
        // The write that needs the segment will try again and report the fault.
        this.preparing = null;
      },
    );
  }

  private async makeSpare(): Promise<void> {
    const name = `${SPARE_PREFIX}${++this.spareCount}`;
    const file = await this.files.open(join(this.directory, name), true);
    for (let offset = 0; offset < this.segmentSize; offset += ZEROES.length) {
      const chunk = ZEROES.subarray(0, Math.min(ZEROES.length, this.segmentSize - offset));
      await finished((done) => file.write(chunk, offset, done));
    }
    await finished((done) => file.sync(done));
    await file.close();
    this.spares.push(name);
  }

  /** Overwrites everything from `lsn` on with zeroes and removes later segments, so that no stale record can follow. */
  async eraseFrom(lsn: number): Promise<void> {
    const number = this.numberOf(lsn);
    for (const later of this.numbers.filter((candidate) => candidate > number)) await this.remove(later);
    if (!this.has(number)) return;
    const file = await this.file(number);
    let offset = SEGMENT_HEADER + (lsn - number * this.body);
    while (offset < this.segmentSize) {
      const chunk = ZEROES.subarray(0, Math.min(ZEROES.length, this.segmentSize - offset));
      await finished((done) => file.write(chunk, offset, done));
      offset += chunk.length;
    }
    await finished((done) => file.sync(done));
    await this.files.syncDirectory(this.directory);
  }

  private async remove(number: number): Promise<void> {
    await this.open.get(number)?.close();
    this.open.delete(number);
    this.numbers = this.numbers.filter((candidate) => candidate !== number);
    await this.files.remove(this.path(number));
  }

  /** Segments wholly before `lsn`: one becomes a spare, the rest is removed. */
  async recycle(lsn: number): Promise<void> {
    const keep = this.numberOf(lsn);
    for (const number of this.numbers.filter((candidate) => candidate < keep)) {
      if (this.spares.length > 0) {
        await this.remove(number);
        continue;
      }
      await this.open.get(number)?.close();
      this.open.delete(number);
      this.numbers = this.numbers.filter((candidate) => candidate !== number);
      const name = `${SPARE_PREFIX}${++this.spareCount}`;
      await this.files.rename(this.path(number), join(this.directory, name));
      this.spares.push(name);
    }
  }

  async close(): Promise<void> {
    if (this.preparing !== null) await this.preparing;
    for (const file of this.open.values()) await file.close();
    this.open.clear();
  }
}

function finished(start: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(error)));
  });
}
