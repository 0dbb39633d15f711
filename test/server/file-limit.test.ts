/** Few file descriptors: connections are turned away, and nothing fails because of it. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import t, { type Test } from 'tap';
import { FEWEST_FILES, openFileLimit, planFiles } from '../../src/server/file-limit.js';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';
import { noLimits, ProcessLimits } from '../process-limits.js';

/** Whether limits can be set and read here. */
const skip = process.platform === 'linux' ? false : 'needs ulimit and /proc';

t.test('the files are shared out', async (t) => {
  const most = { tables: 1000, temporary: 128, connections: 500, sockets: 1100 };
  t.same(planFiles(null, 500), most);
  t.same(planFiles(1_000_000, 500), most);
  for (const limit of [FEWEST_FILES, 300, 1024, 2000]) {
    const { tables, temporary, connections, sockets } = planFiles(limit, 500);
    t.ok(tables >= 74 && connections >= 20 && sockets > connections, `${limit}: ${tables}, ${connections}, ${sockets}`);
    t.ok(temporary >= 16 && tables + temporary - 16 + sockets <= limit - 70, `${limit} is enough`);
  }
});

t.test('the limit of this process', { skip }, async (t) => {
  t.ok(Number(openFileLimit()) > 0);
});

/** The built server under a limit of open files. */
function limited(files: number, dataDir: string, settings: Readonly<Record<string, string>> = {}) {
  const command = `ulimit -n ${files}; exec "$0" dist/bin/orbit-server.js --port 0 --data-dir "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const port = new Promise<number | null>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said += `${line}\n`;
      const ready = /listening on [^\s"]*:(\d+)/.exec(line);
      if (ready !== null) resolve(Number(ready[1]));
    });
    void ended.then(() => resolve(null));
  });
  return { child, ended, port, said: () => said };
}

t.test('too few to start', { skip, timeout: 60_000 }, async (t) => {
  const server = limited(100, join(tmpdir(), 'orbit-never-made'));
  t.equal(await server.port, null);
  t.equal(await server.ended, 1);
  t.match(
    server.said(),
    /insufficient file descriptors available to start the server: 100 allowed, at least 256 needed/,
  );
});

t.test('more clients than files', { skip, timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-files-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const server = limited(FEWEST_FILES, dataDir);
  const port = await server.port;
  if (port === null) throw new Error(server.said());
  t.match(server.said(), /the limit of open files \(ulimit -n\) allows \d+ connections, max_connections is 500/);
  const first = await connect(port);
  await first.query('CREATE TABLE t (n int)');
  const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => connect(port)));
  const open = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  t.ok(open.length >= 80 && refused.length >= 100, `${open.length} of 300 got in`);
  for (const reason of refused) {
    const told = reason instanceof pg.DatabaseError ? reason.code : String(reason);
    t.match(told, /^53300$|Connection terminated|ECONNRESET|EPIPE/);
  }
  await first.query('INSERT INTO t SELECT g FROM generate_series(1, 1000) g');
  await first.query('CHECKPOINT');
  await Promise.all(open.map((client) => client.end()));
  const again = await connect(port);
  t.equal((await again.query('SELECT count(*)::int AS c FROM t')).rows[0].c, 1000);
  await Promise.all([first.end(), again.end()]);
  server.child.kill('SIGTERM');
  t.equal(await server.ended, 0);
});

/** So that every large update below sets something aside, and fills segments. */
const SMALL_SETS = {
  ORBIT_PERSISTENCE_CHANGE_SET_MEMORY: '65536',
  ORBIT_PERSISTENCE_WAL_SEGMENT_SIZE: '1048576',
};
const ROWS = 2000;
const CREATE = `CREATE TABLE t AS SELECT g AS n, repeat('x', 100) AS v FROM generate_series(1, ${ROWS}) g`;

function setAll(client: pg.Client, letter: string): Promise<pg.QueryResult> {
  return client.query('UPDATE t SET v = repeat($1, 200)', [letter]);
}

/** The rows are all there, and all alike. */
async function checkAll(t: Test, client: pg.Client, value: string): Promise<void> {
  const { rows } = await client.query('SELECT count(*)::int AS c, min(v) AS low, max(v) AS high FROM t');
  t.same(rows, [{ c: ROWS, low: value, high: value }]);
}

t.test('many large commits beside an old snapshot', { skip, timeout: 180_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-files-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const server = limited(FEWEST_FILES, dataDir, SMALL_SETS);
  const port = await server.port;
  if (port === null) throw new Error(server.said());
  const [writer, reader] = [await connect(port), await connect(port)];
  await writer.query(CREATE);
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await reader.query('SELECT 1');
  for (let i = 0; i < 60; i++) {
    await setAll(writer, String(i % 10));
    const open = (await readdir(`/proc/${server.child.pid}/fd`)).length;
    if (open > 90) t.fail(`${open} descriptors after ${i} updates`);
  }
  await checkAll(t, reader, 'x'.repeat(100));
  await reader.query('COMMIT');
  await checkAll(t, reader, '9'.repeat(200));
  await Promise.all([writer.end(), reader.end()]);
  server.child.kill('SIGTERM');
  t.equal(await server.ended, 0);
});

/** Whether the server closes a connection on which nothing is said; one that it leaves open for a while is not. */
function isTurnedAway(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const timer = setTimeout(() => socket.destroy(), 1000);
    socket.on('error', () => undefined);
    socket.on('end', () => resolve(true));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
    socket.resume();
  });
}

/**
 * Inserts what is small enough for memory, until the log needs its next segment: then a commit that was appended before
 * waits, and the next one, of the other client, is refused. Returns its error.
 */
async function untilRefused([first, second]: readonly pg.Client[]): Promise<unknown> {
  const insert = (client: pg.Client): Promise<unknown> =>
    client.query("INSERT INTO other SELECT g, repeat('y', 100) FROM generate_series(1, 200) g").then(
      () => null,
      (error: unknown) => error,
    );
  for (;;) {
    const answer = insert(first);
    const patience = new Promise<'waits'>((resolve) => setTimeout(() => resolve('waits'), 500));
    const outcome = await Promise.race([answer, patience]);
    const error = outcome === 'waits' ? await insert(second) : outcome;
    if (error !== null) return error;
    await answer;
  }
}

t.test('no descriptor is left', { skip: noLimits, timeout: 180_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-files-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const server = new CrashServer(dataDir, { settings: SMALL_SETS });
  const port = await server.mustListen();
  const limits = new ProcessLimits(server.pid);
  t.teardown(() => limits.end());
  const [client, other] = [await connect(port), await connect(port)];
  await client.query(CREATE);
  await client.query('CREATE TABLE other (n int, v text)');
  await setAll(client, 'a');
  // Its temporary file has gone afterwards.
  await client.query('CHECKPOINT');
  await limits.exhaust();
  const closed = await Promise.all(Array.from({ length: 20 }, () => isTurnedAway(port)));
  t.ok(closed.includes(true), 'clients are turned away');
  t.same((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }], 'who is in is served');
  await limits.set('nofile', 3);
  await t.rejects(setAll(client, 'b'), {
    code: '53000',
    message: /^could not create temporary file ".*": Too many open files$/,
  });
  await checkAll(t, client, 'a'.repeat(200));
  const refused = await untilRefused([client, other]);
  t.match(refused, { code: '53000', message: /^could not open file ".*wal.*": Too many open files$/ });
  await checkAll(t, other, 'a'.repeat(200));
  await limits.set('nofile', 256);
  const next = await connect(port);
  for (let isDone = false; !isDone; ) {
    isDone = await setAll(next, 'z').then(
      () => true,
      (error: unknown) => {
        t.match(error, { code: '53000' });
        return false;
      },
    );
  }
  await checkAll(t, client, 'z'.repeat(200));
  await Promise.all([client.end(), other.end(), next.end()]);
  t.equal((await server.end('SIGTERM')).code, 0);
});
