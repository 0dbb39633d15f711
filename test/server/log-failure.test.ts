/** A log that cannot be written or synced: nobody is told COMMIT, the server ends with code 3, and recovers at its start. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';

t.test('a failing sync of the log', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-eio-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const setup = await connect(await first.mustListen());
  await setup.query('CREATE TABLE kept (n int PRIMARY KEY)');
  await setup.end();
  await first.end('SIGTERM');

  const server = new CrashServer(dataDir, { failpoints: 'after-log-write:EIO@10' });
  const client = await connect(await server.mustListen());
  client.on('error', () => undefined);
  let answered = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      await client.query('INSERT INTO kept VALUES ($1)', [answered + 1]);
      answered++;
    }
  };
  await t.rejects(work());
  const { code, said } = await server.ended;
  t.equal(code, 3);
  t.match(said, /the write-ahead log cannot be written: EIO/);
  await client.end().catch(() => undefined);

  const again = new CrashServer(dataDir);
  const reader = await connect(await again.mustListen());
  const { rows } = await reader.query('SELECT count(*)::int AS c, max(n) AS m FROM kept');
  t.ok(answered > 0 && rows[0].c === rows[0].m);
  t.ok(rows[0].c === answered || rows[0].c === answered + 1, 'everything answered is there');
  await reader.end();
  await again.end('SIGTERM');
});
