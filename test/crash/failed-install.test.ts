/**
 * The log has a commit, and installing it in memory fails: memory has a part of it, so the server ends at once and tells nobody how the
 * commit ended. Its next start has the commit from the log as a whole, or, as it was not on disk yet, nothing of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';
import { WORKLOADS, type Workload } from './workloads.js';

const PATIENCE_MS = 60_000;
/** The exit code of a server that can be started again, and then recovers. */
const MUST_RECOVER = 3;
/** Workloads, where their commits fail, and on which pass. */
const CASES: readonly (readonly [string, string])[] = [
  ['mix', 'during-install:error@14'],
  ['ddl', 'during-install:error@9'],
  ['large', 'during-install:error@20'],
  ['changes', 'after-overlay:error@2'],
  ['prepared', 'during-install:error@6'],
];

/** Does steps until one fails. Returns the number of the last one that was answered, and how the next one failed. */
async function workUntilFailure(port: number, workload: Workload): Promise<{ answered: number; failure: unknown }> {
  const client = await connect(port);
  client.on('error', () => undefined);
  for (let n = 1; ; n++) {
    try {
      await workload.step(client, n);
    } catch (failure) {
      await client.end().catch(() => undefined);
      return { answered: n - 1, failure };
    }
  }
}

for (const [name, failpoints] of CASES) {
  t.test(`${failpoints}, ${name}`, { timeout: PATIENCE_MS }, async (t) => {
    const workload = WORKLOADS.find((one) => one.name === name);
    if (workload === undefined) throw new Error(`no workload ${name}`);
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-install-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const first = new CrashServer(dataDir);
    const setup = await connect(await first.mustListen());
    await workload.setup(setup);
    await setup.end();
    await first.end('SIGTERM');

    const failing = new CrashServer(dataDir, { failpoints, settings: workload.settings ?? {} });
    const port = await failing.mustListen();
    const bystander = await connect(port);
    const dismissed = new Promise((resolve) => bystander.once('end', resolve));
    bystander.on('error', () => undefined);
    const { answered, failure } = await workUntilFailure(port, workload);
    const { code, said } = await failing.ended;
    await dismissed;
    t.equal(code, MUST_RECOVER, 'it ends as one that can be started again');
    t.notOk(failure instanceof pg.DatabaseError, `nobody is told that the commit has failed: ${String(failure)}`);
    t.match(said, /failpoint (during-install|after-overlay)/, 'it says why');

    const again = new CrashServer(dataDir);
    const client = await connect(await again.mustListen());
    const found = await workload.check(client);
    t.ok(found === answered || found === answered + 1, `${answered} answered, ${found} found, none by half`);
    await client.end();
    t.equal((await again.end('SIGTERM')).code, 0);
  });
}
