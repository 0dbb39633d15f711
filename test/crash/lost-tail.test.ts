/**
 * LevelDB loses what it had not synced: its log is cut back to where it was at the last checkpoint, as a power failure may
 * leave it. The write-ahead log has the rest.
 */
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';
import { WORKLOADS } from './workloads.js';

const STEPS = 12;

/** LevelDB's newest log file. */
async function levelLog(dataDir: string): Promise<{ path: string; size: number }> {
  const store = join(dataDir, 'store');
  const name =
    (await readdir(store))
      .filter((one) => one.endsWith('.log'))
      .sort()
      .at(-1) ?? '';
  const path = join(store, name);
  return { path, size: (await stat(path)).size };
}

t.test('LevelDB without its unsynced tail', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-tail-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const workloads = WORKLOADS.filter(({ name }) => name !== 'large');
  // No checkpoint of its own accord.
  const server = new CrashServer(dataDir, { settings: { ORBIT_PERSISTENCE_MAX_WAL_SIZE: '268435456' } });
  const client = await connect(await server.mustListen());
  for (const workload of WORKLOADS) await workload.setup(client);
  for (const workload of workloads) await workload.step(client, 1);
  await client.query('CHECKPOINT');
  const synced = await levelLog(dataDir);
  for (let n = 2; n <= STEPS; n++) for (const workload of workloads) await workload.step(client, n);
  let written = await levelLog(dataDir);
  while (written.path === synced.path && written.size === synced.size) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    written = await levelLog(dataDir);
  }
  client.on('error', () => undefined);
  await server.end('SIGKILL');
  t.equal(written.path, synced.path, 'what is lost is in one file');
  await truncate(synced.path, synced.size);

  const again = new CrashServer(dataDir);
  const reader = await connect(await again.mustListen());
  for (const workload of workloads) t.equal(await workload.check(reader), STEPS, workload.name);
  await reader.end();
  t.equal((await again.end('SIGTERM')).code, 0);
});
