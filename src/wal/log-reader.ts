/**
 * Reads records from a log and decides, where they end, whether that is a torn tail or damage.
 *
 * A power failure may tear only what was not synced: the one write under way, any sectors of it, in any order. Every
 * record says up to where the log was on disk when it was made. So an intact record behind a bad place proves damage
 * when it was made after that place had been synced, and proves nothing when it was part of the same write.
 */
import { decodeHeader, isIntact, MAX_PAYLOAD, RECORD_HEADER, type RecordHeader, recordSize } from './record.js';
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

const ALIGNMENT = 8;
const LSN_OFFSET = 8;

export class LogReader {
  /** Behind the last record read. */
  end: number;
  /** The log from LSN `start` on; up to the end of segment `next` - 1. */
  private bytes: Buffer = Buffer.alloc(0);
  private start: number;
  private next: number;

  /**
   * @param from start of a record, or end of the log
   * @param durable everything below is known to be on disk: the reading ends there, and a bad record before is damage.
   *   Null for a log whose end is to be found.
   */
  constructor(
    private readonly segments: SegmentFiles,
    from: number,
    private readonly durable: number | null,
  ) {
    this.end = from;
    this.next = segments.numberOf(from);
    this.start = this.next * segments.body;
  }

  async *records(): AsyncIterable<WalRecord> {
    const { durable } = this;
    if (durable !== null && this.end >= durable) return;
    this.segments.checkComplete(this.end);
    for (;;) {
      const record = await this.recordAt(this.end);
      if (record === null) break;
      this.end = record.endLsn;
      yield record;
      if (durable !== null && this.end >= durable) return;
    }
    if (durable !== null) throw this.damage(`the log was synced up to LSN ${durable}`);
    await this.checkTail();
  }

  private async recordAt(lsn: number): Promise<WalRecord | null> {
    const header = await this.headerAt(lsn);
    if (header === null || !(await this.isIntactAt(lsn, header))) return null;
    const from = lsn - this.start + RECORD_HEADER;
    const payload = this.bytes.subarray(from, from + header.length);
    return { lsn, endLsn: lsn + recordSize(header.length), type: header.type, time: header.time, payload };
  }

  /** Null when what is there cannot be the header of a record at this place. */
  private async headerAt(lsn: number): Promise<RecordHeader | null> {
    if (!(await this.load(lsn, RECORD_HEADER))) return null;
    const header = decodeHeader(this.bytes, lsn - this.start);
    const isPlausible = header.lsn === lsn && header.length <= MAX_PAYLOAD && header.type > 0 && header.type <= 255;
    return isPlausible ? header : null;
  }

  private async isIntactAt(lsn: number, header: RecordHeader): Promise<boolean> {
    if (!(await this.load(lsn, recordSize(header.length)))) return false;
    return isIntact(this.bytes, lsn - this.start, header);
  }

  /** Makes `length` bytes from `lsn` on available, and forgets what is before; false when the log does not have them. */
  private async load(lsn: number, length: number): Promise<boolean> {
    const { bytes, segments } = this;
    let available = this.start + bytes.length - lsn;
    if (available >= length) return true;
    const parts: Buffer[] = available > 0 ? [bytes.subarray(lsn - this.start)] : [];
    while (available < length) {
      const body = await segments.readBody(this.next);
      if (body === null) break;
      this.next++;
      // The first body read may begin before the record wanted.
      const part = parts.length === 0 && available < 0 ? body.subarray(-available) : body;
      parts.push(part);
      available += body.length;
    }
    if (parts.length > 0) {
      this.bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      this.start = lsn;
    }
    return available >= length;
  }

  /** @throws WalCorruption when a later intact record says that the place of the fault was on disk */
  private async checkTail(): Promise<void> {
    const fault = this.end;
    for (let lsn = fault; await this.has(lsn); lsn += ALIGNMENT) {
      if (this.bytes.readUInt32LE(lsn - this.start + LSN_OFFSET) !== lsn % 4294967296) continue;
      const header = await this.headerAt(lsn);
      if (header === null || header.durable <= fault || !(await this.isIntactAt(lsn, header))) continue;
      throw this.damage(`an intact record at LSN ${lsn} follows`);
    }
  }

  /** Synchronous for all but the last positions of a segment. */
  private has(lsn: number): boolean | Promise<boolean> {
    return lsn + RECORD_HEADER <= this.start + this.bytes.length || this.load(lsn, RECORD_HEADER);
  }

  private damage(what: string): WalCorruption {
    const { path, offset } = this.segments.place(this.end);
    return new WalCorruption(path, offset, what);
  }
}
