/** The KvStore over LevelDB. The only file that knows classic-level. */
import { ClassicLevel } from 'classic-level';
import { KvError, type KvErrorKind } from '../kv-error.js';
import type { KvOperation, KvRange, KvStore } from '../kv-store.js';

export interface LevelOptions {
  readonly writeBufferSize: number;
  /** LevelDB's own cache of blocks; small, because decoded leaves are cached above. */
  readonly blockCacheSize: number;
  readonly compression: boolean;
}

const HIGH_WATER_MARK = 1 << 20;
const DEFAULT_CHUNK = 1000;
const MAX_OPEN_FILES = 1000;

export class LevelStore implements KvStore {
  private constructor(private readonly db: ClassicLevel<Buffer, Buffer>) {}

  /** @throws KvError that tells a locked, unwritable or damaged directory apart */
  static async open(directory: string, options: LevelOptions): Promise<LevelStore> {
    const db = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      writeBufferSize: options.writeBufferSize,
      cacheSize: options.blockCacheSize,
      compression: options.compression,
      maxOpenFiles: MAX_OPEN_FILES,
    });
    try {
      await db.open();
    } catch (error) {
      throw kvError(error, directory);
    }
    return new LevelStore(db);
  }

  getSync(key: Buffer): Buffer | undefined {
    return this.db.getSync(key);
  }

  async range(range: KvRange): Promise<[Buffer, Buffer][]> {
    const iterator = this.db.iterator({
      gte: range.gte,
      lt: range.lt,
      reverse: range.reverse === true,
      limit: range.limit ?? -1,
      fillCache: false,
      highWaterMarkBytes: HIGH_WATER_MARK,
    });
    try {
      const all: [Buffer, Buffer][] = [];
      for (;;) {
        const chunk = await iterator.nextv(DEFAULT_CHUNK);
        if (chunk.length === 0) return all;
        all.push(...chunk);
      }
    } catch (error) {
      throw kvError(error, this.db.location);
    } finally {
      await iterator.close();
    }
  }

  async *scan(range: KvRange, chunk = DEFAULT_CHUNK): AsyncIterable<[Buffer, Buffer][]> {
    const iterator = this.db.iterator({ gte: range.gte, lt: range.lt, reverse: range.reverse === true, limit: range.limit ?? -1, fillCache: false, highWaterMarkBytes: HIGH_WATER_MARK });
    try {
      for (;;) {
        const entries = await iterator.nextv(chunk);
        if (entries.length === 0) return;
        yield entries;
      }
    } catch (error) {
      throw kvError(error, this.db.location);
    } finally {
      await iterator.close();
    }
  }

  async write(operations: readonly KvOperation[], options?: { readonly sync?: boolean }): Promise<void> {
    try {
      await this.db.batch([...operations], { sync: options?.sync === true });
    } catch (error) {
      throw kvError(error, this.db.location);
    }
  }

  async clear(range: { readonly gte: Buffer; readonly lt: Buffer }): Promise<void> {
    await this.db.clear({ gte: range.gte, lt: range.lt });
  }

  approximateSize(gte: Buffer, lt: Buffer): Promise<number> {
    return this.db.approximateSize(gte, lt);
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

const KINDS: Record<string, KvErrorKind> = {
  LEVEL_LOCKED: 'locked',
  LEVEL_CORRUPTION: 'corrupt',
  LEVEL_IO_ERROR: 'io',
  LEVEL_DATABASE_NOT_OPEN: 'closed',
};

/** LevelDB tells its faults by code; a failed open has the reason as its cause. */
function kvError(error: unknown, directory: string): KvError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(cause);
  const denied = /permission denied|read-only/i.test(text);
  const damaged = /corruption|does not exist \(create_if_missing|missing files|checksum|CURRENT/i.test(text);
  const kind = denied ? 'unwritable' : damaged ? 'corrupt' : (KINDS[code] ?? 'io');
  return new KvError(kind, `${text} (in ${directory})`, { cause });
}
