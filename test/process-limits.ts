/** Changes the limits of a running process, as an operator can with prlimit. Its own process's too: the shell that does it is there before. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Why limits cannot be changed here; false when they can. */
export const noLimits: string | false = (() => {
  if (process.platform !== 'linux') return 'needs prlimit and /proc';
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'needs prlimit';
  }
})();

export class ProcessLimits {
  private readonly shell: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  constructor(private readonly pid: number) {
    this.shell = spawn('sh', [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.shell.stdout })[Symbol.asyncIterator]();
  }

  /** Sets the soft limit of the numbers of new descriptors (3: none can be opened), or of the size of files in bytes. */
  async set(what: 'nofile' | 'fsize', value: number | 'unlimited'): Promise<void> {
    this.shell.stdin.write(`prlimit --pid ${this.pid} --${what}=${value}: && echo done || echo failed\n`);
    const { value: answer } = await this.answers.next();
    if (answer !== 'done') throw new Error(`prlimit: ${String(answer)}`);
  }

  /** Leaves the process no descriptor, unless one that it has is closed. */
  async exhaust(): Promise<void> {
    const open = new Set(readdirSync(`/proc/${this.pid}/fd`).map(Number));
    let free = 0;
    while (open.has(free)) free++;
    await this.set('nofile', free);
  }

  end(): void {
    this.shell.stdin.end();
  }
}
