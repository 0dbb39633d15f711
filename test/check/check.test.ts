/** `orbit-server check` on sound stores and on stores that were tampered with. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { decodeEntries, EntryBlockWriter } from '../../src/encoding/entry-codec.js';
import { LevelStore } from '../../src/kv/level/level-store.js';
import { liveTables } from '../../src/kv/level/manifest.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import type { Row } from '../../src/types/datum.js';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';

const LEVEL = {
  writeBufferSize: 4 << 20,
  blockCacheSize: 1 << 20,
  compression: true,
  maxOpenFiles: 100,
  verification: null,
  syncedKey: Buffer.from('synced'),
};

const SETUP = `
CREATE TABLE parent (id int PRIMARY KEY, name text NOT NULL, code numeric);
CREATE TABLE child (id bigserial PRIMARY KEY, parent int REFERENCES parent, day date, tags text[]);
INSERT INTO parent SELECT g, 'name ' || g, CASE WHEN g % 7 > 0 THEN g / 3.0 END FROM generate_series(1, 3000) g;
INSERT INTO child (parent, day, tags) SELECT g, date '2020-01-01' + g, ARRAY['t' || g] FROM generate_series(1, 500) g;
INSERT INTO child (parent) VALUES (NULL), (NULL);
CREATE INDEX parent_name ON parent (name DESC NULLS LAST, code) INCLUDE (id);
CREATE UNIQUE INDEX child_day ON child (day);
CREATE INDEX child_partial ON child (parent) WHERE day > '2020-06-01';
CREATE INDEX parent_upper ON parent (upper(name));
ALTER TABLE parent ADD COLUMN later int NOT NULL DEFAULT 5;
CREATE INDEX parent_later ON parent (later);
CREATE INDEX child_tags ON child USING gin (tags);
DELETE FROM parent WHERE id > 2900;
UPDATE parent SET name = 'new ' || id WHERE id % 10 = 0;
CREATE TABLE child_wide (parent bigint REFERENCES parent (id));
INSERT INTO child_wide VALUES (1), (2), (NULL);
ALTER TABLE parent ADD CONSTRAINT name_is_long CHECK (length(name) > 3);
CREATE VIEW both_tables AS SELECT p.name, c.day FROM parent p JOIN child c ON c.parent = p.id;
`;

interface Outcome {
  readonly code: number;
  readonly said: string;
}

function check(dataDir: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = ['dist/bin/orbit-server.js', 'check', '--log-level', 'silent', '--data-dir', dataDir];
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });
}

/** Storage ids of relations, after the server has ended in order. */
async function makeStore(dataDir: string): Promise<Map<string, number>> {
  const server = new CrashServer(dataDir);
  const client = await connect(await server.mustListen());
  await client.query(SETUP);
  const { rows } = await client.query(
    "SELECT relname, relfilenode::int AS id FROM pg_class WHERE relname ~ '^(parent|child)'",
  );
  await client.end();
  await server.end('SIGTERM');
  return new Map(rows.map(({ relname, id }) => [relname, id]));
}

/** Changes the first row of a block. */
async function changeFirst(dataDir: string, storage: number, change: (row: Row) => Row | null): Promise<void> {
  const kv = await LevelStore.open(join(dataDir, 'store'), LEVEL);
  for (const [key, value] of await kv.range(binaryForm.storageRange(storage))) {
    if (binaryForm.slotOf(key) >= 0) continue;
    const rows = new Array<Row | null>(256).fill(null);
    binaryForm.decodePage(value, rows);
    const first = rows.findIndex((row) => row !== null);
    rows[first] = change(rows[first] ?? []);
    await kv.write([{ type: 'put', key, value: binaryForm.encodePage(rows, 1 << 20) ?? value }], { sync: true });
    break;
  }
  await kv.close();
}

async function removeFirst(dataDir: string, storage: number): Promise<void> {
  const kv = await LevelStore.open(join(dataDir, 'store'), LEVEL);
  const [first] = await kv.range({ ...binaryForm.storageRange(storage), limit: 1 });
  const [key, value] = first;
  if (binaryForm.slotOf(key) >= 0 || value.length === 0) await kv.write([{ type: 'del', key }], { sync: true });
  else {
    const rows = new Array<Row | null>(256).fill(null);
    binaryForm.decodePage(value, rows);
    rows[rows.findIndex((row) => row !== null)] = null;
    await kv.write([{ type: 'put', key, value: binaryForm.encodePage(rows, 1 << 20) ?? value }], { sync: true });
  }
  await kv.close();
}

