/** Many connections: limits and reserved slots, hundreds idle and busy at once, and clients that are slow. */
import { connect } from 'node:net';
import type pg from 'pg';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { eventually, sessions, setup } from './many-clients.js';

t.test('max_connections and the slots for superusers', async (t) => {
  const { open } = await setup(t, { ORBIT_SERVER_MAX_CONNECTIONS: '6' });
  const owner = await open();
  await owner.query('CREATE ROLE plain LOGIN');
  const plain = [await open('plain'), await open('plain')];
  await t.rejects(open('plain'), {
    code: '53300',
    severity: 'FATAL',
    message: 'remaining connection slots are reserved for non-replication superuser connections',
  });
  for (let i = 0; i < 3; i++) await open();
  await t.rejects(open(), { code: '53300', severity: 'FATAL', message: 'sorry, too many clients already' });
  await plain[0].end();
  await eventually(t, owner, 5, 'a slot is free again');
  await t.rejects(open('plain'), { code: '53300' }, 'for superusers only');
  t.ok(await open());
  t.equal((await owner.query('SHOW max_connections')).rows[0].max_connections, '6');
});

t.test('500 idle connections, 100 of them busy', async (t) => {
  const { open } = await setup(t, { ORBIT_SERVER_MAX_CONNECTIONS: '510' });
  const clients: pg.Client[] = [];
  for (let i = 0; i < 20; i++) clients.push(...(await Promise.all(Array.from({ length: 25 }, () => open()))));
  t.equal(await sessions(clients[0]), 500);
  await clients[0].query('CREATE TABLE counted (id int PRIMARY KEY, n int)');
  await clients[0].query('INSERT INTO counted SELECT g, 0 FROM generate_series(1, 10) g');
  await Promise.all(
    clients.slice(0, 100).map(async (client, i) => {
      for (let round = 0; round < 10; round++) {
        await client.query('UPDATE counted SET n = n + 1 WHERE id = $1', [(i % 10) + 1]);
        await client.query('SELECT count(*), sum(g) FROM generate_series(1, 1000) g');
      }
    }),
  );
  t.same((await clients[499].query('SELECT sum(n)::int AS n, count(*)::int AS rows FROM counted')).rows, [
    { n: 1000, rows: 10 },
  ]);
  await Promise.all(clients.slice(1).map((client) => client.end()));
  await eventually(t, clients[0], 1, 'all are gone');
});

t.test('clients that dawdle', async (t) => {
  const { server, open } = await setup(t, {
    ORBIT_SERVER_MAX_CONNECTIONS: '50',
    ORBIT_SERVER_AUTHENTICATION_TIMEOUT: '1',
    ORBIT_SECURITY_LOCAL_AUTHENTICATION: 'trust',
  });
  const observer = await open();
  const startup = serialize.startup({ user: 'orbit', database: 'actors' });
  const closed = Array.from(
    { length: 40 },
    (_, i) =>
      new Promise<void>((resolve) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.write(startup.subarray(0, i % 12)));
        socket.on('error', () => {});
        socket.resume();
        socket.on('close', () => resolve());
      }),
  );
  t.ok(await open(), 'they take no slot');
  await Promise.all(closed);
  t.pass('and are sent away after authentication_timeout');

  const slow = connect(server.port, '127.0.0.1');
  slow.write(startup);
  const query = serialize.query(`SELECT '${'x'.repeat(3000)}'`);
  const answered = new Promise<boolean>((resolve) => {
    let text = '';
    slow.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('SELECT 1\0')) resolve(true);
    });
    slow.on('close', () => resolve(false));
  });
  for (let at = 0; at < query.length; at += 100) {
    slow.write(query.subarray(at, at + 100));
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (at % 1000 === 0) await observer.query('SELECT 1');
  }
  t.ok(await answered, 'a message in small pieces is answered, others are served meanwhile');
  slow.destroy();
});
