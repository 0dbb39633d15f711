/**
 * A temporary directory with the packages of one client: from Debian (unpacked beside the system, not installed), PyPI, npm.
 * Nothing outside of it changes. A missing tool or an unreachable package is `Unavailable`.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, Unavailable } from './client.js';

/** Longest time for one download or build: milliseconds. */
const PATIENCE_MS = 600_000;

export class Sandbox {
  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Runs a program that prepares something; gives its standard output. @throws Unavailable when it fails */
  tool(program: Program): Promise<string> {
    const { command, parameters, env = {}, cwd = this.directory } = program;
    const options = { cwd, env: { ...process.env, ...env }, timeout: PATIENCE_MS, maxBuffer: 1 << 26 };
    return new Promise((resolve, reject) => {
      execFile(command, [...parameters], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Unavailable(`${command} ${parameters[0] ?? ''} fails: ${lastLine(stderr) ?? error.message}`));
      });
    });
  }

  /** The name of a program that the system has. @throws Unavailable */
  async installed(program: string): Promise<string> {
    await this.tool({ command: program, parameters: ['--version'] });
    return program;
  }

  /** A Python environment with these packages; gives its interpreter. */
  async python(...packages: string[]): Promise<string> {
    const interpreter = this.path('venv', 'bin', 'python');
    if (!existsSync(this.path('venv', 'done'))) {
      await this.tool({ command: 'python3', parameters: ['-m', 'venv', this.path('venv')] });
      await this.tool({
        command: interpreter,
        parameters: ['-m', 'pip', 'install', '-q', '--only-binary=:all:', ...packages],
      });
      mkdirSync(this.path('venv', 'done'));
    }
    return interpreter;
  }

  /** Installs npm packages into the sandbox's node_modules. */
  async npm(...packages: string[]): Promise<void> {
    if (existsSync(this.path('node_modules', '.done'))) return;
    const options = ['--prefix', this.directory, '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error'];
    await this.tool({ command: 'npm', parameters: ['install', ...options, ...packages] });
    mkdirSync(this.path('node_modules', '.done'));
  }

  /** Unpacks Debian packages, with those that they need and the system lacks, for `within`. */
  async debian(...packages: string[]): Promise<void> {
    if (existsSync(this.path('debian.done'))) return;
    const archives = this.path('archives');
    mkdirSync(archives, { recursive: true });
    mkdirSync(this.path('root', 'usr'), { recursive: true });
    const listing = ['install', '--no-install-recommends', '--simulate', '-qq', ...packages];
    const missing = (await this.tool({ command: 'apt-get', parameters: listing }))
      .split('\n')
      .flatMap((line) => /^Inst (\S+) /.exec(line)?.[1] ?? []);
    if (missing.length > 0)
      await this.tool({ command: 'apt-get', parameters: ['download', '-qq', ...missing], cwd: archives });
    for (const archive of readdirSync(archives))
      await this.tool({ command: 'dpkg', parameters: ['-x', join(archives, archive), this.path('root')] });
    mkdirSync(this.path('debian.done'));
  }

  /** The version of an unpacked package; undefined when the system had it already. */
  debianVersion(name: string): string | undefined {
    const archive = readdirSync(this.path('archives')).find((file) => file.startsWith(`${name}_`));
    return archive?.split('_')[1];
  }

  /** The program as it runs where the unpacked packages lie over the system's /usr, in a name space of its own. */
  within(program: Program): Program {
    const overlay = `mount -t overlay overlay -o lowerdir='${this.path('root', 'usr')}':/usr /usr && exec "$@"`;
    return {
      ...program,
      command: 'unshare',
      parameters: ['-rm', 'sh', '-c', overlay, 'sh', program.command, ...program.parameters],
    };
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
