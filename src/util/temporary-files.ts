/**
 * Gives out temporary files, and keeps to a share of the process's descriptors: beyond it, and when the system has no
 * descriptor left, a new one is the continuation of one that is in use.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { shortageOf } from './shortage.js';
import { fileError, TemporaryFile, UnnamedFile } from './temporary-file.js';

const PREFIX = 'tmp-';

let counter = 0;

export class TemporaryFiles {
  private readonly open = new Set<UnnamedFile>();

  /** `share`: descriptors used at most. */
  constructor(
    private readonly directory: string,
    private readonly share: number,
  ) {}

  /** Removes what a process that was killed between two calls may have left. */
  static clear(directory: string): void {
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch {
      // There is none yet.
      return;
    }
    for (const name of names) if (name.startsWith(PREFIX)) rmSync(join(directory, name), { force: true });
  }

  /** Descriptors in use. */
  get descriptors(): number {
    return this.open.size;
  }

  /** @throws SqlError 53000, 53100 or 58030 when the file cannot be made */
  make(): TemporaryFile {
    return new TemporaryFile((this.open.size < this.share ? this.tryOpen() : null) ?? this.smallest());
  }

  /** Null: there is no descriptor, but a file that can be shared. */
  private tryOpen(): UnnamedFile | null {
    const path = join(this.directory, `${PREFIX}${process.pid}-${++counter}`);
    try {
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      const file = UnnamedFile.open(path, (closed) => this.open.delete(closed));
      this.open.add(file);
      return file;
    } catch (error) {
      if (shortageOf(error) === 'descriptors' && this.open.size > 0) return null;
      throw fileError('create', path, error);
    }
  }

  /** A shared file gives its space back only when all its users have gone: large ones are left to run out of them. */
  private smallest(): UnnamedFile {
    return [...this.open].reduce((smallest, file) => (file.end < smallest.end ? file : smallest));
  }
}
