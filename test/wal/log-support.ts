/** Opening, filling and reading logs in tests. */
import { join } from 'node:path';
import { MARK_NAME } from '../../src/wal/synced-mark.js';
import { Wal, type WalOptions } from '../../src/wal/wal.js';
import type { SimulatedDisk } from './simulated-files.js';

export const DIRECTORY = '/data/wal';
/** Small, so that records cross segments. */
export const SEGMENT_SIZE = 4096;

export interface Entry {
  readonly lsn: number;
  readonly endLsn: number;
  readonly type: number;
  readonly payload: Buffer;
}

/** Opens a log and reads it to its end, as recovery does. */
export async function openLog(
  files: SimulatedDisk,
  from = 0,
  options: Partial<WalOptions> = {},
): Promise<{ wal: Wal; entries: Entry[] }> {
  const wal = await Wal.open(DIRECTORY, { segmentSize: SEGMENT_SIZE, files: files.mounted(), ...options });
  return { wal, entries: await readAll(wal, from) };
}

/** As after a crash before the mark was written: the end of the log is where the reading ends. */
export function loseMark(disk: SimulatedDisk): void {
  disk.lose(join(DIRECTORY, MARK_NAME));
}

export async function readAll(wal: Wal, from = 0): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { lsn, endLsn, type, payload } of wal.readFrom(from))
    entries.push({ lsn, endLsn, type, payload: Buffer.from(payload) });
  return entries;
}

/** Resolves once the log is on disk up to `lsn`, rejects when it fails. */
export function flushed(wal: Wal, lsn: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (wal.flushedLsn >= lsn) resolve();
    wal.onFlush((to) => {
      if (to >= lsn) resolve();
    });
    wal.onFailure(reject);
  });
}

/** A payload that tells its number, of `size` bytes at least. */
export function payloadOf(number: number, size: number): Buffer {
  const text = `record ${number}:`;
  return Buffer.from(text.padEnd(size, String.fromCharCode(97 + (number % 26))));
}

/** Appends records one flush at a time; gives the end LSN of each. */
export async function appendAll(wal: Wal, payloads: readonly Buffer[]): Promise<number[]> {
  const ends: number[] = [];
  for (const payload of payloads) {
    const end = wal.append(1, payload);
    ends.push(end);
    await flushed(wal, end);
  }
  return ends;
}
