/**
 * The server dies at named points and at random moments while clients work, and is started again on the same directory.
 * ORBIT_CRASH_ROUNDS=n adds n rounds with random failpoints (the long form).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CrashServer } from './crash-server.js';
import { checkTables, connect, createTables, LedgerClient } from './ledger.js';

const CLIENTS = 4;
/** A round whose failpoint is not reached is ended by a plain kill. */
const ROUND_MS = 4000;
const POINTS = [
  'before-append:crash@60',
  'after-append:crash@60',
  'after-install:crash@60',
  'before-flush:crash@40',
  'after-flush:crash@40',
  'before-kv-write:crash@2',
  'after-kv-write:crash@2',
  'before-checkpoint:crash',
  'after-checkpoint:crash',
  'after-recycle:crash',
];

function roundsOf(extra: number): { failpoints: string; killAfter: number }[] {
  const rounds = POINTS.map((failpoints) => ({ failpoints, killAfter: ROUND_MS }));
  for (const killAfter of [100, 250, 500]) rounds.push({ failpoints: '', killAfter });
  for (let i = 0; i < extra; i++) {
    const name = POINTS[Math.floor(Math.random() * POINTS.length)].replace(/:.*/, '');
    const passes = 1 + Math.floor(Math.random() * 80);
    const isPlain = Math.random() < 0.3;
    rounds.push({
      failpoints: isPlain ? '' : `${name}:crash@${passes}`,
      killAfter: isPlain ? Math.random() * 1500 : ROUND_MS,
    });
  }
  return rounds;
}

async function crash(server: CrashServer, clients: readonly LedgerClient[], killAfter: number): Promise<string> {
  const port = await server.port();
  const timer = setTimeout(() => void server.end('SIGKILL'), port === null ? 0 : killAfter);
  if (port !== null) await Promise.all(clients.map((client) => client.work(port)));
  const { signal, said } = await server.ended;
  clearTimeout(timer);
  if (signal !== 'SIGKILL') throw new Error(`the server ended by itself: ${said}`);
  return said;
}

const EXTRA_ROUNDS = Number(process.env.ORBIT_CRASH_ROUNDS ?? 0);
/** Generous: a round takes a second or two, and ten times that on a machine that is busy with other things. */
t.setTimeout(400_000 + EXTRA_ROUNDS * 20_000);

t.test(
  'every answered commit is there after a crash, and none is half there',
  { timeout: 390_000 + EXTRA_ROUNDS * 20_000 },
  async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-crash-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const clients = Array.from({ length: CLIENTS }, (_, id) => new LedgerClient(id));
    const first = new CrashServer(dataDir);
    const setup = await connect(await first.mustListen());
    await createTables(setup);
    await setup.end();
    await first.end('SIGKILL');
    for (const { failpoints, killAfter } of roundsOf(EXTRA_ROUNDS)) {
      await crash(new CrashServer(dataDir, { failpoints }), clients, killAfter);
      // Recovery that is cut off begins again.
      if (Math.random() < 0.3) await crash(new CrashServer(dataDir, { failpoints: 'during-replay:crash' }), [], 0);
      const again = new CrashServer(dataDir);
      const client = await connect(await again.mustListen());
      const before = clients.map((one) => one.acknowledged);
      await checkTables(client, clients);
      t.pass(`${failpoints || `killed after ${Math.round(killAfter)} ms`}: ${before} acknowledged`);
      await client.end();
      await again.end('SIGKILL');
    }
    const last = new CrashServer(dataDir);
    const client = await connect(await last.mustListen());
    await checkTables(client, clients);
    await client.end();
    const { code } = await last.end('SIGTERM');
    t.equal(code, 0, 'an orderly end after all that');
    t.ok(clients.every((one) => one.acknowledged > 0));
  },
);
