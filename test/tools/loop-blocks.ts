/**
 * Measures how long other connections wait beside heavy statements: `node dist/test/tools/loop-blocks.js [FILTER]`.
 * Starts the built server on a directory of its own, runs each statement under a statement timeout, sends `SELECT 1`
 * on a second connection all the while, and prints the longest answer, the growth of the server's memory and how the
 * statement ended. Not a test: what it prints depends on the machine.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ServerProcess } from '../clients/server-process.js';
import { HEAVY_STATEMENTS, PREPARATION } from './heavy-statements.js';

const TIMEOUT_MS = 4_000;

interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Resident memory of a process: MB. Only where there is /proc. */
function residentMegabytes(pid: number): number {
  try {
    const match = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return match === null ? 0 : Math.round(Number(match[1]) / 1024);
  } catch {
    return 0;
  }
}

async function open(target: Target): Promise<pg.Client> {
  const client = new pg.Client(target);
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function outcome(client: pg.Client, sql: string): Promise<string> {
  try {
    const result = await client.query({ text: sql, rowMode: 'array' });
    return `${result.command} ${result.rowCount}`;
  } catch (error) {
    return error instanceof pg.DatabaseError ? `${error.code} ${error.message.slice(0, 60)}` : String(error);
  }
}

/** The longest answer to SELECT 1 until `over` settles: milliseconds. */
async function longestAnswer(client: pg.Client, over: Promise<unknown>): Promise<number> {
  let running = true;
  over.then(() => {
    running = false;
  });
  let longest = 0;
  while (running) {
    const started = performance.now();
    await client.query('SELECT 1');
    longest = Math.max(longest, performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return longest;
}

async function measure(target: Target, pid: number, name: string, sql: string): Promise<void> {
  const [worker, prober] = [await open(target), await open(target)];
  await worker.query(`SET statement_timeout = ${TIMEOUT_MS}`);
  const before = residentMegabytes(pid);
  const started = performance.now();
  const over = outcome(worker, sql);
  const longest = await longestAnswer(prober, over);
  const took = performance.now() - started;
  const grown = residentMegabytes(pid) - before;
  process.stdout.write(
    `${longest.toFixed(0).padStart(6)} ms longest  ${took.toFixed(0).padStart(6)} ms in all  ${String(grown).padStart(5)} MB  ${name.padEnd(28)} ${await over}\n`,
  );
  await Promise.all([worker.end(), prober.end()]);
}

const dataDir = await mkdtemp(join(tmpdir(), 'orbit-blocks-'));
const server = await ServerProcess.start(dataDir);
try {
  const target = { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' };
  const setup = await open(target);
  for (const sql of PREPARATION) await setup.query(sql);
  await setup.end();
  const filter = process.argv[2] ?? '';
  for (const [name, sql] of Object.entries(HEAVY_STATEMENTS)) {
    if (name.includes(filter)) await measure(target, server.pid, name, sql);
  }
} finally {
  await server.stop('SIGKILL');
  await rm(dataDir, { recursive: true });
}
