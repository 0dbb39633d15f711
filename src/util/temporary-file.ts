/**
 * A file for what does not fit into memory. It has no name any more once it is open, so nothing is left of it when the
 * process ends, however that happens. Written at its end only; what has been written can be read at any time.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, unlinkSync, write } from 'node:fs';
import { join } from 'node:path';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { awaitPromise, type Task } from './task.js';

let counter = 0;

export class TemporaryFile {
  private end = 0;
  private writing = false;
  private closed = false;

  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** @throws SqlError 53100 or 58030 when the file cannot be made */
  static open(directory: string): TemporaryFile {
    const path = join(directory, `tmp-${process.pid}-${++counter}`);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const descriptor = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      return new TemporaryFile(path, descriptor);
    } catch (error) {
      throw fileError('create', path, error);
    }
  }

  /** Removes what a process that was killed between two calls may have left. */
  static clear(directory: string): void {
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch {
      // There is none yet.
      return;
    }
    for (const name of names) if (name.startsWith('tmp-')) rmSync(join(directory, name), { force: true });
  }

  /** Returns where the bytes begin. They must not be changed before this has ended. One call at a time. */
  *append(bytes: Buffer): Task<number> {
    const position = this.end;
    this.end += bytes.length;
    this.writing = true;
    yield* awaitPromise(this.write(bytes, position));
    return position;
  }

  private async write(bytes: Buffer, position: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) done += await writeSome(this.descriptor, bytes, done, position + done);
    } catch (error) {
      throw fileError('write to', this.path, error);
    } finally {
      this.writing = false;
      if (this.closed) closeSync(this.descriptor);
    }
  }

  /** @throws SqlError 58030 when they cannot be read */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    try {
      for (let done = 0; done < length; ) {
        const count = readSync(this.descriptor, bytes, done, length - done, position + done);
        if (count === 0) throw new Error('unexpected end of file');
        done += count;
      }
    } catch (error) {
      throw fileError('read from', this.path, error);
    }
    return bytes;
  }

  /** Gives the space back, once a write that is under way has ended. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (!this.writing) closeSync(this.descriptor);
  }
}

function writeSome(descriptor: number, bytes: Buffer, from: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, from, bytes.length - from, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function fileError(action: string, path: string, error: unknown): SqlError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const condition = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'io_error';
  const reason =
    condition === 'disk_full' ? 'No space left on device' : String(error instanceof Error ? error.message : error);
  return sqlError(condition, `could not ${action} temporary file "${path}": ${reason}`);
}
