/**
 * What the log asks of a file system. Tests put a simulated one in its place that loses, tears and reorders what was not
 * synced. Callbacks, not promises: a flush is on the way of every commit.
 */

export type Done = (error: Error | null) => void;

export interface LogFile {
  write(bytes: Buffer, offset: number, done: Done): void;
  /** Data, and the metadata needed to read it, is on disk afterwards. */
  sync(done: Done): void;
  /** Up to `length` bytes; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export interface FileLayer {
  /** Creates the directory if need be; entries' names. */
  list(directory: string): Promise<string[]>;
  /** `create` makes an empty file, also in place of an old one. */
  open(path: string, create: boolean): Promise<LogFile>;
  /** A file that is there, of which most writes are not synced. */
  openUnsynced(path: string): Promise<LogFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names created, renamed or removed in the directory are on disk afterwards. */
  syncDirectory(directory: string): Promise<void>;
}
