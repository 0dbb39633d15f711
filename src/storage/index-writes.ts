/**
 * The uncommitted changes of one transaction in one index: entries by key, and an ordered list of keys that is built when a scan
 * first needs it.
 */
import type { EntryBlock } from '../encoding/entry-codec.js';
import type { RowId } from './api.js';
import type { AppendedEntries } from './appended-entries.js';
import { type EntryRuns, HAD, HAS } from './entry-runs.js';
import type { StoreIndex } from './index.js';
import { RemovedEntries } from './removed-entries.js';
import { SortedKeys } from './sorted-keys.js';
import { SplitMap } from './split-map.js';
import { DELETED_BYTES, type Revert, SPILL_FROM } from './write-set.js';

/** What a changed index entry takes beside its key, its reservation included, until its transaction ends. */
const KEPT_ENTRY_BYTES = 220;

/** What the transaction has done with one (key, row id); entries of the same key are chained. */
export class IndexWrite {
  op: 'none' | 'put' | 'delete' = 'none';
  /** The last command that deleted it; -1 for none. Snapshots of that command and of earlier ones may need the entry. */
  deletedBy = -1;
  /** Of a row, or an index, that nobody else can see. */
  isNew = false;
  /** The command that made it. */
  commandId = 0;
  /** In the store, or in a run of the temporary file. */
  spilled = false;
  /** The entry was there before it was first written here. */
  had = false;
  /** The number of the pack that has it. */
  pack = 0;

  constructor(
    readonly rowId: RowId,
    public next: IndexWrite | null,
  ) {}

  /** What the commit does: an entry that was made and deleted again has never been there. */
  get effect(): 'none' | 'put' | 'delete' {
    return this.op === 'delete' && this.isNew ? 'none' : this.op;
  }

  /** Whether a snapshot that sees own commands below `commandId` may see a row under this entry. */
  isCandidate(commandId: number): boolean {
    return this.op === 'put' || (this.op === 'delete' && this.deletedBy >= commandId);
  }
}

class IndexRevert implements Revert {
  constructor(
    private readonly write: IndexWrite,
    private readonly op: IndexWrite['op'],
  ) {}

  get spilled(): boolean {
    return this.write.spilled;
  }

  revert(): void {
    this.write.op = this.op;
  }
}

/** Entries of fewer deleted rows are kept one by one. */
const PACKED_FROM = 32;
/** Chains that are longer are looked up through a map: many rows may share a key. */
const LONG_CHAIN = 16;

export type KeyedWrites = Omit<SplitMap<IndexWrite>, 'set' | 'delete' | 'clear'>;

/** New entries in blocks: those that are kept by key, and those that are appended, or only one of the two. */
export interface NewBlocks {
  readonly blocks: readonly EntryBlock[];
  readonly withKeyed: boolean;
  readonly withAppended: boolean;
}

const NONE: KeyedWrites = new SplitMap();

export class IndexWrites {
  /** Entries by key, but for `appended`. */
  readonly keyed = new SplitMap<IndexWrite>();
  /** New entries in their order; null: there are none. */
  appended: AppendedEntries | null = null;
  /** The command that has appended the last one. */
  private appendedBy = 0;
  private appendedBytes = 0;
  /** New entries as the commit stores them; null: one by one. */
  blocks: NewBlocks | null = null;
  /** Appended entries were asked for by key: more of them would be. */
  private isAskedFor = false;
  /** The entries of keys with long chains, by row id. */
  private readonly long = new Map<string, Map<RowId, IndexWrite>>();
  private sorted: SortedKeys | null = null;
  private packs = 0;
  /** Those that are in the temporary file; null: there are none. */
  runs: EntryRuns | null = null;
  /** Entries of deleted rows that nothing else is known of; null: there are none. */
  removed: RemovedEntries[] | null = null;
  /** Estimated memory of the entries. */
  bytes = 0;

  constructor(readonly index: StoreIndex) {}

  /** All entries by key. To be asked for where few are expected. */
  get byKey(): KeyedWrites {
    this.mapAppended();
    return this.keyed;
  }

  /** What the commit stores one by one. */
  get singles(): { readonly keyed: KeyedWrites; readonly appended: AppendedEntries | null } {
    const { keyed, appended, blocks } = this;
    return { keyed: blocks?.withKeyed ? NONE : keyed, appended: blocks?.withAppended ? null : appended };
  }

  /** Whether there is an entry of the key in memory. */
  has(key: string): boolean {
    return this.keyed.has(key) || this.appended?.has(key) === true;
  }

  /**
   * Where a new entry of the key can be appended; null: it has to be kept by its key. `begin` makes the place for the first one.
   * REQUIRES: nobody else has the key, it is behind all entries of the index, and there is no savepoint.
   */
  placeBehind(key: string, begin: () => AppendedEntries): AppendedEntries | null {
    if (this.appended === null) {
      if (this.keyed.size < SPILL_FROM || this.isAskedFor) return null;
      this.appended = begin();
    }
    const { appended } = this;
    if (appended.lastKey >= key || appended.isFull || this.sorted !== null || this.runs !== null) return null;
    return this.keyed.has(key) ? null : appended;
  }

  /** REQUIRES: `entries` is where the entry can be appended. */
  append(entries: AppendedEntries, key: string, rowId: RowId, commandId: number): void {
    entries.add(key, rowId);
    this.appendedBy = commandId;
    this.appendedBytes += key.length + DELETED_BYTES;
    this.bytes += key.length + DELETED_BYTES;
  }

  /** Appended entries are in the store now. */
  takeAppended(): void {
    this.appended?.clear();
    this.bytes -= this.appendedBytes;
    this.appendedBytes = 0;
  }

