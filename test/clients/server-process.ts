/** The built server as a child process, as users run it: with a data directory, on a free port, stopped by signals. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Longest wait for the server to say that it is ready: milliseconds. */
const START_PATIENCE_MS = 30_000;

export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** Starts the server on a data directory; resolves when it listens. @throws with its last lines when it ends instead */
  static async start(dataDir: string, port = 0, env: Record<string, string> = {}): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['dist/bin/orbit-server.js', '--port', String(port), '--data-dir', dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const said: string[] = [];
    const listening = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the server does not start: ${said.join('\n')}`)),
        START_PATIENCE_MS,
      );
      child.once('exit', () => {
        clearTimeout(timer);
        reject(new Error(`the server ended: ${said.join('\n')}`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        said.push(line);
        const ready = /listening on [^\s"]*:(\d+)/.exec(line);
        if (ready === null) return;
        clearTimeout(timer);
        resolve(Number(ready[1]));
      });
    });
    return new ServerProcess(child, await listening);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends the server with a signal and waits until it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    return this.child.exitCode;
  }
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; never throws for an exit code. */
export function run(
  program: string,
  parameters: readonly string[],
  options: { cwd?: string; input?: string; env?: Record<string, string> } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const environment = { ...process.env, PGCONNECT_TIMEOUT: '10', PSQLRC: '/dev/null', ...options.env };
    const child = execFile(
      program,
      [...parameters],
      { cwd: options.cwd, env: environment, timeout: 60_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
    // A program that reads no input may be gone before it could be written.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** False when the program is not installed, else true. */
export function installed(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}
