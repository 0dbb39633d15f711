/** Faults at start: the built server says what is wrong and where, and ends with an exit code. */
import { cp, mkdtemp, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import t, { type Test } from 'tap';
import { crc32c } from '../../src/util/crc32c.js';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';

let root = '';
/** A directory with data, of a server that was killed: its log has records to replay. */
let template = '';
let copies = 0;

t.before(async () => {
  root = await mkdtemp(join(tmpdir(), 'orbit-start-'));
  template = join(root, 'template');
  const first = new CrashServer(template);
  const maker = await connect(await first.mustListen());
  await maker.query('CREATE TABLE t (a int, b text)');
  await maker.query('CREATE TABLE long (b text)');
  await maker.end();
  await first.end('SIGTERM');
  // LevelDB brings its log into a table file when it is opened. The log of the store gets several segments.
  const server = new CrashServer(template, { settings: { ORBIT_PERSISTENCE_MAX_WAL_SIZE: '104857600' } });
  const client = await connect(await server.mustListen());
  await client.query('CHECKPOINT');
  for (let i = 0; i < 4; i++)
    await client.query("INSERT INTO long SELECT repeat('y', 1000) FROM generate_series(1, 1000)");
  for (let i = 0; i < 50; i++) await client.query(`INSERT INTO t VALUES (${i}, repeat('x', 200))`);
  await client.end();
  await server.end('SIGKILL');
});

t.teardown(() => rm(root, { recursive: true, force: true }));

async function copy(): Promise<string> {
  const directory = join(root, `copy-${++copies}`);
  await cp(template, directory, { recursive: true });
  return directory;
}

/** Starts a server that must not start; what its log says, as one text. */
async function refused(t: Test, dataDir: string, port = 0): Promise<string> {
  const server = new CrashServer(dataDir, { port });
  if ((await server.port()) !== null) {
    await server.end('SIGKILL');
    throw new Error('the server has started');
  }
  const { code, said } = await server.ended;
  t.equal(code, 1, 'exit code');
  t.notMatch(said, /"stack"/, 'a message, not a stack');
  return said;
}

async function patch(path: string, change: (bytes: Buffer) => void): Promise<void> {
  const file = await open(path, 'r+');
  const bytes = await file.readFile();
  change(bytes);
  await file.write(bytes, 0, bytes.length, 0);
  await file.close();
}

/** Changes a bit of the byte at `at`; from the end when negative. */
function flip(path: string, at: number): Promise<void> {
  return patch(path, (bytes) => {
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
  });
}

async function segmentOf(directory: string): Promise<string> {
  const names = (await readdir(join(directory, 'wal'))).filter((name) => name.endsWith('.wal')).sort();
  return join(directory, 'wal', names[names.length - 1]);
}

t.test('an intact copy starts', async (t) => {
  const server = new CrashServer(await copy());
  const client = await connect(await server.mustListen());
  t.same((await client.query('SELECT count(*)::int AS n FROM t')).rows, [{ n: 50 }]);
  await client.end();
  t.equal((await server.end('SIGTERM')).code, 0);
});

t.test('the port is in use', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  t.teardown(() => blocker.close());
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  t.match(await refused(t, await copy(), port), `port ${port} on 127.0.0.1 is already in use`);
});

t.test('another server has the directory', async (t) => {
  const directory = await copy();
  const server = new CrashServer(directory);
  await server.mustListen();
  t.match(await refused(t, directory), `the data directory ${directory} is in use by another server`);
  await server.end('SIGTERM');
});

t.test('a changed byte in the middle of the log', async (t) => {
  const directory = await copy();
  const path = await segmentOf(directory);
  // In the last of the long rows but one: what follows is intact and was written later.
  await patch(path, (bytes) => {
    const last = bytes.lastIndexOf('x'.repeat(150));
    const at = bytes.lastIndexOf('x'.repeat(150), last - 600);
    bytes[at] ^= 1;
  });
  const said = await refused(t, directory);
  t.match(said, 'the write-ahead log is damaged');
  t.match(said, path);
  t.match(said, /at offset \d+/);
});

t.test('a log segment of a newer format', async (t) => {
  const directory = await copy();
  await patch(await segmentOf(directory), (bytes) => {
    bytes.writeUInt32LE(2, 8);
    bytes.writeUInt32LE(crc32c(bytes, 0, 60), 60);
  });
  const said = await refused(t, directory);
  t.match(said, 'format version 2');
  t.match(said, directory);
});

t.test('the last segment of the log is lost', async (t) => {
  const directory = await copy();
  const path = await segmentOf(directory);
  await rm(path);
  const said = await refused(t, directory);
  t.match(said, `the write-ahead log is damaged: ${path}`);
  t.match(said, 'the segment is missing');
});

