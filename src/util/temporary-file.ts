/**
 * Files for what does not fit into memory. They have no name any more once they are open, so nothing is left of them when
 * the process ends, however that happens. Made by TemporaryFiles, which decides how many share one of the system's files.
 */
import { closeSync, openSync, readSync, unlinkSync, write } from 'node:fs';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { shortageOf } from './shortage.js';
import { awaitPromise, type Task } from './task.js';

/** A file of the system. Written at its end only. It goes, and its space with it, when its last user has gone. */
export class UnnamedFile {
  end = 0;
  private users = 0;
  private writing = 0;

  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
    private readonly onClose: (file: UnnamedFile) => void,
  ) {}

  /** @throws errors of the system */
  static open(path: string, onClose: (file: UnnamedFile) => void): UnnamedFile {
    const descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return new UnnamedFile(path, descriptor, onClose);
  }

  enter(): void {
    this.users++;
  }

  leave(): void {
    this.users--;
    this.closeUnused();
  }

  private closeUnused(): void {
    if (this.users > 0 || this.writing > 0) return;
    closeSync(this.descriptor);
    this.onClose(this);
  }

  /** REQUIRES: nobody else writes to this place. */
  async write(bytes: Buffer, position: number): Promise<void> {
    this.writing++;
    try {
      for (let done = 0; done < bytes.length; ) done += await writeSome(this.descriptor, bytes, done, position + done);
    } catch (error) {
      throw fileError('write to', this.path, error);
    } finally {
      this.writing--;
      this.closeUnused();
    }
  }

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
}

/** What one user has written. It can be read at any time. */
export class TemporaryFile {
  private closed = false;

  constructor(private readonly file: UnnamedFile) {
    file.enter();
  }

  /** Returns where the bytes begin. They must not be changed before this has ended. @throws SqlError 53100 or 58030 */
  *append(bytes: Buffer): Task<number> {
    const position = this.file.end;
    this.file.end += bytes.length;
    yield* awaitPromise(this.file.write(bytes, position));
    return position;
  }

  /** @throws SqlError 58030 when they cannot be read */
  read(position: number, length: number): Buffer {
    return this.file.read(position, length);
  }

  /** Gives the space back, once a write that is under way has ended. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.file.leave();
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

/** What a statement is told of a fault: 53100, 53000 or 58030. */
export function fileError(action: string, path: string, error: unknown): SqlError {
  const what = `could not ${action} temporary file "${path}"`;
  switch (shortageOf(error)) {
    case 'space':
      return sqlError('disk_full', `${what}: No space left on device`);
    case 'descriptors':
      return sqlError('insufficient_resources', `${what}: Too many open files`);
    case null:
      return sqlError('io_error', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
