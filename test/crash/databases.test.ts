/** CREATE DATABASE and DROP DATABASE, killed at points that every commit passes: databases are there as a whole or not at all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { runCell } from './crash-cell.js';
import { CrashServer } from './crash-server.js';
import { DATABASES } from './database-workload.js';
import { connect } from './ledger.js';

const POINTS = ['before-append', 'after-append', 'after-install', 'after-flush', 'before-kv-write'];
/** How long a point may take to be reached: milliseconds. */
const PATIENCE_MS = 60_000;

t.test('databases survive crashes', { timeout: 280_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-crash-databases-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const setup = await connect(await first.mustListen());
  await DATABASES.setup(setup);
  await setup.end();
  await first.end('SIGKILL');
  let done = 0;
  for (const [i, point] of POINTS.entries()) {
    const cell = { point, pass: 1 + (i % 3), workload: DATABASES };
    const { answered, found, reached } = await runCell(dataDir, cell, done, [DATABASES], PATIENCE_MS);
    t.ok(reached, `${point} is reached`);
    t.ok(found === answered || found === answered + 1, `${point}: ${answered} answered, ${found} found`);
    done = found;
  }
});
