/**
 * Storms of short connections that are left in every possible way leave nothing behind: no sessions, locks, memory,
 * descriptors or temporary files, nor anything that only a session can have.
 */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type pg from 'pg';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { eventually, setup } from './many-clients.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const VISITS = 400;
const STORMS = 5;
const AT_ONCE = 50;
/** More than what caches and the test itself may come to; a leak of one session's state is more, storm for storm. */
const MOST_BYTES_OF_A_VISIT = 2000;
/** Sockets that are being closed, and files that the store opens meanwhile. */
const SPARE_DESCRIPTORS = 20;

const statements = (...texts: string[]): Buffer => Buffer.concat(texts.map((text) => serialize.query(text)));

/** What is sent once the server is ready, by visitors who then go without a word. */
const LEFT_IN_THE_MIDDLE: readonly Buffer[] = [
  statements('SELECT pg_sleep(0.05)'),
  statements('BEGIN', 'UPDATE shared SET n = n + 1 WHERE id = 1'),
  statements('CREATE TEMP TABLE mine AS SELECT 1 AS a', 'SELECT pg_advisory_lock(7)'),
  statements(
    'BEGIN',
    'DECLARE c CURSOR WITH HOLD FOR SELECT * FROM generate_series(1, 1000)',
    'COMMIT',
    'FETCH 3 FROM c',
  ),
  statements("PREPARE p AS SELECT repeat('x', 10000)", 'EXECUTE p', 'SAVEPOINT s'),
  // More changes than memory is given: they go to a temporary file.
  statements('BEGIN', "UPDATE wide SET filler = repeat('y', 500)", 'SELECT 1'),
  Buffer.concat([
    statements('BEGIN'),
    serialize.parse({ name: 's', text: 'SELECT g, $1::text FROM generate_series(1, 5000) g' }),
    serialize.bind({ portal: 'p', statement: 's', values: ['x'.repeat(1000)] }),
    serialize.execute({ portal: 'p', rows: 3 }),
    serialize.flush(),
  ]),
];
const KINDS = 5 + LEFT_IN_THE_MIDDLE.length;

/** Connects, does a part of what a client does, and leaves in one way or another. */
function visit(port: number, kind: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = false;
    const socket: Socket = connect(port, '127.0.0.1', () => {
      if (kind === 0) socket.destroy();
      else if (kind === 1) socket.write('GET / HTTP/1.1\r\n\r\n');
      else socket.write(serialize.startup({ user: 'orbit', database: 'actors' }));
    });
    socket.on('data', () => {
      if (kind === 2) socket.end(serialize.end());
      else if (kind === 3) socket.resetAndDestroy();
      else if (kind === 4) socket.end(statements('BEGIN', 'SELECT 1'));
      else if (sent) socket.destroy();
      else socket.write(LEFT_IN_THE_MIDDLE[kind - 5]);
      sent = true;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

/** Where the descriptors of this process lead; empty where the system does not tell. */
function descriptors(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The one that the listing itself had.
      return [];
    }
  });
}

/** What others than the observer have, by kind. */
const LEFT = {
  sessions:
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  locks: 'SELECT count(*)::int AS n FROM pg_locks WHERE pid IS DISTINCT FROM pg_backend_pid()',
  'temporary tables': "SELECT count(*)::int AS n FROM pg_class WHERE relpersistence = 't'",
  'prepared statements': 'SELECT count(*)::int AS n FROM pg_prepared_statements',
  cursors: 'SELECT count(*)::int AS n FROM pg_cursors',
  'prepared transactions': 'SELECT count(*)::int AS n FROM pg_prepared_xacts',
  changes: 'SELECT n FROM shared',
};

async function whatIsLeft(observer: pg.Client): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  for (const [what, sql] of Object.entries(LEFT)) left[what] = (await observer.query(sql)).rows[0].n;
  return left;
}

t.test('storms of short connections', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'orbit-storm-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const settings = { ORBIT_SERVER_MAX_CONNECTIONS: '200', ORBIT_PERSISTENCE_CHANGE_SET_MEMORY: '65536' };
  const { server, open } = await setup(t, settings, dataDir);
  const observer = await open();
  await observer.query('CREATE TABLE shared (id int PRIMARY KEY, n int)');
  await observer.query('INSERT INTO shared VALUES (1, 0)');
  await observer.query(
    "CREATE TABLE wide AS SELECT g AS id, repeat('x', 500) AS filler FROM generate_series(1, 500) g",
  );
  const isTemporary = (path: string): boolean => path.startsWith(dataDir) && path.endsWith('(deleted)');
  let temporary = 0;
  const storm = async (): Promise<{ heap: number; descriptors: number; resources: number }> => {
    for (let i = 0; i < VISITS; i += AT_ONCE) {
      const visits = Array.from({ length: AT_ONCE }, (_, k) => visit(server.port, (i + k) % KINDS));
      const watch = setInterval(() => {
        temporary = Math.max(temporary, descriptors().filter(isTemporary).length);
      }, 1);
      await Promise.all(visits);
      clearInterval(watch);
    }
    await eventually(t, observer, 1, 'no session is left');
    collect();
    return {
      heap: process.memoryUsage().heapUsed,
      descriptors: descriptors().length,
      resources: process.getActiveResourcesInfo().length,
    };
  };

  await storm();
  const before = await storm();
  let after = before;
  for (let n = 0; n < STORMS; n++) after = await storm();
  const bytes = Math.round((after.heap - before.heap) / (STORMS * VISITS));
  t.ok(bytes < MOST_BYTES_OF_A_VISIT, `${bytes} bytes of heap for each visit stay`);
  t.ok(after.resources <= before.resources + 10, 'no sockets or timers are left');
  t.ok(
    after.descriptors <= before.descriptors + SPARE_DESCRIPTORS,
    `${before.descriptors} descriptors, then ${after.descriptors}`,
  );
  t.same(descriptors().filter(isTemporary), [], 'nor temporary files');
  if (process.platform === 'linux') t.ok(temporary > 0, `which were there: ${temporary} at once`);
  t.same(await whatIsLeft(observer), Object.fromEntries(Object.keys(LEFT).map((what) => [what, 0])));
  await observer.query('SELECT pg_advisory_lock(7)');
  await observer.query("PREPARE p AS SELECT 'free'");
  t.same((await observer.query('EXECUTE p')).rows, [{ '?column?': 'free' }], 'names are free');
});
