/** The file layer of the real file system. */
import { close, fdatasync, fstat, fsync, open, read, write } from 'node:fs';
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Done, FileLayer, LogFile } from './file-layer.js';

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const syncFile = promisify(fsync);

class NodeFile implements LogFile {
  constructor(private readonly fd: number) {}

  write(bytes: Buffer, offset: number, done: Done): void {
    write(this.fd, bytes, 0, bytes.length, offset, (error, written) => {
      if (error !== null) done(error);
      else if (written < bytes.length) this.write(bytes.subarray(written), offset + written, done);
      else done(null);
    });
  }

  sync(done: Done): void {
    fdatasync(this.fd, done);
  }

  read(offset: number, length: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const buffer = Buffer.allocUnsafe(length);
      const step = (filled: number): void => {
        read(this.fd, buffer, filled, length - filled, offset + filled, (error, count) => {
          if (error !== null) reject(error);
          else if (count === 0 || filled + count === length) resolve(buffer.subarray(0, filled + count));
          else step(filled + count);
        });
      };
      step(0);
    });
  }

  async size(): Promise<number> {
    return (await statFile(this.fd)).size;
  }

  close(): Promise<void> {
    return closeFile(this.fd);
  }
}

export const nodeFiles: FileLayer = {
  async list(directory) {
    await mkdir(directory, { recursive: true });
    return readdir(directory);
  },

  async open(path, create) {
    return new NodeFile(await openFile(path, create ? 'w+' : 'r+'));
  },

  rename,

  remove: unlink,

  async syncDirectory(directory) {
    const fd = await openFile(directory, 'r');
    try {
      await syncFile(fd);
    } finally {
      await closeFile(fd);
    }
  },
};
