/** Operations of a log file as promises, where no commit waits for them. */
import type { Done, LogFile } from './file-layer.js';

const ZEROES = Buffer.alloc(1 << 20);

export function finished(start: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(error)));
  });
}

/** Synced zeroes from `start` to `end`. */
export async function fillWithZeroes(file: LogFile, start: number, end: number): Promise<void> {
  for (let offset = start; offset < end; offset += ZEROES.length) {
    const chunk = ZEROES.subarray(0, Math.min(ZEROES.length, end - offset));
    await finished((done) => file.write(chunk, offset, done));
  }
  await finished((done) => file.sync(done));
}
