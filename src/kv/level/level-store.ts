/**
 * The KvStore over LevelDB. The only file that knows classic-level.
 *
 * Invariant: after a write with `sync`, that write and every one that had been answered before it survive power loss.
 * LevelDB alone does not promise the second part: it syncs its current log file only, and what went into an earlier log
 * file is safe no sooner than its table file is written.
 *
 * After a write that failed for want of space LevelDB's log may end with half a record, and what were appended behind it
 * would be lost at the next start. So nothing is, until LevelDB was closed and opened again, which cuts the half off.
 */
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel, type Iterator as LevelIterator } from 'classic-level';
import { failpoint } from '../../util/failpoint.js';
import { shortageOf } from '../../util/shortage.js';
import { KvError } from '../kv-error.js';
import type { KvOperation, KvRange, KvStore } from '../kv-store.js';
import { kvError } from './level-error.js';
import { checkLogFiles } from './log-file.js';
import { Turnstile } from './turnstile.js';
import { type KeyRange, UnverifiedTables, type VerificationOptions } from './unverified-tables.js';

export interface LevelOptions {
  /** Bytes that gather in memory (and in LevelDB's log) before a table file is written. */
  readonly writeBufferSize: number;
  /** LevelDB's own cache of blocks; small, because decoded leaves are cached above. */
  readonly blockCacheSize: number;
  readonly compression: boolean;
  /** Table files kept open, and some others. */
  readonly maxOpenFiles: number;
  /** A key that is written with `sync` only: what was written before it cannot be lost, unless by damage. */
  readonly syncedKey: Buffer;
  /** Bytes of a table file; LevelDB's default when absent. */
  readonly maxFileSize?: number;
  /** Null: damaged table files are served as far as LevelDB can read them. */
  readonly verification: VerificationOptions | null;
}

const HIGH_WATER_MARK = 1 << 20;
const DEFAULT_CHUNK = 1000;
/** Bytes that must be free, beyond what is known to be needed, for writes to be tried again after a full disk. */
const SPARE_ROOM = 4 << 20;
/** More than what LevelDB's memory table needs for an entry besides key and value. */
const ENTRY_OVERHEAD = 192;
/** Shared, so that none is made for each operation. */
const NO_OPTIONS = {};
/** A key range that holds no keys: storages never have this id. */
const NOWHERE = { from: Buffer.alloc(16, 0xff), to: Buffer.alloc(17, 0xff) };

export class LevelStore implements KvStore {
  /** At most this much is in LevelDB's current memory table; beyond half its size it may have begun another. */
  private gathered = 0;

  private readonly turnstile = new Turnstile();
  private verifying: Promise<void> | null = null;

  private constructor(
    private db: ClassicLevel<Buffer, Buffer>,
    private readonly options: LevelOptions,
    private unverified: UnverifiedTables | null,
  ) {}

  /**
   * Creates the store when the directory is missing or empty. `verifyTables` is to be called next.
   * @throws KvError that tells a locked, unwritable or damaged directory apart
   */
  static async open(directory: string, options: LevelOptions): Promise<LevelStore> {
    try {
      let unverified: UnverifiedTables | null = null;
      if (await checkComplete(directory)) {
        await checkLogFiles(directory, options.syncedKey);
        if (options.verification !== null) unverified = await UnverifiedTables.open(directory, options.verification);
      }
      return new LevelStore(await openLevel(directory, options), options, unverified);
    } catch (error) {
      throw kvError(error, directory);
    }
  }

  /** Verifies, in the background, what was not before the store was opened. `failed` is told about damage. */
  verifyTables(failed: (error: Error) => void): Promise<void> {
    this.verifying = this.unverified?.run(failed) ?? Promise.resolve();
    return this.verifying;
  }

  getSync(key: Buffer): Buffer | undefined {
    try {
      this.unverified?.verifyRangeNow({ gte: key, lt: key });
      return this.db.getSync(key);
    } catch (error) {
      throw kvError(error, this.db.location);
    }
  }

  async range(range: KvRange): Promise<[Buffer, Buffer][]> {
    let all: [Buffer, Buffer][] | undefined;
    for await (const chunk of this.scan(range)) {
      if (all === undefined) all = chunk;
      else for (const entry of chunk) all.push(entry);
    }
    all ??= [];
    if (this.unverified !== null) await this.verify(spanOf(all, range));
    return all;
  }

  async *scan(range: KvRange, chunk = DEFAULT_CHUNK): AsyncIterable<[Buffer, Buffer][]> {
    // What is behind a limit need not be verified, and may be much.
    if (this.unverified !== null) await this.verify(range.limit === undefined ? range : startOf(range));
    await this.turnstile.enter();
    let iterator: LevelIterator<ClassicLevel<Buffer, Buffer>, Buffer, Buffer> | null = null;
    try {
      iterator = this.iterate(range);
      // The end is known when all that was wanted is there: to ask for it takes a turn in the thread pool.
      for (let left = range.limit ?? Number.POSITIVE_INFINITY; left > 0; ) {
        const entries = await iterator.nextv(chunk).catch((error: unknown) => {
          throw kvError(error, this.db.location);
        });
        if (entries.length === 0) return;
        left -= entries.length;
        yield entries;
      }
    } finally {
      await iterator?.close();
      this.turnstile.leave();
    }
  }

  async write(operations: readonly KvOperation[], options?: { readonly sync?: boolean }): Promise<void> {
    await this.turnstile.enter();
    try {
      if (options?.sync === true) await this.writeSynced(operations);
      else await this.batch(operations);
    } catch (error) {
      throw kvError(error, this.db.location);
    } finally {
      this.turnstile.leave();
    }
  }

