/**
 * Reads records from a log and decides, where they end, whether that is a torn tail or damage.
 *
 * A power failure may tear only what was not synced: the one write under way, any sectors of it, in any order. Every
 * record says up to where the log was on disk when it was made. So an intact record behind a bad place proves damage
 * when it was made after that place had been synced, and proves nothing when it was part of the same write.
 */
import { isZero } from '../util/zeroes.js';
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
/** So many zeroes hold no record, not even the beginning of one that ends behind them, except in the last 8 bytes. */
const ZERO_BLOCK = 4096;

export class LogReader {
  /** Behind the last record read. */
  end: number;
  /** What the end of the log looks like, when it is the rest of a write that was under way (or damage within that). */
  torn: { readonly path: string; readonly offset: number; readonly intactBehind: number } | null = null;
  /** The log from LSN `start` on; up to the beginning of segment `nextSegment`. */
  private bytes: Buffer = Buffer.alloc(0);
  private start: number;
  private nextSegment: number;
  private isChecked = false;
  private readonly durable: number | null;
  private readonly atLeast: number;

  /**
   * @param from start of a record, or end of the log
   * @param limit `durable`: everything below is known to be on disk: the reading ends there, and a bad record before is
   *   damage. `atLeast`: the end of the log is to be found, and is damage when it is before that.
   */
  constructor(
    private readonly segments: SegmentFiles,
    from: number,
    limit: { readonly durable: number } | { readonly atLeast: number },
  ) {
    this.durable = 'durable' in limit ? limit.durable : null;
    this.atLeast = 'durable' in limit ? limit.durable : limit.atLeast;
    this.end = from;
    this.nextSegment = segments.numberOf(from);
    this.start = this.nextSegment * segments.body;
  }

  /** The next record when it is in memory as a whole; null says nothing. Most are: reading goes segment by segment. */
  nextLoaded(): WalRecord | null {
    const lsn = this.end;
    if (this.durable !== null && lsn >= this.durable) return null;
    if (!this.isLoaded(lsn, RECORD_HEADER)) return null;
    const header = this.headerAt(lsn);
    if (header === null || !this.isLoaded(lsn, recordSize(header.length))) return null;
    return isIntact(this.bytes, lsn - this.start, header) ? this.take(lsn, header) : null;
  }

  /** The next record, or null at the end of the log. @throws WalCorruption */
  async next(): Promise<WalRecord | null> {
    const { durable, end: lsn } = this;
    if (durable !== null && lsn >= durable) return null;
    if (!this.isChecked) this.segments.checkComplete(lsn, this.atLeast);
    this.isChecked = true;
    const header = (await this.load(lsn, RECORD_HEADER)) ? this.headerAt(lsn) : null;
    if (header !== null && (await this.isIntactAt(lsn, header))) return this.take(lsn, header);
    if (lsn < this.atLeast) {
      const { path, offset } = this.segments.place(this.atLeast);
      throw this.damage(`the log was on disk up to offset ${offset} of ${path}`);
    }
    await this.checkTail();
    return null;
  }

  private take(lsn: number, header: RecordHeader): WalRecord {
    const from = lsn - this.start + RECORD_HEADER;
    const payload = this.bytes.subarray(from, from + header.length);
    this.end = lsn + recordSize(header.length);
    return { lsn, endLsn: this.end, type: header.type, time: header.time, payload };
  }

  /** Null when what is there cannot be the header of a record at this place. REQUIRES that it is loaded. */
  private headerAt(lsn: number): RecordHeader | null {
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
      const body = await segments.readBody(this.nextSegment);
      if (body === null) break;
      this.nextSegment++;
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
    let lsn = fault;
    let isBegun = false;
    let intactBehind = 0;
    while (this.isLoaded(lsn, RECORD_HEADER) || (await this.load(lsn, RECORD_HEADER))) {
      const at = lsn - this.start;
      const word = this.bytes.readUInt32LE(at + LSN_OFFSET);
      if (word === 0 && this.isLoaded(lsn, ZERO_BLOCK) && isZero(this.bytes, at, at + ZERO_BLOCK)) {
        lsn += ZERO_BLOCK - ALIGNMENT;
        continue;
      }
      if (word === lsn % 4294967296) {
        const header = this.headerAt(lsn);
        if (header !== null && lsn === fault) isBegun = true;
        else if (header !== null && (await this.isIntactAt(lsn, header))) {
          if (header.durable > fault) throw this.damage(`an intact record at LSN ${lsn} follows`);
          intactBehind++;
        }
      }
      lsn += ALIGNMENT;
    }
    if (isBegun || intactBehind > 0) this.torn = { ...this.segments.place(fault), intactBehind };
  }

  private isLoaded(lsn: number, length: number): boolean {
    return lsn + length <= this.start + this.bytes.length;
  }

  private damage(what: string): WalCorruption {
    const { path, offset } = this.segments.place(this.end);
    return new WalCorruption(path, offset, what);
  }
}