t.test('the last segment of the log is zeroes behind its header', async (t) => {
  const directory = await copy();
  const path = await segmentOf(directory);
  await patch(path, (bytes) => bytes.fill(0, 64));
  const said = await refused(t, directory);
  t.match(said, 'the write-ahead log is damaged');
  t.match(said, new RegExp(`the log was on disk up to offset \\d+ of ${path}`));
  // What docs/operations.md tells who has no backup.
  await rm(join(directory, 'wal', 'synced'));
  const server = new CrashServer(directory);
  const client = await connect(await server.mustListen());
  t.ok((await client.query('SELECT count(*)::int AS n FROM t')).rows[0].n < 50);
  await client.end();
  t.equal((await server.end('SIGTERM')).code, 0);
});

t.test('a log that is gone', async (t) => {
  const directory = await copy();
  await rename(join(directory, 'wal'), join(directory, 'lost'));
  t.match(await refused(t, directory), join(directory, 'wal'));
});

for (const what of ['CURRENT', 'MANIFEST']) {
  t.test(`the store has lost its ${what}`, async (t) => {
    const directory = await copy();
    for (const name of await readdir(join(directory, 'store'))) {
      if (name.startsWith(what)) await rm(join(directory, 'store', name));
    }
    const said = await refused(t, directory);
    t.match(said, 'is damaged');
    t.match(said, what);
    t.match(said, join(directory, 'store'));
  });
}

const FOOTER = 48;

/** How a table file is damaged, and what is said about it. */
const TABLE_DAMAGE: Readonly<Record<string, { change(path: string): Promise<void>; message: RegExp }>> = {
  gone: { change: (path) => rm(path), message: /missing/ },
  empty: { change: (path) => truncate(path, 0), message: /has 0 bytes instead of \d+/ },
  'cut off': {
    change: async (path) => truncate(path, (await stat(path)).size - 100),
    message: /has \d+ bytes instead of \d+/,
  },
  'changed in its last bytes': {
    change: (path) => flip(path, -3),
    message: /at offset \d+: the file does not end as a table file does/,
  },
  'changed in its footer': {
    change: (path) => flip(path, -FOOTER),
    message: /at offset \d+: the (block is cut off|checksum of the block does not fit)/,
  },
  'changed in its index block': {
    change: (path) => flip(path, -FOOTER - 20),
    message: /at offset \d+: the checksum of the block does not fit/,
  },
};

for (const [what, { change, message }] of Object.entries(TABLE_DAMAGE)) {
  t.test(`a table file of the store is ${what}`, async (t) => {
    const directory = await copy();
    const store = join(directory, 'store');
    const [name] = (await readdir(store)).filter((one) => one.endsWith('.ldb'));
    await change(join(store, name));
    const said = await refused(t, directory);
    t.match(said, 'is damaged');
    t.match(said, message);
    t.match(said, join(store, name));
    t.match(said, 'Restore it from a backup');
  });
}

t.test('a MANIFEST that is empty or changed', async (t) => {
  for (const change of [(path: string) => truncate(path, 0), (path: string) => flip(path, 20)]) {
    const directory = await copy();
    const store = join(directory, 'store');
    for (const name of await readdir(store)) if (name.startsWith('MANIFEST')) await change(join(store, name));
    const said = await refused(t, directory);
    t.match(said, 'is damaged');
    t.match(said, store);
    t.match(said, 'Restore it from a backup');
  }
});

t.test('a segment in the middle of the log is gone or cut off', async (t) => {
  for (const [change, message] of [
    [(path: string) => rm(path), 'the segment is missing'],
    [(path: string) => truncate(path, 1000), 'the file is too short'],
  ] as const) {
    const directory = await copy();
    const names = (await readdir(join(directory, 'wal'))).filter((name) => name.endsWith('.wal')).sort();
    t.ok(names.length > 3, 'several segments');
    const path = join(directory, 'wal', names[names.length - 2]);
    await change(path);
    const said = await refused(t, directory);
    t.match(said, path);
    t.match(said, message);
    t.match(said, 'Restore the database from a backup');
  }
});

t.test('a store that was written by a newer server', async (t) => {
  const directory = await copy();
  const db = new ClassicLevel<Buffer, Buffer>(join(directory, 'store'), {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  });
  await db.put(Buffer.from('\0\0\0\0format'), Buffer.from('99'));
  await db.close();
  t.match(await refused(t, directory), 'format version 99');
});

t.test('the directory is a file, or below one', async (t) => {
  const path = join(root, 'file');
  await (await open(path, 'w')).close();
  for (const directory of [path, join(path, 'below')]) {
    const said = await refused(t, directory);
    t.match(said, `the data directory ${directory} cannot be written`);
  }
});
