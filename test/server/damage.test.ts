/** Damage below the server: what is read is checked, the statement is told, and everything else goes on. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';

/** Blocks of LevelDB as they are, so that a test finds its texts in them. */
const plain = { ORBIT_PERSISTENCE_ROCKSDB_COMPRESSION_TYPE: 'none' };
const settings = { ...plain, ORBIT_PERSISTENCE_IGNORE_CHECKSUM_FAILURE: 'true' };

/** Changes a byte of every place in LevelDB's table files (or others) where `text` is. Returns how many there were. */
async function damage(dataDir: string, text: string, extension = '.ldb'): Promise<number> {
  const directory = join(dataDir, 'store');
  let count = 0;
  for (const name of await readdir(directory)) {
    if (!name.endsWith(extension)) continue;
    const bytes = await readFile(join(directory, name));
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
      bytes[at + 3] ^= 1;
      count++;
    }
    await writeFile(join(directory, name), bytes);
  }
  return count;
}

async function prepared(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-damage-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const server = new CrashServer(dataDir, { settings });
  const client = await connect(await server.mustListen());
  await client.query('CREATE TABLE good (id int PRIMARY KEY, note text)');
  await client.query('CREATE TABLE bad (id int PRIMARY KEY, note text)');
  await client.query("INSERT INTO good SELECT g, 'fine' FROM generate_series(1, 1000) g");
  await client.query("INSERT INTO bad SELECT g, 'row number ' || g FROM generate_series(1, 2000) g");
  // These texts are in the index only, one in a block, the other by itself.
  await client.query("INSERT INTO bad VALUES (3000, 'ZEBRA')");
  await client.query('CREATE INDEX bad_note ON bad (lower(note))');
  await client.query("INSERT INTO bad VALUES (3001, 'GIBBON')");
  await client.query("UPDATE bad SET note = 'a single record' WHERE id = 1500");
  await client.end();
  await server.end('SIGTERM');
  // LevelDB brings its log into table files when it is opened.
  const again = new CrashServer(dataDir, { settings });
  await again.mustListen();
  await again.end('SIGTERM');
  return dataDir;
}

const DAMAGED = { code: 'XX001', hint: /Restore the data directory from a backup/ };

async function refused(t: Test, dataDir: string, message: RegExp): Promise<void> {
  const server = new CrashServer(dataDir, { settings: plain });
  t.equal(await server.port(), null);
  const { code, said } = await server.ended;
  t.equal(code, 1);
  t.match(said, message);
  t.match(said, 'Restore it from a backup');
}

t.test('a changed byte in rows', { timeout: 60_000 }, async (t) => {
  const dataDir = await prepared();
  t.ok((await damage(dataDir, 'row number 300')) > 0);
  await refused(t, dataDir, /table file .*\.ldb at offset \d+: the checksum of the block does not fit/);
  const server = new CrashServer(dataDir, { settings });
  const client = await connect(await server.mustListen());
  await t.rejects(client.query('SELECT count(note) FROM bad'), {
    ...DAMAGED,
    message: /of the table with OID \d+ is damaged/,
  });
  await t.rejects(client.query('SELECT note FROM bad WHERE id = 300'), DAMAGED);
  await t.rejects(client.query("UPDATE bad SET note = 'x' WHERE id = 300"), DAMAGED);
  t.equal((await client.query('SELECT note FROM bad WHERE id = 1900')).rows[0].note, 'row number 1900');
  t.equal((await client.query('SELECT count(*)::int AS c FROM good')).rows[0].c, 1000);
  await client.query("INSERT INTO good VALUES (2000, 'still')");
  await client.end();
  t.equal((await server.end('SIGTERM')).code, 0);
});

t.test('a changed byte in index entries', { timeout: 60_000 }, async (t) => {
  const dataDir = await prepared();
  t.ok((await damage(dataDir, 'zebra')) > 0);
  t.ok((await damage(dataDir, 'gibbon')) > 0);
  const server = new CrashServer(dataDir, { settings });
  const client = await connect(await server.mustListen());
  await client.query('SET enable_seqscan = off');
  for (const [text, what] of [
    ['zebra', 'a block of index entries'],
    ['gibbon', 'an index entry'],
  ])
    await t.rejects(client.query('SELECT id FROM bad WHERE lower(note) = $1', [text]), {
      ...DAMAGED,
      message: new RegExp(`^index storage \\d+ is damaged: the checksum of ${what} is wrong$`),
    });
  t.equal((await client.query("SELECT id FROM bad WHERE lower(note) = 'row number 1100'")).rows[0].id, 1100);
  t.equal((await client.query('SELECT count(*)::int AS c FROM good')).rows[0].c, 1000);
  await client.end();
  await server.end('SIGTERM');
});

t.test("a changed byte in LevelDB's log, before a checkpoint", { timeout: 60_000 }, async (t) => {
  const dataDir = await prepared();
  const first = new CrashServer(dataDir, { settings });
  const client = await connect(await first.mustListen());
  await client.query("INSERT INTO bad VALUES (4000, 'before the checkpoint')");
  // LevelDB gives up the rest of a block of 32 KiB, and goes on behind it.
  await client.query("INSERT INTO bad SELECT 5000 + g, repeat('x', 500) FROM generate_series(1, 300) g");
  await client.query('CHECKPOINT');
  await client.query("INSERT INTO bad VALUES (4001, 'behind it')");
  await client.end();
  await first.end('SIGKILL');
  t.ok((await damage(dataDir, 'before the checkpoint', '.log')) > 0);
  await refused(t, dataDir, /the store is damaged: a record of .*\.log at offset \d+/);
});

t.test('a changed byte in the checkpoint record', { timeout: 60_000 }, async (t) => {
  const dataDir = await prepared();
  t.ok((await damage(dataDir, '"nextStorageId"')) > 0);
  await damage(dataDir, '"nextStorageId"', '.log');
  const server = new CrashServer(dataDir, { settings });
  t.equal(await server.port(), null);
  const { code, said } = await server.ended;
  t.equal(code, 1);
  t.match(said, /is damaged: the checksum of the checkpoint record is wrong.*Restore it from a backup/);
});