/** Takes an entry out of an index, whose entries are in blocks or have records of their own. */
async function removeEntry(dataDir: string, index: number): Promise<void> {
  const kv = await LevelStore.open(join(dataDir, 'store'), LEVEL);
  const [single] = await kv.range({ ...binaryForm.entryRange(index), limit: 1 });
  if (single !== undefined) await kv.write([{ type: 'del', key: single[0] }], { sync: true });
  else {
    const [[key, block]] = await kv.range({ ...binaryForm.entryBlockRange(index), limit: 1 });
    const { keys, rowIds } = decodeEntries(block);
    const writer = new EntryBlockWriter();
    for (let i = 0; i < keys.length - 1; i++) {
      const bytes = Buffer.from(keys[i], 'latin1');
      writer.add(bytes, 0, bytes.length, rowIds[i]);
    }
    await kv.write([{ type: 'put', key, value: writer.finish().bytes }], { sync: true });
  }
  await kv.close();
}

t.test('check', { timeout: 120_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-check-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const none = await check(join(dataDir, 'nothing'));
  t.equal(none.code, 1);
  t.match(none.said, /there is no store/);

  const storages = await makeStore(dataDir);
  const sound = await check(dataDir);
  t.match(sound.said, /no faults/);
  t.equal(sound.code, 0, 'a sound store');

  await removeEntry(dataDir, storages.get('child_day') ?? 0);
  const noEntry = await check(dataDir);
  t.equal(noEntry.code, 1);
  t.match(noEntry.said, /fault: index "child_day" of table "child" has 501 entries for 502 rows/);

  await changeFirst(dataDir, storages.get('parent') ?? 0, ([id, , ...rest]) => [id, 'x', ...rest]);
  const changed = await check(dataDir);
  t.equal(changed.code, 1);
  t.match(changed.said, /fault: table "parent", row \d+: check constraint "name_is_long" is violated/);
  for (const name of ['parent_name', 'parent_upper'])
    t.match(changed.said, new RegExp(`fault: index "${name}" of table "parent": an entry of row \\d+ has another key`));

  await removeFirst(dataDir, storages.get('parent') ?? 0);
  const noRow = await check(dataDir);
  t.equal(noRow.code, 1);
  t.match(noRow.said, /fault: table "parent" has 2899 rows, its counter says 2900/);
  t.match(noRow.said, /fault: index "parent_pkey" of table "parent": an entry leads to row \d+, which does not exist/);
  for (const name of ['child_parent_fkey', 'child_wide_parent_fkey'])
    t.match(noRow.said, new RegExp(`fault: foreign key "${name}" of table "child\\w*": row \\d+ refers to nothing`));

  const store = join(dataDir, 'store');
  const [{ name: table }] = await liveTables(store);
  const bytes = await readFile(join(store, table));
  bytes[100] ^= 1;
  await writeFile(join(store, table), bytes);
  const damaged = await check(dataDir);
  t.equal(damaged.code, 1);
  t.match(damaged.said, `fault: table file ${join(store, table)} at offset 0: the checksum of the block does not fit`);

  await rm(join(store, table));
  const missing = await check(dataDir);
  t.equal(missing.code, 1);
  t.match(missing.said, `fault: table file ${join(store, table)} is missing`);
});

t.test('check of a store in use', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-check-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const server = new CrashServer(dataDir);
  await server.mustListen();
  const inUse = await check(dataDir);
  t.equal(inUse.code, 1);
  t.match(inUse.said, /in use by another server/);
  await server.end('SIGTERM');
});

t.test('check of a store with a prepared transaction', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-check-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const server = new CrashServer(dataDir);
  const client = await connect(await server.mustListen());
  await client.query('CREATE TABLE t (id int PRIMARY KEY)');
  await client.query('INSERT INTO t SELECT generate_series(1, 100)');
  await client.query(
    "BEGIN; DELETE FROM t; INSERT INTO t VALUES (500); CREATE TABLE u (); PREPARE TRANSACTION 'later'",
  );
  await client.end();
  await server.end('SIGKILL');
  for (const time of ['after the crash', 'again']) {
    const { code, said } = await check(dataDir);
    t.equal(code, 0, time);
    t.match(said, 'note: transaction "later" is prepared: its changes were not checked');
  }
});
