/**
 * The servers that the workloads run on: orbit-server as built, and a PostgreSQL 15 with safe settings where its
 * binaries are found. Each lives in a directory of its own below the given one, and is ended by its process id.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Those of `npm start`. */
const NODE_FLAGS = ['--max-semi-space-size=8'];
const EXECUTABLE = fileURLToPath(new URL('../bin/orbit-server.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface Target {
  readonly name: 'orbit-server' | 'PostgreSQL';
  /** What libpq programs need to find the server. */
  readonly environment: NodeJS.ProcessEnv;
  /** Starts the server; resolves when it answers a query, with the milliseconds that took. */
  start(): Promise<number>;
  stop(): Promise<void>;
  /** Resident memory of the server in MB; null where it is not one process. */
  memory(): Promise<number | null>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** One child process that serves libpq clients. */
class ServerProcess {
  private child: ChildProcess | null = null;

  constructor(
    private readonly spawnServer: () => ChildProcess,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly stopSignal: NodeJS.Signals,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<number> {
    const started = performance.now();
    const child = this.spawnServer();
    this.child = child;
    for (;;) {
      const answered = await run('psql', ['-XAtc', 'SELECT 1'], { env: this.environment }).then(
        () => true,
        () => false,
      );
      const elapsed = performance.now() - started;
      if (answered) return elapsed;
      if (child.exitCode !== null || elapsed > START_TIMEOUT_MS)
        throw new Error(`the server has not started (exit code ${child.exitCode})`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<void> {
    const child = this.child;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(this.stopSignal);
    await ended;
    this.child = null;
  }
}

export async function orbitTarget(directory: string): Promise<Target> {
  const port = String(await freePort());
  const environment = { ...process.env, PGHOST: '127.0.0.1', PGPORT: port, PGUSER: 'orbit', PGDATABASE: 'actors' };
  const flags = ['--port', port, '--data-dir', join(directory, 'orbit'), '--log-level', 'error'];
  const extra = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
  const server = new ServerProcess(
    () =>
      spawn(process.execPath, [...NODE_FLAGS, ...extra, EXECUTABLE, ...flags], {
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    environment,
    'SIGTERM',
  );
  return {
    name: 'orbit-server',
    environment,
    start: () => server.start(),
    stop: () => server.stop(),
    memory: async () => {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8').catch(() => '');
      const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
      return kilobytes === undefined ? null : Number(kilobytes) / 1024;
    },
  };
}

/** PostgreSQL does not run as root. */
async function postgresUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  return { uid, gid };
}

/** Null when there is no PostgreSQL 15 on this machine. */
export async function postgresTarget(parent: string): Promise<Target | null> {
  const found = await run('pg_config', ['--bindir', '--version']).then(
    ({ stdout }) => stdout.trim().split('\n'),
    () => [],
  );
  const [bin, version] = found;
  if (bin === undefined || version === undefined || !version.startsWith('PostgreSQL 15')) return null;
  const user = await postgresUser().catch(() => null);
  if (user === null) return null;
  const directory = join(parent, 'postgres');
  await mkdir(directory);
  if (user.uid !== undefined && user.gid !== undefined) await chown(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const port = String(await freePort());
  const environment = { ...process.env, PGHOST: '127.0.0.1', PGPORT: port, PGUSER: 'postgres', PGDATABASE: 'postgres' };
  const asUser = { ...user, cwd: directory, env: { ...process.env, HOME: directory } };
  const initialized = await run(
    join(bin, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '--locale=C', '--encoding=UTF8'],
    asUser,
  ).then(
    () => true,
    () => false,
  );
  if (!initialized) return null;
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${directory}`,
    'shared_buffers=1GB',
    'max_wal_size=4GB',
    'fsync=on',
    'synchronous_commit=on',
  ];
  const flags = ['-D', data, '-p', port, ...settings.flatMap((setting) => ['-c', setting])];
  const server = new ServerProcess(
    () => spawn(join(bin, 'postgres'), flags, { ...asUser, stdio: 'ignore' }),
    environment,
    'SIGINT',
  );
  return {
    name: 'PostgreSQL',
    environment,
    start: () => server.start(),
    stop: () => server.stop(),
    memory: async () => null,
  };
}
