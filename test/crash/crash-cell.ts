/** A cell of the crash matrix: one workload, killed at one point, and what is there afterwards. */
import pg from 'pg';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';
import type { Workload } from './workloads.js';

const CHECKPOINT_EVERY = 6;

export interface Cell {
  readonly point: string;
  readonly pass: number;
  readonly workload: Workload;
}

/** Works until the server dies. Returns the last step that was answered. @throws errors that the server reports */
async function work(port: number, workload: Workload, from: number): Promise<number> {
  const client = await connect(port).catch(() => null);
  if (client === null) return from;
  client.on('error', () => undefined);
  let answered = from;
  try {
    for (;;) {
      await workload.step(client, answered + 1);
      answered++;
      if (answered % CHECKPOINT_EVERY === 0) await client.query('CHECKPOINT');
    }
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw error;
    return answered;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs a workload from the step after `from` on until the point kills the server, starts it again, and checks all of `workloads`. */
export async function runCell(
  dataDir: string,
  cell: Cell,
  from: number,
  workloads: readonly Workload[],
  patience: number,
): Promise<{ answered: number; found: number; reached: boolean }> {
  const server = new CrashServer(dataDir, {
    failpoints: `${cell.point}:crash@${cell.pass}`,
    settings: cell.workload.settings ?? {},
  });
  const port = await server.port();
  let reached = true;
  const timer = setTimeout(() => {
    reached = false;
    void server.end('SIGKILL');
  }, patience);
  const answered = port === null ? from : await work(port, cell.workload, from);
  const { signal, said } = await server.ended;
  clearTimeout(timer);
  if (signal !== 'SIGKILL') throw new Error(`the server ended by itself: ${said}`);
  const again = new CrashServer(dataDir);
  const client = await connect(await again.mustListen());
  let found = 0;
  for (const workload of workloads) {
    const last = await workload.check(client);
    if (workload === cell.workload) found = last;
  }
  await client.end();
  await again.end('SIGKILL');
  return { answered, found, reached };
}
