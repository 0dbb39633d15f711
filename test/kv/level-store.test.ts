/** LevelStore: the conformance suite, what survives, and the errors of opening. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { KvError } from '../../src/kv/kv-error.js';
import { type LevelOptions, LevelStore } from '../../src/kv/level/level-store.js';
import { testKvStore } from '../conformance/kv.js';

const root = mkdtempSync(join(tmpdir(), 'level-store-'));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

const OPTIONS: LevelOptions = {
  writeBufferSize: 1 << 20,
  blockCacheSize: 1 << 20,
  compression: true,
  maxOpenFiles: 100,
  syncedKey: Buffer.from('synced'),
  maxFileSize: 1 << 20,
  verification: { atOnce: 0, firstRange: { gte: Buffer.from('synced'), lt: Buffer.from('synced!') } },
};
let count = 0;

function directory(): string {
  return join(root, `store-${++count}`);
}

testKvStore(t, () => LevelStore.open(directory(), OPTIONS));

async function failure(path: string): Promise<KvError> {
  try {
    await (await LevelStore.open(path, OPTIONS)).close();
  } catch (error) {
    if (error instanceof KvError) return error;
    throw error;
  }
  throw new Error('the store has been opened');
}

async function filled(entries = 20_000): Promise<string> {
  const path = directory();
  const store = await LevelStore.open(path, OPTIONS);
  for (let i = 0; i < entries; i += 1000) {
    await store.write(
      Array.from({ length: 1000 }, (_, j) => ({
        type: 'put',
        key: Buffer.from(String(i + j)),
        value: Buffer.alloc(100, (i + j) & 255),
      })),
    );
  }
  await store.close();
  return path;
}

t.test('what was written is there after reopening', async (t) => {
  const path = await filled();
  const store = await LevelStore.open(path, OPTIONS);
  t.equal((await store.range({ gte: Buffer.from('0'), lt: Buffer.from('a') })).length, 20_000);
  await store.close();
});

t.test('a synced write also makes earlier ones durable: they are in table files', async (t) => {
  const path = directory();
  const store = await LevelStore.open(path, OPTIONS);
  const value = Buffer.alloc(1000, 1);
  for (let i = 0; i < 3000; i++) await store.write([{ type: 'put', key: Buffer.from(`k${i}`), value }]);
  await store.write([{ type: 'put', key: Buffer.from('last'), value }], { sync: true });
  // Whatever log file is left now was begun behind all of the unsynced writes.
  const copy = directory();
  spawnSync('cp', ['-r', path, copy]);
  await store.close();
  for (const name of readdirSync(copy)) if (name.endsWith('.log')) truncateSync(join(copy, name), 0);
  const survivor = await LevelStore.open(copy, OPTIONS);
  t.equal((await survivor.range({ gte: Buffer.from('k'), lt: Buffer.from('l') })).length, 3000);
  await survivor.close();
});

t.test('locked', async (t) => {
  const path = directory();
  const store = await LevelStore.open(path, OPTIONS);
  const error = await failure(path);
  t.equal(error.kind, 'locked');
  t.match(error.message, path);
  await store.close();
});

t.test('not a directory, or one that may not be written', async (t) => {
  const file = directory();
  writeFileSync(file, 'a file');
  t.equal((await failure(file)).kind, 'unwritable');
  t.equal((await failure(join(file, 'below'))).kind, 'unwritable');
  if (process.getuid?.() === 0) return;
  const path = await filled(1000);
  chmodSync(path, 0o500);
  t.equal((await failure(path)).kind, 'unwritable');
  chmodSync(path, 0o700);
});

t.test('a damaged store names the file', async (t) => {
  const lost = await filled();
  unlinkSync(join(lost, 'CURRENT'));
  const noCurrent = await failure(lost);
  t.equal(noCurrent.kind, 'corrupt');
  t.match(noCurrent.message, 'CURRENT');

  const holed = await filled();
  const table = readdirSync(holed).find((name) => name.endsWith('.ldb'));
  if (table === undefined) throw new Error('no table file was written');
  unlinkSync(join(holed, table));
  const noTable = await failure(holed);
  t.equal(noTable.kind, 'corrupt');
  t.match(noTable.message, table.slice(0, 6));

  const empty = await filled();
  writeFileSync(join(empty, 'CURRENT'), 'nothing');
  t.equal((await failure(empty)).kind, 'corrupt');

  const blank = await filled();
  const manifest = readdirSync(blank).find((name) => name.startsWith('MANIFEST-'));
  if (manifest === undefined) throw new Error('no manifest was written');
  truncateSync(join(blank, manifest), 0);
  t.equal((await failure(blank)).kind, 'corrupt');
});