  /** Has all entries kept by key from now on. Keys of a unique index stay taken: it knows the appended entries as well. */
  mapAppended(): void {
    const { appended } = this;
    if (appended === null) return;
    this.appended = null;
    this.isAskedFor = true;
    this.bytes -= this.appendedBytes;
    this.appendedBytes = 0;
    appended.forEach((key, rowId) => this.record(key, rowId, 'put', this.appendedBy, null, true));
  }

  /** There are so many entries that those of deleted rows are to be packed. */
  get packsRemoved(): boolean {
    return this.removed !== null || this.keyed.size >= PACKED_FROM;
  }

  /** Removes the entry of a row that is deleted, and was not changed before. REQUIRES: there is no savepoint. */
  removeEntry(key: string, rowId: RowId): void {
    this.removed ??= [];
    let last = this.removed.at(-1);
    if (last === undefined || last.isFull) {
      last = new RemovedEntries();
      this.removed.push(last);
    }
    last.add(key, rowId);
    this.bytes += key.length + DELETED_BYTES;
  }

  record(
    key: string,
    rowId: RowId,
    op: 'put' | 'delete',
    commandId: number,
    log: Revert[] | null,
    isNew = false,
  ): void {
    if (this.appended !== null && this.appended.find(key) !== 0) this.mapAppended();
    const first = this.keyed.get(key);
    let write = first === undefined ? undefined : this.find(key, first, rowId);
    if (write === undefined) {
      write = new IndexWrite(rowId, first ?? null);
      write.isNew = isNew;
      write.commandId = commandId;
      this.keyed.set(key, write);
      this.bytes += key.length + KEPT_ENTRY_BYTES;
      if (first === undefined) this.sorted?.add(key);
      else if (this.long.size > 0) this.long.get(key)?.set(rowId, write);
    }
    if (log !== null) log.push(new IndexRevert(write, write.op));
    if (write.op === 'none') write.had = op === 'delete';
    write.op = op;
    if (op === 'delete') write.deletedBy = commandId;
  }

  private find(key: string, first: IndexWrite, rowId: RowId): IndexWrite | undefined {
    const known = this.long.size === 0 ? undefined : this.long.get(key);
    if (known !== undefined) return known.get(rowId);
    let length = 0;
    for (let write: IndexWrite | null = first; write !== null; write = write.next) {
      if (write.rowId === rowId) return write;
      length++;
    }
    if (length > LONG_CHAIN) this.long.set(key, byRowId(first));
    return undefined;
  }

  /** The rows that have entries of the key, ascending. */
  rowIdsOf(key: string): RowId[] {
    const rowIds: RowId[] = [];
    for (let write = this.keyed.get(key) ?? null; write !== null; write = write.next) rowIds.push(write.rowId);
    return rowIds.length < 2 ? rowIds : rowIds.sort((a, b) => a - b);
  }

  /** Takes out the entries of keys, which are in the store now. */
  take(keys: readonly string[]): void {
    for (const key of keys) this.remove(key);
    if (keys.length === 0) return;
    this.sorted = null;
  }

  /** The number of a new pack. */
  newPack(): number {
    return ++this.packs;
  }

  /** Gives `add` the key's writes of commands from `floor` on, until that takes no more. Returns whether there are any. */
  pack(
    key: string,
    first: IndexWrite,
    floor: number,
    pack: number,
    add: (key: string, rowId: RowId, mark: number) => boolean,
  ): boolean {
    let found = false;
    for (let write: IndexWrite | null = first; write !== null; write = write.next) {
      if (write.commandId < floor) continue;
      const mark = (write.had ? HAD : 0) | (write.op === 'put' ? HAS : 0);
      if (write.op !== 'none' && !add(key, write.rowId, mark)) return found;
      write.pack = pack;
      found = true;
    }
    return found;
  }

  /** Takes out everything. REQUIRES: there is no savepoint. */
  takeAll(): void {
    this.keyed.clear();
    this.long.clear();
    this.sorted = null;
    this.removed = null;
    this.bytes = 0;
  }

  /** Takes out what a pack has of the key. */
  takePacked(key: string, pack: number): void {
    const first = this.keyed.get(key) ?? null;
    let kept: IndexWrite | null = null;
    for (let write = first, next: IndexWrite | null = null; write !== null; write = next) {
      next = write.next;
      if (write.pack === pack) this.taken(key, write);
      else {
        write.next = kept;
        kept = write;
      }
    }
    if (kept === null) this.keyed.delete(key);
    else this.keyed.set(key, kept);
    this.long.delete(key);
    this.sorted = null;
  }

  private remove(key: string): void {
    for (let write = this.keyed.get(key) ?? null; write !== null; write = write.next) this.taken(key, write);
    this.keyed.delete(key);
    this.long.delete(key);
  }

  private taken(key: string, write: IndexWrite): void {
    write.spilled = true;
    this.bytes -= key.length + KEPT_ENTRY_BYTES;
  }

  /** The keys in order, for scans. Kept up to date from the first call on. */
  keys(): SortedKeys {
    const { byKey } = this;
    if (this.sorted === null) this.sorted = SortedKeys.from(byKey.keys());
    return this.sorted;
  }
}

function byRowId(first: IndexWrite): Map<RowId, IndexWrite> {
  const map = new Map<RowId, IndexWrite>();
  for (let write: IndexWrite | null = first; write !== null; write = write.next) map.set(write.rowId, write);
  return map;
}

/** The only candidate among `found` (0: none) and the transaction's own entries of the key, or -1 when there are several. */
export function withOwn(first: IndexWrite | null, found: RowId, commandId: number): RowId {
  let result = found;
  for (let write = first; write !== null; write = write.next) {
    if (write.rowId === result || !write.isCandidate(commandId)) continue;
    if (result !== 0) return -1;
    result = write.rowId;
  }
  return result;
}
