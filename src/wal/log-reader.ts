/** Reads records from a log and decides, where they end, whether that is a torn tail or damage. */
import { decodeHeader, isIntact, RECORD_HEADER, recordSize } from './record.js';
import type { SegmentFiles } from './segment-files.js';
import { WalCorruption } from './wal-corruption.js';

export interface WalRecord {
  /** Where it starts. */
  readonly lsn: number;
  /** Where it ends: what `append` returned. */
  readonly endLsn: number;
  readonly type: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly payload: Buffer;
}

export interface LogReader {
  records(): AsyncIterable<WalRecord>;
  /** After `records` has come to its end: the end of the log. */
  readonly end: number;
}

const ALIGNMENT = 8;
const LSN_OFFSET = 8;
const MAX_PAYLOAD = 1 << 30;

export function readLog(segments: SegmentFiles, from: number): LogReader {
  return new Reader(segments, from);
}

class Reader implements LogReader {
  end: number;
  /** Bodies from segment `base` on, joined. */
  private bytes: Buffer = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly segments: SegmentFiles,
    from: number,
  ) {
    this.end = from;
  }

  async *records(): AsyncIterable<WalRecord> {
    const first = this.segments.numberOf(this.end);
    if (this.segments.last >= 0 && this.end > 0 && !this.segments.has(first)) {
      const atBoundary = this.end === first * this.segments.body;
      if (!(atBoundary && this.segments.last === first - 1)) throw new WalCorruption(this.segments.path(first), 0, 'the segment is missing');
    }
    this.start = first * this.segments.body;
    for (;;) {
      const record = await this.recordAt(this.end);
      if (record === null) break;
      this.end = record.endLsn;
      this.forgetBefore(this.end);
      yield record;
    }
    await this.checkTail();
  }

  private async recordAt(lsn: number): Promise<WalRecord | null> {
    if (!(await this.load(lsn, RECORD_HEADER))) return null;
    const header = decodeHeader(this.bytes, lsn - this.start);
    if (header.lsn !== lsn || header.length > MAX_PAYLOAD || header.type === 0 || header.type > 255) return null;
    const size = recordSize(header.length);
    if (!(await this.load(lsn, size))) return null;
    const at = lsn - this.start;
    if (!isIntact(this.bytes, at, header)) return null;
    const payload = this.bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + header.length);
    return { lsn, endLsn: lsn + size, type: header.type, time: header.time, payload };
  }

  private isLoaded(lsn: number, length: number): boolean {
    return this.start + this.bytes.length >= lsn + length;
  }

  /** Makes `length` bytes from `lsn` on available; false when the log does not have them. */
  private async load(lsn: number, length: number): Promise<boolean> {
    while (this.start + this.bytes.length < lsn + length) {
      const next = (this.start + this.bytes.length) / this.segments.body;
      const body = await this.segments.readBody(next);
      if (body === null) return false;
      this.bytes = this.bytes.length === 0 ? body : Buffer.concat([this.bytes, body]);
    }
    return true;
  }

  /** Drops whole segments that have been read. */
  private forgetBefore(lsn: number): void {
    const { body } = this.segments;
    const whole = Math.floor((lsn - this.start) / body) * body;
    if (whole === 0) return;
    this.bytes = this.bytes.subarray(whole);
    this.start += whole;
  }

  /** @throws WalCorruption when a later intact record says that the place of the fault was on disk */
  private async checkTail(): Promise<void> {
    const fault = this.end;
    for (let lsn = fault; this.isLoaded(lsn, RECORD_HEADER) || (await this.load(lsn, RECORD_HEADER)); lsn += ALIGNMENT) {
      if (this.bytes.readUInt32LE(lsn - this.start + LSN_OFFSET) !== lsn % 4294967296) continue;
      const header = decodeHeader(this.bytes, lsn - this.start);
      if (header.lsn !== lsn || header.length > MAX_PAYLOAD || header.durable <= fault) continue;
      if (!(await this.load(lsn, recordSize(header.length)))) continue;
      if (!isIntact(this.bytes, lsn - this.start, header)) continue;
      const { path, offset } = this.segments.place(fault);
      throw new WalCorruption(path, offset, `an intact record at LSN ${lsn} follows`);
    }
  }
}
