/** Few file descriptors: connections are turned away, and nothing fails because of it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import t from 'tap';
import { FEWEST_FILES, openFileLimit, planFiles } from '../../src/server/file-limit.js';
import { connect } from '../crash/ledger.js';

/** Whether limits can be set and read here. */
const skip = process.platform === 'linux' ? false : 'needs ulimit and /proc';

t.test('the files are shared out', async (t) => {
  t.same(planFiles(null, 500), { tables: 1000, connections: 500, sockets: 1100 });
  t.same(planFiles(1_000_000, 500), { tables: 1000, connections: 500, sockets: 1100 });
  for (const limit of [FEWEST_FILES, 300, 1024, 2000]) {
    const { tables, connections, sockets } = planFiles(limit, 500);
    t.ok(tables >= 74 && connections >= 20 && sockets > connections, `${limit}: ${tables}, ${connections}, ${sockets}`);
    t.ok(tables + sockets <= limit - 70, `${limit} is enough`);
  }
});

t.test('the limit of this process', { skip }, async (t) => {
  t.ok(Number(openFileLimit()) > 0);
});

/** The built server under a limit of open files. */
function limited(files: number, dataDir: string) {
  const command = `ulimit -n ${files}; exec "$0" dist/bin/orbit-server.js --port 0 --data-dir "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
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
