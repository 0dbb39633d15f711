/**
 * A disk for tests of the log. What was written but not synced may be lost, torn or kept in any order when the power fails;
 * names that were made, changed or removed without a sync of their directory survive up to some point only.
 */
import { dirname } from 'node:path';
import type { Done, FileLayer, LogFile } from '../../src/wal/file-layer.js';

const SECTOR = 512;

/** Numbers from 0 (inclusive) to 1. */
export type Random = () => number;

/** A small generator (mulberry32), so that a failing seed can be run again. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export type Operation = 'write' | 'sync' | 'read' | 'list' | 'open' | 'rename' | 'remove' | 'syncDirectory';

function withBytes(content: Buffer, bytes: Buffer, offset: number): Buffer {
  const needed = offset + bytes.length;
  const result = needed > content.length ? Buffer.concat([content, Buffer.alloc(needed - content.length)]) : content;
  bytes.copy(result, offset);
  return result;
}

class Inode {
  /** What a reader sees. */
  content: Buffer = Buffer.alloc(0);
  /** What survives for certain. */
  durable: Buffer = Buffer.alloc(0);
  /** Pieces of at most one sector, in the order written. */
  pending: { offset: number; bytes: Buffer }[] = [];

  write(bytes: Buffer, offset: number): void {
    this.content = withBytes(this.content, bytes, offset);
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, SECTOR - ((offset + at) % SECTOR));
      this.pending.push({ offset: offset + at, bytes: Buffer.from(bytes.subarray(at, at + length)) });
      at += length;
    }
  }

  sync(): void {
    this.durable = Buffer.from(this.content);
    this.pending = [];
  }

  lose(random: Random): void {
    const kept = random();
    for (const { offset, bytes } of this.pending) {
      if (random() >= kept) continue;
      const length = random() < 0.1 ? Math.floor(random() * bytes.length) : bytes.length;
      this.durable = withBytes(this.durable, bytes.subarray(0, length), offset);
    }
    this.content = Buffer.from(this.durable);
    this.pending = [];
  }
}

type Names = Map<string, Inode>;

export class SimulatedDisk implements FileLayer {
  private names: Names = new Map();
  private durableNames: Names = new Map();
  /** Changes of names since they were last synced, by directory. */
  private changes: { readonly directory: string; apply(names: Names): void }[] = [];
  life = 0;
  /** Files opened and not closed. */
  openFiles = 0;
  private remaining = Number.POSITIVE_INFINITY;
  private powerOff: (() => void) | null = null;
  /** Counts of what was asked for. */
  readonly counts: Record<Operation, number> = {
    write: 0,
    sync: 0,
    read: 0,
    list: 0,
    open: 0,
    rename: 0,
    remove: 0,
    syncDirectory: 0,
  };
  /** Gives the error that an operation fails with, or null. */
  fault: (operation: Operation, path: string) => Error | null = () => null;

  /** From the operation after the next `operations` on, the disk answers nothing any more. Resolves when that happens. */
  failAfter(operations: number): Promise<void> {
    this.remaining = operations;
    return new Promise((resolve) => {
      this.powerOff = resolve;
    });
  }

  /** The power fails and comes back. Files that were open can not be used any more. */
  powerFailure(random: Random): void {
    this.life++;
    this.remaining = Number.POSITIVE_INFINITY;
    this.powerOff = null;
    const survive = new Map<string, number>();
    for (const { directory } of this.changes) survive.set(directory, (survive.get(directory) ?? 0) + 1);
    for (const [directory, count] of survive) survive.set(directory, Math.floor(random() * (count + 1)));
    for (const change of this.changes) {
      const left = survive.get(change.directory) ?? 0;
      if (left > 0) change.apply(this.durableNames);
      survive.set(change.directory, left - 1);
    }
    this.changes = [];
    for (const inode of new Set([...this.names.values(), ...this.durableNames.values()])) inode.lose(random);
    this.names = new Map(this.durableNames);
  }

