/** xmin, which clients compare to see whether a row was changed, is the same wherever the row is read from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';

const VALUES = `(1, 'short', 1.50, '2026-11-21 10:00+00', '{"a": [1, 2.0]}', ARRAY[1, NULL, 3], repeat('long ', 500), '\\x00ff', 9007199254740993, NULL, 0.1),
  (2, '', 'NaN', 'infinity', 'null', '{}', '', '', -1, ROW(1, 'b'), 'NaN'),
  (3, 'é', 12345678901234567890.000, '-infinity', '"x"', '{{1,2},{3,4}}', 'y', '\\x01', 0, ROW(NULL, NULL), '-0')`;

t.test('xmin before and after restarts', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-fingerprint-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const writer = await connect(await first.mustListen());
  await writer.query('CREATE TYPE pair AS (a int, b text)');
  await writer.query(
    'CREATE TABLE r (id int PRIMARY KEY, t text, n numeric, z timestamptz, j jsonb, i int[], l text, b bytea, g bigint, p pair, f float8)',
  );
  const { rows: written } = await writer.query(`INSERT INTO r VALUES ${VALUES} RETURNING id, xmin::text`);
  t.equal(new Set(written.map(({ xmin }) => xmin)).size, 3);
  const seen = async (client: typeof writer): Promise<unknown> =>
    (await client.query('SELECT id, xmin::text FROM r ORDER BY id')).rows;
  t.same(await seen(writer), written);
  await writer.end();
  await first.end('SIGKILL');
  for (const state of ['from the log', 'from the store']) {
    const server = new CrashServer(dataDir);
    const client = await connect(await server.mustListen());
    t.same(await seen(client), written, state);
    await client.query('CHECKPOINT');
    await client.end();
    await server.end('SIGTERM');
  }
  const last = new CrashServer(dataDir);
  const client = await connect(await last.mustListen());
  const token = written[0].xmin;
  t.equal((await client.query("UPDATE r SET t = 'mine' WHERE id = 1 AND xmin = $1", [token])).rowCount, 1);
  t.equal((await client.query("UPDATE r SET t = 'lost' WHERE id = 1 AND xmin = $1", [token])).rowCount, 0);
  await client.end();
  await last.end('SIGTERM');
});
