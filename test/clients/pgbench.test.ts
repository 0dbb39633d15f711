/** pgbench's own tables and scripts run without an error, and its books balance afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { installed, run, ServerProcess } from './server-process.js';

const skip = installed('pgbench') ? false : 'pgbench is not installed';

t.test('pgbench', { skip }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-pgbench-'));
  const server = await ServerProcess.start(directory);
  t.teardown(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const pgbench = (...parameters: string[]) =>
    run('pgbench', ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'orbit', ...parameters, 'actors'], {
      cwd: directory,
    });

  const loaded = await pgbench('-i', '-s', '1', '-q');
  t.equal(loaded.code, 0, loaded.stderr);
  for (const [script, protocol] of [
    ['tpcb-like', 'simple'],
    ['simple-update', 'prepared'],
    ['select-only', 'extended'],
  ] as const) {
    const result = await pgbench('-b', script, '-M', protocol, '-c', '4', '-T', '2', '-n');
    t.equal(result.code, 0, `${script} ${result.stderr}`);
    t.match(result.stdout, 'number of failed transactions: 0', script);
    t.notMatch(result.stderr, 'ERROR', script);
  }

  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  const sums =
    await client.query(`SELECT (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(bbalance) FROM pgbench_branches) AS tellers,
    (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history) AS accounts,
    (SELECT count(*)::int FROM pgbench_accounts) AS n`);
  t.same(sums.rows, [{ tellers: true, accounts: true, n: 100_000 }]);
  await client.end();
});
