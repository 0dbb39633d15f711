/** Clients that do not read: their statements wait, whatever the size of rows, and the server's memory stays as it was. */
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const MIB = 1024 * 1024;
/** Each result has gigabytes; a paused statement may hold a few batches of it. */
const BOUND = 600 * MIB;

const RESULTS: Readonly<Record<string, string>> = {
  'short rows': "SELECT repeat('x', 100) FROM generate_series(1, 20000000)",
  'long rows': "SELECT repeat('x', 16000000) FROM generate_series(1, 250)",
  'copy of long rows': "COPY (SELECT repeat('x', 16000000) FROM generate_series(1, 250)) TO STDOUT",
};

/** Sends the query and reads nothing after the greeting. */
function ask(port: number, sql: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(serialize.startup({ user: 'orbit', database: 'actors' })),
    );
    socket.on('error', reject);
    socket.once('data', () => {
      socket.pause();
      socket.write(serialize.query(sql));
      resolve(socket);
    });
  });
}

async function count(client: pg.Client, condition: string): Promise<number> {
  const { rows } = await client.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${condition}`);
  return rows[0].n;
}

t.test('a client that does not read', async (t) => {
  const server = await startTestServer();
  const observer = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await observer.connect();
  t.teardown(async () => {
    await observer.end();
    await server.stop();
  });
  for (const [name, sql] of Object.entries(RESULTS)) {
    const before = process.memoryUsage().rss;
    const socket = await ask(server.port, sql);
    let most = 0;
    for (let i = 0; i < 60; i++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      await observer.query('SELECT 1');
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    t.ok(most < BOUND, `${name}: ${Math.round(most / MIB)} MiB more`);
    t.equal(await count(observer, "state = 'active' AND pid <> pg_backend_pid()"), 1, 'the statement waits');
    socket.destroy();
    for (let i = 0; i < 200 && (await count(observer, 'pid <> pg_backend_pid()')) > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    t.equal(await count(observer, 'pid <> pg_backend_pid()'), 0, 'and ends with its connection');
  }
});
