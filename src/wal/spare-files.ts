/**
 * Files of a log that wait to become segments: new ones, made before they are needed, and old segments.
 * Invariant: a file is called a spare only when it has its full size on disk; its bytes mean nothing.
 */
import { join } from 'node:path';
import { failpoint } from '../util/failpoint.js';
import type { FileLayer, LogFile } from './file-layer.js';
import { fillWithZeroes, finished } from './file-operations.js';
import type { Patience } from './patience.js';

const SPARE_PREFIX = 'spare-';
/** A file that is still being filled. */
const NEW_PREFIX = 'new-';
/** Old segments that are kept for later use. */
const KEPT = 4;

export class SpareFiles {
  private names: string[] = [];
  /** Of the names given so far. */
  private count = 0;
  private preparing: Promise<void> | null = null;

  constructor(
    private readonly directory: string,
    private readonly files: FileLayer,
    private readonly size: number,
    private readonly patience: Patience,
  ) {}

  /** Of the files in the directory takes over those that can be used, and removes what was left half made. */
  async adopt(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const path = join(this.directory, name);
      if (name.startsWith(NEW_PREFIX)) await this.files.remove(path);
      if (!name.startsWith(SPARE_PREFIX)) continue;
      const file = await this.files.open(path, false);
      const size = await file.size();
      await file.close();
      if (size === this.size && this.isWanted) this.names.push(name);
      else await this.files.remove(path);
      const count = Number(name.slice(SPARE_PREFIX.length));
      if (count > this.count) this.count = count;
    }
  }

  /** Whether an old segment should be kept. */
  get isWanted(): boolean {
    return this.names.length < KEPT;
  }

  /** Takes over an old segment. */
  async add(path: string): Promise<void> {
    const name = `${SPARE_PREFIX}${++this.count}`;
    failpoint('before-segment-recycle');
    await this.files.rename(path, join(this.directory, name));
    failpoint('after-segment-recycle');
    this.names.push(name);
  }

  /** Makes one in the background, so that the next segment is there when it is needed. */
  prepare(): void {
    if (this.preparing !== null || this.names.length > 0) return;
    const over = (): void => {
      this.preparing = null;
    };
    // After a fault the write that needs the segment will try again, and report it.
    this.preparing = this.ensure().then(over, over);
  }

  /** Ends when none is being made. */
  async idle(): Promise<void> {
    if (this.preparing !== null) await this.preparing;
  }

  /**
   * Gives a spare, open, that begins with the header, on disk. Some file systems need new space to change what is there:
   * a file that has met that is removed, because its bytes are not known any more, and the next call takes another one.
   */
  async take(header: Buffer): Promise<{ readonly path: string; readonly file: LogFile }> {
    await this.idle();
    while (this.names.length === 0) await this.ensure();
    const name = this.names.pop();
    if (name === undefined) throw new Error('no log segment could be prepared');
    const path = join(this.directory, name);
    const file = await this.patience.outlast(path, () => this.files.open(path, false));
    try {
      failpoint('before-segment-header');
      await finished((done) => file.write(header, 0, done));
      await finished((done) => file.sync(done));
      return { path, file };
    } catch (error) {
      await file.close();
      await this.files.remove(path);
      throw error;
    }
  }

  /** There is a spare afterwards. */
  private ensure(): Promise<void> {
    const count = ++this.count;
    return this.patience.outlast(join(this.directory, `${NEW_PREFIX}${count}`), async () => {
      // An old segment may have come meanwhile.
      if (this.names.length === 0) await this.make(count);
    });
  }

  private async make(count: number): Promise<void> {
    const unfinished = join(this.directory, `${NEW_PREFIX}${count}`);
    failpoint('before-preallocation');
    const file = await this.files.open(unfinished, true);
    try {
      await fillWithZeroes(file, 0, this.size);
    } catch (error) {
      // A half-filled file would keep what is left of a full disk.
      await file.close();
      await this.files.remove(unfinished);
      throw error;
    }
    await file.close();
    const name = `${SPARE_PREFIX}${count}`;
    await this.files.rename(unfinished, join(this.directory, name));
    this.names.push(name);
  }
}
