/**
 * Reads the records of LevelDB's logs: its write-ahead logs and the MANIFEST. Blocks of 32 KiB hold fragments, each with a
 * masked CRC-32C (4 bytes), a length (2) and a kind (1) before it (log_format.md of LevelDB).
 */
import { crc32c } from '../../util/crc32c.js';
import { masked } from './table-bytes.js';

const BLOCK = 32_768;
const HEADER = 7;
const KIND = 6;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

export interface LogRecord {
  /** Of its last fragment, or of what cannot be read. */
  readonly offset: number;
  /** Null where bytes cannot be read: the rest of their block is passed over, as LevelDB does. */
  readonly bytes: Buffer | null;
  /** What cannot be read would reach beyond the end of the file, as when it was being written at a power failure. */
  readonly isCutOff: boolean;
}

export function* logRecords(log: Buffer): Generator<LogRecord> {
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER <= log.length; ) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const length = HEADER + log.readUInt16LE(at + 4);
    const end = at + length;
    const fits = length <= left && end <= log.length;
    if (!fits || masked(crc32c(log, at + KIND, end)) !== log.readUInt32LE(at)) {
      yield { offset: at, bytes: null, isCutOff: length <= left && end > log.length };
      parts = [];
      at += left;
      continue;
    }
    const kind = log[at + KIND];
    if (kind === FULL || kind === FIRST) parts = [];
    parts.push(log.subarray(at + HEADER, end));
    if (kind === FULL || kind === LAST) yield { offset: at, bytes: Buffer.concat(parts), isCutOff: false };
    at = end;
  }
}
