/**
 * Looks for damage in LevelDB's log files. LevelDB itself passes over records that it cannot read, and goes on with those
 * behind them: an older state with newer parts. What a power failure has torn is harmless, because it was never spoken of;
 * but no record that was written after a sync may follow something unreadable. The format is LevelDB's (log_format.md).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '../../util/crc32c.js';
import { KvError } from '../kv-error.js';

const BLOCK = 32_768;
/** Checksum, length, type. */
const HEADER = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/** LevelDB stores checksums in another form, so that checksums of what has checksums in it are none (crc32c.h). */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * `marker`: a key that is written only when all before it was synced.
 * @throws KvError 'corrupt' naming file and offset when something before such a write is damaged
 */
export async function checkLogFiles(directory: string, marker: Buffer): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^\d+\.log$/.test(name)).sort();
  let damage: string | null = null;
  for (const name of names) {
    const path = join(directory, name);
    const scan = scanLog(await readFile(path), marker, damage !== null);
    damage ??= scan.badAt < 0 ? null : `${path} at offset ${scan.badAt}`;
    if (scan.markerBehindDamage) throw new KvError('corrupt', `the store is damaged: a record of ${damage}`);
  }
}

/** `isDamaged`: something before this file is. */
function scanLog(bytes: Buffer, marker: Buffer, isDamaged: boolean): { badAt: number; markerBehindDamage: boolean } {
  let badAt = -1;
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const end = at + HEADER + length;
    const isWhole = HEADER + length <= left && end <= bytes.length;
    if (!isWhole || masked(crc32c(bytes, at + 6, end)) !== bytes.readUInt32LE(at)) {
      if (badAt < 0) badAt = at;
      parts = [];
      at += left;
      continue;
    }
    const type = bytes[at + 6];
    if (type === FULL || type === FIRST) parts = [];
    parts.push(bytes.subarray(at + HEADER, end));
    const isOver = type === FULL || type === LAST;
    if (isOver && (isDamaged || badAt >= 0) && Buffer.concat(parts).includes(marker))
      return { badAt, markerBehindDamage: true };
    at = end;
  }
  return { badAt, markerBehindDamage: false };
}