  /**
   * What is there is synced before the operations are written: they may say that it is. All is appended without a sync
   * first, so that a full disk is met there. A sync that fails may have lost data: its error is never 'full'.
   */
  private async writeSynced(operations: readonly KvOperation[]): Promise<void> {
    if (this.gathered > this.options.writeBufferSize / 2) await this.flushMemory();
    await this.db.del(NOWHERE.from);
    await this.sync();
    await this.batch(operations);
    await this.sync();
  }

  private async sync(): Promise<void> {
    try {
      await this.db.del(NOWHERE.from, { sync: true });
    } catch (error) {
      throw new KvError('io', kvError(error, this.db.location).message, { cause: error });
    }
  }

  private async batch(operations: readonly KvOperation[]): Promise<void> {
    failpoint('store-write');
    // One call into LevelDB's own batch for each operation costs 0.7 us; a list of operations is copied and checked
    // field by field, which costs 6.7 us each.
    const batch = this.db.batch();
    for (const operation of operations) {
      this.gathered += ENTRY_OVERHEAD + operation.key.length;
      if (operation.type === 'put') {
        this.gathered += operation.value.length;
        batch.put(operation.key, operation.value, NO_OPTIONS);
      } else batch.del(operation.key, NO_OPTIONS);
    }
    await batch.write(NO_OPTIONS);
  }

  async clear(range: { readonly gte: Buffer; readonly lt: Buffer }): Promise<void> {
    await this.turnstile.enter();
    try {
      await this.db.clear({ gte: range.gte, lt: range.lt });
      // Any number of deletions, in batches of LevelDB's own.
      this.gathered = Number.POSITIVE_INFINITY;
    } catch (error) {
      throw kvError(error, this.db.location);
    } finally {
      this.turnstile.leave();
    }
  }

  async approximateSize(gte: Buffer, lt: Buffer): Promise<number> {
    await this.turnstile.enter();
    try {
      return await this.db.approximateSize(gte, lt);
    } catch (error) {
      throw kvError(error, this.db.location);
    } finally {
      this.turnstile.leave();
    }
  }

  giveUp(): void {
    this.turnstile.reopen();
  }

  async resume(): Promise<boolean> {
    const { location } = this.db;
    if (this.turnstile.open && !(await hasRoom(location))) return false;
    await this.turnstile.shut();
    try {
      await this.db.close();
      failpoint('store-reopen');
      this.db = await openLevel(location, this.options);
    } catch (error) {
      const failure = kvError(error, location);
      // Whoever reads waits, for nothing can be read.
      if (failure.kind === 'full' || failure.kind === 'crowded') return false;
      throw failure;
    }
    this.gathered = Number.POSITIVE_INFINITY;
    this.turnstile.reopen();
    return true;
  }

  async close(): Promise<void> {
    this.unverified?.stop();
    await this.verifying;
    await this.db.close();
  }

  private async verify(range: KeyRange): Promise<void> {
    try {
      await this.unverified?.verifyRange(range);
    } catch (error) {
      throw kvError(error, this.db.location);
    }
    if (this.unverified?.isEmpty === true) this.unverified = null;
  }

  private iterate(range: KvRange): LevelIterator<ClassicLevel<Buffer, Buffer>, Buffer, Buffer> {
    try {
      return this.db.iterator({
        gte: range.gte,
        lt: range.lt,
        reverse: range.reverse === true,
        limit: range.limit ?? -1,
        fillCache: false,
        highWaterMarkBytes: HIGH_WATER_MARK,
      });
    } catch (error) {
      throw kvError(error, this.db.location);
    }
  }

  /**
   * Writes the memory table out as a synced table file. A compaction of any range begins with that, and one where there
   * are no keys does nothing else. A failure is remembered by LevelDB and comes back from the next write.
   */
  private async flushMemory(): Promise<void> {
    this.gathered = 0;
    await this.db.compactRange(NOWHERE.from, NOWHERE.to);
  }
}

/** Where reading begins. */
function startOf({ gte, lt, reverse }: KvRange): KeyRange {
  return reverse === true ? { gte: lt, lt } : { gte, lt: gte };
}

/** Where keys were looked for to find these. */
function spanOf(found: readonly [Buffer, Buffer][], range: KvRange): KeyRange {
  if (range.limit === undefined || found.length < range.limit) return range;
  const [last] = found[found.length - 1];
  return range.reverse === true ? { gte: last, lt: range.lt } : { gte: range.gte, lt: last };
}

async function openLevel(directory: string, options: LevelOptions): Promise<ClassicLevel<Buffer, Buffer>> {
  const db = new ClassicLevel<Buffer, Buffer>(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    writeBufferSize: options.writeBufferSize,
    cacheSize: options.blockCacheSize,
    compression: options.compression,
    maxOpenFiles: options.maxOpenFiles,
    ...(options.maxFileSize === undefined ? {} : { maxFileSize: options.maxFileSize }),
  });
  await db.open();
  return db;
}

/** Whether LevelDB can be opened: that writes what is in its logs to table files. */
async function hasRoom(directory: string): Promise<boolean> {
  let needed = SPARE_ROOM;
  try {
    for (const name of await readdir(directory))
      if (name.endsWith('.log')) needed += (await stat(join(directory, name))).size;
  } catch (error) {
    // No descriptor for the directory: there will be none for LevelDB either.
    if (shortageOf(error) !== null) return false;
    throw error;
  }
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= needed;
}

/** Whether there is a store. LevelDB would begin an empty one beside the table files of one that has lost its CURRENT file. */
async function checkComplete(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.includes('CURRENT')) return true;
  if (names.some((name) => /\.(ldb|sst)$|^MANIFEST-/.test(name)))
    throw new KvError('corrupt', `the store is damaged: the file ${join(directory, 'CURRENT')} is missing`);
  return false;
}
