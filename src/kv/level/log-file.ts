/**
 * Looks for damage in LevelDB's log files. LevelDB itself passes over records that it cannot read, and goes on with those
 * behind them: an older state with newer parts. What a power failure has torn is harmless, because it was never spoken of;
 * but no record that was written after a sync may follow something unreadable.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KvError } from '../kv-error.js';
import { logRecords } from './log-records.js';

/**
 * `marker`: a key that is written only when all before it was synced.
 * @throws KvError 'corrupt' naming file and offset when something before such a write is damaged
 */
export async function checkLogFiles(directory: string, marker: Buffer): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^\d+\.log$/.test(name)).sort();
  let damage: string | null = null;
  for (const name of names) {
    const path = join(directory, name);
    for (const { offset, bytes } of logRecords(await readFile(path))) {
      if (bytes === null) damage ??= `${path} at offset ${offset}`;
      else if (damage !== null && bytes.includes(marker))
        throw new KvError('corrupt', `the store is damaged: a record of ${damage}`);
    }
  }
}