  /** The disk until the next power failure: to whoever asks later, as a process does that had died with it, nothing is answered. */
  mounted(): FileLayer {
    const { life } = this;
    const alive = <T>(work: () => Promise<T>): Promise<T> =>
      life === this.life ? work() : new Promise(() => undefined);
    return {
      list: (directory) => alive(() => this.list(directory)),
      open: (path, create) => alive(() => this.open(path, create)),
      openUnsynced: (path) => alive(() => this.openUnsynced(path)),
      rename: (from, to) => alive(() => this.rename(from, to)),
      remove: (path) => alive(() => this.remove(path)),
      syncDirectory: (directory) => alive(() => this.syncDirectory(directory)),
    };
  }

  /** Runs `work` as the disk would, later; never when the power has failed since the file was opened. */
  perform(
    operation: Operation,
    path: string,
    work: () => void,
    failed: (error: Error) => void,
    life = this.life,
  ): void {
    this.counts[operation]++;
    setImmediate(() => {
      if (life !== this.life) return;
      if (this.remaining-- <= 0) {
        this.powerOff?.();
        return;
      }
      const error = this.fault(operation, path);
      if (error === null) work();
      else failed(error);
    });
  }

  private async step<T>(operation: Operation, path: string, work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.perform(
        operation,
        path,
        () => {
          try {
            resolve(work());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
        reject,
      );
    });
  }

  private inode(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return inode;
  }

  private change(path: string, apply: (names: Names) => void): void {
    apply(this.names);
    this.changes.push({ directory: dirname(path), apply });
  }

  list(directory: string): Promise<string[]> {
    return this.step('list', directory, () => this.files(directory));
  }

  openUnsynced(path: string): Promise<LogFile> {
    return this.open(path, false);
  }

  open(path: string, create: boolean): Promise<LogFile> {
    return this.step('open', path, () => {
      if (create) {
        const made = new Inode();
        this.change(path, (names) => names.set(path, made));
      }
      const file = new SimulatedFile(this, path, this.inode(path));
      this.openFiles++;
      return file;
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.step('rename', from, () => {
      const inode = this.inode(from);
      this.change(from, (names) => {
        names.delete(from);
        names.set(to, inode);
      });
    });
  }

  remove(path: string): Promise<void> {
    return this.step('remove', path, () => {
      this.inode(path);
      this.change(path, (names) => names.delete(path));
    });
  }

  syncDirectory(directory: string): Promise<void> {
    return this.step('syncDirectory', directory, () => {
      for (const change of this.changes) if (change.directory === directory) change.apply(this.durableNames);
      this.changes = this.changes.filter((change) => change.directory !== directory);
    });
  }

  /** Names in a directory, sorted. */
  files(directory: string): string[] {
    const inside = [...this.names.keys()].filter((path) => dirname(path) === directory);
    return inside.map((path) => path.slice(directory.length + 1)).sort();
  }

  /** The bytes of a file as they are; changing them changes the disk. */
  bytes(path: string): Buffer {
    return this.inode(path).content;
  }

  /** Removes a file as if it had never been there. */
  lose(path: string): void {
    this.names.delete(path);
    this.durableNames.delete(path);
  }
}

class SimulatedFile implements LogFile {
  private readonly life: number;

  constructor(
    private readonly disk: SimulatedDisk,
    private readonly path: string,
    private readonly inode: Inode,
  ) {
    this.life = disk.life;
  }

  private perform(operation: Operation, work: () => void, failed: (error: Error) => void): void {
    this.disk.perform(operation, this.path, work, failed, this.life);
  }

  write(bytes: Buffer, offset: number, done: Done): void {
    const work = (): void => {
      this.inode.write(bytes, offset);
      done(null);
    };
    this.perform('write', work, done);
  }

  sync(done: Done): void {
    const work = (): void => {
      this.inode.sync();
      done(null);
    };
    this.perform('sync', work, done);
  }

  read(offset: number, length: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const work = () => resolve(Buffer.from(this.inode.content.subarray(offset, offset + length)));
      this.perform('read', work, reject);
    });
  }

  async size(): Promise<number> {
    return this.inode.content.length;
  }

  async close(): Promise<void> {
    this.disk.openFiles--;
  }
}
