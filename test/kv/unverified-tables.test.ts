/** Damaged table files of a store that is too large to be verified before it is opened. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import t from 'tap';
import { type LevelOptions, LevelStore } from '../../src/kv/level/level-store.js';
import { liveTables, type TableFile } from '../../src/kv/level/manifest.js';
import { seededRandom } from '../wal/simulated-files.js';

const VERIFICATION = { atOnce: 0, firstRange: { gte: Buffer.from('a'), lt: Buffer.from('b') } };
const OPTIONS: LevelOptions = {
  writeBufferSize: 1 << 20,
  blockCacheSize: 1 << 20,
  compression: false,
  maxOpenFiles: 100,
  syncedKey: Buffer.from('a synced key'),
  maxFileSize: 1 << 20,
  verification: VERIFICATION,
};
const KEYS = 10_000;
const ALL = { gte: Buffer.from('k'), lt: Buffer.from('l') };
const root = mkdtempSync(join(tmpdir(), 'unverified-'));
t.teardown(() => rmSync(root, { recursive: true, force: true }));
const template = join(root, 'template');
let copies = 0;

const keyOf = (i: number): Buffer => Buffer.from(`k${String(i).padStart(6, '0')}`);

t.before(async () => {
  const store = await LevelStore.open(template, OPTIONS);
  for (let i = 0; i < KEYS; i += 1000) {
    const entries = Array.from({ length: 1000 }, (_, j) => keyOf(i + j));
    await store.write(entries.map((key) => ({ type: 'put', key, value: Buffer.concat([key, Buffer.alloc(493)]) })));
  }
  await store.write([{ type: 'put', key: OPTIONS.syncedKey, value: Buffer.from('1') }], { sync: true });
  await store.close();
  await (await LevelStore.open(template, OPTIONS)).close();
});

function copy(): string {
  const path = join(root, `copy-${++copies}`);
  cpSync(template, path, { recursive: true });
  return path;
}

/** A table file whose keys come after all of some other's, none of them the one that is read first. */
async function lastTable(store: string): Promise<TableFile> {
  const tables = (await liveTables(store)).filter(({ level }) => level > 0);
  t.ok(tables.length > 3, 'several table files below level 0');
  return tables.reduce((last, table) => (table.smallest.compare(last.smallest) > 0 ? table : last));
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 4;
  writeFileSync(path, bytes);
}

const DAMAGED = { name: 'KvError', kind: 'corrupt', message: /table file .* at offset \d+: the checksum/ };

t.test('what is damaged is not served, the rest is', async (t) => {
  const path = copy();
  const table = await lastTable(path);
  flip(table.path, 3000);
  const store = await LevelStore.open(path, OPTIONS);
  t.ok(readdirSync(`${path}.unverified`).includes(table.name));
  t.equal(store.getSync(OPTIONS.syncedKey)?.toString(), '1');
  t.equal((await store.range({ gte: keyOf(0), lt: keyOf(100) })).length, 100);
  t.equal((await store.range({ ...ALL, limit: 100 })).length, 100, 'a limit before it');
  t.ok(readdirSync(`${path}.unverified`).length > 1, 'the others were not looked at for that');
  t.equal(store.getSync(keyOf(0))?.length, 500);
  for (let time = 0; time < 2; time++) t.throws(() => store.getSync(table.smallest), DAMAGED);
  await t.rejects(store.range({ ...ALL, limit: 100, reverse: true }), DAMAGED);
  await t.rejects(store.range({ gte: table.smallest, lt: table.largest }), DAMAGED);
  await t.rejects(store.range({ ...ALL, limit: KEYS }), DAMAGED);
  await t.rejects(store.range(ALL), DAMAGED);
  const failures: Error[] = [];
  await store.verifyTables((error) => failures.push(error));
  await store.close();
  t.match(failures, [DAMAGED]);
  t.ok(failures[0].message.includes(table.name));
  // Even when LevelDB has written the block anew.
  cpSync(template, path, { recursive: true });
  await t.rejects(LevelStore.open(path, OPTIONS), DAMAGED);
  await t.rejects(LevelStore.open(path, { ...OPTIONS, verification: { ...VERIFICATION, atOnce: 1 << 30 } }), DAMAGED);
});

t.test('a sound store', async (t) => {
  const path = copy();
  const store = await LevelStore.open(path, OPTIONS);
  t.equal((await store.range({ ...ALL, reverse: true })).length, KEYS);
  const verifying = store.verifyTables((error) => t.fail(error.message));
  await store.write([{ type: 'put', key: keyOf(KEYS), value: Buffer.from('new') }]);
  t.equal((await store.range(ALL)).length, KEYS + 1);
  await verifying;
  await store.close();
  t.notOk(existsSync(`${path}.unverified`));
});

t.test('a file that LevelDB replaces before it was verified', async (t) => {
  const path = copy();
  const { name } = await lastTable(path);
  await (await LevelStore.open(path, OPTIONS)).close();
  const level = new ClassicLevel<Buffer, Buffer>(path, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  await level.open();
  await level.put(keyOf(0), Buffer.from('new'));
  await level.put(keyOf(KEYS), Buffer.from('new'));
  await level.compactRange(keyOf(0), keyOf(KEYS));
  await level.close();
  t.notOk(existsSync(join(path, name)));
  flip(join(`${path}.unverified`, name), 3000);
  await t.rejects(LevelStore.open(path, OPTIONS), DAMAGED);
});

t.test('any changed bit is found', { timeout: 120_000 }, async (t) => {
  const random = seededRandom(20261121);
  const tables = await liveTables(template);
  for (let run = 0; run < 60; run++) {
    const path = copy();
    const table = tables[Math.floor(random() * tables.length)];
    const at = Math.floor(random() * table.size);
    flip(join(path, table.name), at);
    const found: unknown[] = [];
    try {
      const store = await LevelStore.open(path, OPTIONS);
      if (run % 2 === 0) await store.range(ALL).catch((error: unknown) => found.push(error));
      await store.verifyTables((error) => found.push(error));
      await store.close();
    } catch (error) {
      found.push(error);
    }
    t.match(found[0], { name: 'KvError', kind: 'corrupt' }, `${table.name} at ${at}`);
    rmSync(path, { recursive: true });
    rmSync(`${path}.unverified`, { recursive: true, force: true });
  }
});
