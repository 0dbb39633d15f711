/**
 * Verifies the table files that are there when a store is opened, before anything in them is served: those of a small store,
 * and some of a large one, before it is opened; the others while it is in use, in the background and whenever somebody
 * wants to read what they may hold.
 *
 * LevelDB may replace a table file before it was verified, and would give what is left of a damaged block a new checksum. So
 * the files have second names in a directory beside the store until they are verified. A damaged one keeps its second name
 * for good, and the store is not opened any more.
 */
import { renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { link, mkdir, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { shortageOf } from '../../util/shortage.js';
import { KvError } from '../kv-error.js';
import { liveTables, type TableFile } from './manifest.js';
import { tableFaults, tableFaultsNow } from './table-file.js';

export interface KeyRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

export interface VerificationOptions {
  /** Bytes: all of a store of this size is verified before it is opened. */
  readonly atOnce: number;
  /** What may hold keys of this range is verified before the store is opened. */
  readonly firstRange: KeyRange;
}

/** A table file and the keys that may be looked for in it: those between its neighbours of the same level. Null: no bound. */
interface Entry {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly low: Buffer | null;
  readonly high: Buffer | null;
}

const SUFFIX = '.unverified';
const DAMAGED = '.damaged';
const MESSAGES = 3;
const RETRY_MS = 1000;
/** What link(2) answers where it cannot. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV']);

export class UnverifiedTables {
  /** Under way or done, with an error for a damaged one. */
  private readonly verifications = new Map<Entry, Promise<void>>();
  /** What is wrong with those that are. */
  private readonly damaged = new Map<Entry, readonly string[]>();
  private stopped = false;

  private constructor(
    private readonly directory: string,
    private readonly entries: Set<Entry>,
  ) {}

  /**
   * Null: all are verified, and sound.
   * @throws KvError 'corrupt' naming the damaged files
   */
  static async open(store: string, options: VerificationOptions): Promise<UnverifiedTables | null> {
    const directory = `${store}${SUFFIX}`;
    const live = await liveTables(store);
    refuse(await wrongSizes(live));
    const left = await leftOver(directory, new Set(live.map(({ name }) => name)));
    const { atOnce, firstRange } = options;
    const isSmall = live.reduce((sum, { size }) => sum + size, 0) <= atOnce;
    const first: Pick<TableFile, 'path' | 'size'>[] = [...left];
    const later = new Set<Entry>();
    for (const entry of entriesOf(live)) {
      const isBounded = entry.low !== null || entry.high !== null;
      if (isSmall || !isBounded || mayTouch(entry, firstRange)) first.push(entry);
      else later.add(entry);
    }
    await verifyNow(first);
    if (later.size > 0) {
      if (await keep(directory, later)) return new UnverifiedTables(directory, later);
      await verifyNow(later);
    }
    await rm(directory, { recursive: true, force: true });
    return null;
  }

  /** Verifies the rest; `failed` is told about damage. */
  async run(failed: (error: Error) => void): Promise<void> {
    try {
      for (const entry of this.entries) await this.verifyPatiently(entry);
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Too few descriptors say nothing about the file. */
  private async verifyPatiently(entry: Entry): Promise<void> {
    while (!this.stopped) {
      try {
        await this.verify(entry);
        return;
      } catch (error) {
        if (shortageOf(error) !== 'descriptors') throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** @throws KvError 'corrupt' when there is damage where keys of this range may be looked for */
  async verifyRange(range: KeyRange): Promise<void> {
    for (const entry of this.entries) if (mayTouch(entry, range)) await this.verify(entry);
  }

  stop(): void {
    this.stopped = true;
  }

  /** The same in one go: some milliseconds for each file. */
  verifyRangeNow(range: KeyRange): void {
    for (const entry of [...this.entries])
      if (mayTouch(entry, range)) this.finish(entry, this.damaged.get(entry) ?? tableFaultsNow(this.secondName(entry)));
  }

  private verify(entry: Entry): Promise<void> {
    let verification = this.verifications.get(entry);
    if (verification === undefined) {
      verification = this.verifyOne(entry).catch((error: unknown) => {
        // Whoever asks next may find descriptors.
        if (shortageOf(error) !== null) this.verifications.delete(entry);
        throw error;
      });
      this.verifications.set(entry, verification);
    }
    return verification;
  }

  private async verifyOne(entry: Entry): Promise<void> {
    const faults = this.damaged.get(entry) ?? (await tableFaults(this.secondName(entry)));
    // It may have been verified in one go meanwhile.
    if (this.entries.has(entry)) this.finish(entry, faults);
  }

  private secondName({ name, size }: Entry): { readonly path: string; readonly size: number } {
    return { path: join(this.directory, name), size };
  }

  private finish(entry: Entry, faults: readonly string[]): void {
    const { path } = this.secondName(entry);
    if (faults.length > 0 && !this.damaged.has(entry)) {
      this.damaged.set(entry, faults);
      renameSync(path, `${path}${DAMAGED}`);
    }
    refuse(faults);
    unlinkSync(path);
    this.entries.delete(entry);
    this.verifications.delete(entry);
    if (this.entries.size === 0) rmdirSync(this.directory);
  }
}

async function verifyNow(tables: Iterable<Pick<TableFile, 'path' | 'size'>>): Promise<void> {
  const faults: string[] = [];
  for (const table of tables) faults.push(...(await tableFaults(table)));
  refuse(faults);
}

function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const more = faults.length > MESSAGES ? `, and ${faults.length - MESSAGES} more` : '';
  throw new KvError('corrupt', `the store is damaged: ${faults.slice(0, MESSAGES).join(', ')}${more}`);
}

/** LevelDB looks for its table files when it is opened, but tells badly about those that are not as they should be. */
async function wrongSizes(tables: readonly TableFile[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, size } of tables) {
    const found = await stat(path).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === null) faults.push(`table file ${path} is missing`);
    else if (found.size !== size) faults.push(`table file ${path} has ${found.size} bytes instead of ${size}`);
  }
  return faults;
}

/** Files that were damaged, or were not verified before the last end of the process and are no longer in use. */
async function leftOver(directory: string, live: ReadonlySet<string>): Promise<{ path: string; size: number }[]> {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const left: { path: string; size: number }[] = [];
  for (const name of names) {
    if (live.has(name)) continue;
    const path = join(directory, name);
    left.push({ path, size: (await stat(path)).size });
  }
  return left;
}

/** Gives the files, and no others, their second names. False where the file system does not know second names. */
async function keep(directory: string, entries: Iterable<Entry>): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  const others = new Set(await readdir(directory));
  try {
    for (const { name, path } of entries) if (!others.delete(name)) await link(path, join(directory, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && NO_LINKS.has(String(error.code))) return false;
    throw error;
  }
  for (const name of others) await unlink(join(directory, name));
  return true;
}

/** Those of level 0, which overlap, have no bounds at all. */
function entriesOf(tables: readonly TableFile[]): Entry[] {
  const entries: Entry[] = [];
  const levels = new Map<number, TableFile[]>();
  for (const table of tables) {
    const { name, path, size, level } = table;
    if (level === 0) entries.push({ name, path, size, low: null, high: null });
    else levels.set(level, [...(levels.get(level) ?? []), table]);
  }
  for (const level of levels.values()) {
    level.sort((a, b) => a.smallest.compare(b.smallest));
    for (const [i, { name, path, size }] of level.entries())
      entries.push({ name, path, size, low: level[i - 1]?.largest ?? null, high: level[i + 1]?.smallest ?? null });
  }
  return entries;
}

function mayTouch({ low, high }: Entry, { gte, lt }: KeyRange): boolean {
  return (low === null || lt.compare(low) >= 0) && (high === null || gte.compare(high) <= 0);
}
