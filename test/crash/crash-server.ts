/**
 * The built server as a child that is to die: with failpoints armed, small log segments and frequent checkpoints, so that
 * short runs cross segment boundaries and recycle segments. Also used for servers that are not to start at all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const START_PATIENCE_MS = 60_000;

const SMALL = {
  ORBIT_PERSISTENCE_WAL_SEGMENT_SIZE: '1048576',
  ORBIT_PERSISTENCE_MAX_WAL_SIZE: '1572864',
};

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** Everything it wrote to its outputs. */
  readonly said: string;
}

export class CrashServer {
  private said = '';
  readonly ended: Promise<Ended>;
  /** The port, or null when the server ended before it listened. */
  private readonly listening: Promise<number | null>;

  constructor(
    dataDir: string,
    options: { failpoints?: string; port?: number; settings?: Readonly<Record<string, string>> } = {},
  ) {
    // Without the test runner's hooks, which have signals such as SIGXFSZ end the process. It puts them into NODE_OPTIONS.
    this.child = spawn(
      'env',
      [
        '-u',
        'NODE_OPTIONS',
        process.execPath,
        'dist/bin/orbit-server.js',
        '--port',
        String(options.port ?? 0),
        '--data-dir',
        dataDir,
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...SMALL, ...options.settings, ORBIT_FAILPOINT: options.failpoints ?? '' },
      },
    );
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the child has no outputs');
    stderr.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve({ code, signal, said: this.said }));
    });
    this.listening = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server does not start: ${this.said}`)), START_PATIENCE_MS);
      createInterface({ input: stdout }).on('line', (line) => {
        this.said += `${line}\n`;
        const ready = /listening on [^\s"]*:(\d+)/.exec(line);
        if (ready === null) return;
        clearTimeout(timer);
        resolve(Number(ready[1]));
      });
      void this.ended.then(() => {
        clearTimeout(timer);
        resolve(null);
      });
    });
  }

  private readonly child: ChildProcess;

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('the server was not started');
    return pid;
  }

  port(): Promise<number | null> {
    return this.listening;
  }

  /** @throws with what it said when it ends instead */
  async mustListen(): Promise<number> {
    const port = await this.listening;
    if (port === null) throw new Error(`the server ended: ${this.said}`);
    return port;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}
