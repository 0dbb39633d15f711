/**
 * A contiguous range of index entries, ordered by (key, row id): about 256 of them when loaded, any number when not.
 * `keys`/`rowIds` include zombies (entries that only older snapshots need). What the KvStore does not have yet, and the
 * zombies, are kept beside the entries, so that they outlive an eviction and are laid over what is loaded.
 */
import type { Lsn, RowId } from './api.js';
import type { StoreIndex } from './index.js';
import { PREFIX_BYTES, prefixesOf, prefixOf } from './key-prefix.js';
import type { Cacheable } from './page-cache.js';
import type { SharedLoad } from './shared-load.js';
import { Zombies } from './zombies.js';

export interface EntryChange {
  readonly key: string;
  readonly rowId: RowId;
  readonly put: boolean;
}

/** A leaf is split when it has more entries than this. */
export const LEAF_MAX = 384;
const LEAF_OVERHEAD = 400;
const ENTRY_OVERHEAD = 52;

export class IndexLeaf implements Cacheable {
  keys: string[] | null = null;
  rowIds: RowId[] | null = null;
  /** The entries packed, instead of in memory; nothing has changed since. */
  block: Buffer | null = null;
  /** `prefixOf` each key. */
  private prefixes: number[] = [];
  /** The length of all keys, if it is the same and their prefixes hold all of them; else -1. Then no key is looked at. */
  private exactLength = -1;
  pending: EntryChange[] | null = null;
  flushing: EntryChange[] | null = null;
  zombies: Zombies | null = null;
  loading: SharedLoad<EntryChange[]> | null = null;
  referenced = true;
  bytes = 0;
  cacheSlot = -1;

  constructor(
    private readonly index: StoreIndex,
    /** The first possible entry. The empty string with row id 0 is before everything. */
    readonly lowKey: string,
    readonly lowRow: RowId,
  ) {}

  /** Position of the first entry at or after (key, rowId). REQUIRES: loaded. */
  lowerBound(key: string, rowId: RowId): number {
    const keys = this.keys!;
    const { prefixes } = this;
    const prefix = prefixOf(key);
    if (key.length === this.exactLength) return this.lowerExact(prefix, rowId);
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const difference = prefixes[middle] - prefix;
      let isBefore = difference < 0;
      if (difference === 0) {
        const other = keys[middle];
        isBefore = other < key || (other === key && this.rowIds![middle] < rowId);
      }
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private lowerExact(prefix: number, rowId: RowId): number {
    const { prefixes } = this;
    let low = 0;
    let high = prefixes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const difference = prefixes[middle] - prefix;
      if (difference < 0 || (difference === 0 && this.rowIds![middle] < rowId)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether the entry at the position has the key. REQUIRES: loaded. */
  hasKey(at: number, key: string): boolean {
    if (key.length === this.exactLength) return at < this.prefixes.length && this.prefixes[at] === prefixOf(key);
    return this.keys![at] === key;
  }

  /** Makes these the entries that are in memory. Takes the arrays over. */
  fill(keys: string[], rowIds: RowId[]): void {
    this.block = null;
    this.keys = keys;
    this.rowIds = rowIds;
    this.prefixes = prefixesOf(keys);
    this.exactLength = commonLength(keys);
  }

  /** Makes this the leaf's entries. They are unpacked when somebody needs them. */
  pack(block: Buffer): void {
    this.keys = null;
    this.rowIds = null;
    this.prefixes = [];
    this.block = block;
  }

  /** Takes the entries from a position on out. REQUIRES: loaded. */
  cutOff(at: number): { keys: string[]; rowIds: RowId[] } {
    this.prefixes.length = at;
    return { keys: this.keys!.splice(at), rowIds: this.rowIds!.splice(at) };
  }

  /** Adds an entry; false when it was there. REQUIRES: loaded. */
  addEntry(key: string, rowId: RowId): boolean {
    const keys = this.keys!;
    const rowIds = this.rowIds!;
    const last = keys.length - 1;
    if (key.length !== this.exactLength) this.exactLength = last < 0 ? commonLength([key]) : -1;
    if (last < 0 || keys[last] < key) {
      keys.push(key);
      rowIds.push(rowId);
      this.prefixes.push(prefixOf(key));
      return true;
    }
    const at = this.lowerBound(key, rowId);
    if (keys[at] === key && rowIds[at] === rowId) return false;
    keys.splice(at, 0, key);
    rowIds.splice(at, 0, rowId);
    this.prefixes.splice(at, 0, prefixOf(key));
    return true;
  }

  /** Removes an entry. REQUIRES: loaded. */
  removeEntry(key: string, rowId: RowId): void {
    const at = this.lowerBound(key, rowId);
    if (this.keys![at] !== key || this.rowIds![at] !== rowId) return;
    this.keys!.splice(at, 1);
    this.rowIds!.splice(at, 1);
    this.prefixes.splice(at, 1);
  }

  /** Whether the leaf is in memory, and has no entry, and no change, from the key on. */
  endsBefore(key: string): boolean {
    const { keys, pending } = this;
    if (keys === null || (keys.length > 0 && keys[keys.length - 1] >= key)) return false;
    return pending === null || pending.every((change) => change.key < key);
  }

  /** Removes entries that are in the order of the leaf; returns how many of them, the first ones, it has found. REQUIRES: loaded. */
  removeInOrder(removedKeys: readonly string[], removedRows: readonly RowId[]): number {
    const keys = this.keys!;
    const rowIds = this.rowIds!;
    const { prefixes } = this;
    let found = 0;
    let kept = 0;
    for (let at = 0; at < keys.length; at++) {
      if (found < removedKeys.length && rowIds[at] === removedRows[found] && keys[at] === removedKeys[found]) {
        found++;
        continue;
      }
      if (found > 0) {
        keys[kept] = keys[at];
        rowIds[kept] = rowIds[at];
        prefixes[kept] = prefixes[at];
      }
      kept++;
    }
    keys.length = rowIds.length = prefixes.length = kept;
    return found;
  }

  /** Keeps entries for snapshots before the commit that has removed them. REQUIRES: the arrays do not change any more. */
  addZombies(keys: readonly string[], rowIds: readonly RowId[], lsn: Lsn): void {
    if (this.zombies === null) this.zombies = new Zombies({ lsn, keys, rowIds });
    else for (let i = 0; i < keys.length; i++) this.zombies.add(keys[i], rowIds[i], lsn);
  }

  addZombie(key: string, rowId: RowId, lsn: Lsn): void {
    this.zombies ??= new Zombies();
    this.zombies.add(key, rowId, lsn);
  }

  /** Returns the zombie's LSN after taking it out, 0 when there is none (or none as old as `upTo`). */
  takeZombie(key: string, rowId: RowId, upTo: Lsn): Lsn {
    const { zombies } = this;
    if (zombies === null) return 0;
    const lsn = zombies.take(key, rowId, upTo);
    if (zombies.empty) this.zombies = null;
    return lsn;
  }

  estimateBytes(): number {
    const { keys } = this;
    if (keys === null) return LEAF_OVERHEAD + (this.block?.length ?? 0);
    if (keys.length === 0) return LEAF_OVERHEAD;
    const sample = keys[0].length + keys[keys.length >> 1].length;
    return LEAF_OVERHEAD + keys.length * (ENTRY_OVERHEAD + sample / 2);
  }

  evict(): boolean {
    if (this.index.pinned || this.loading !== null || this.index.blocks.areUnwritten) return false;
    this.block = null;
    this.keys = null;
    this.rowIds = null;
    this.prefixes = [];
    return true;
  }
}

/** The length of all keys, -1 when there is none or it is too long for a prefix. */
function commonLength(keys: readonly string[]): number {
  if (keys.length === 0 || keys[0].length > PREFIX_BYTES) return -1;
  const { length } = keys[0];
  for (let i = 1; i < keys.length; i++) if (keys[i].length !== length) return -1;
  return length;
}

/** Whether entry (a, aRow) comes before (b, bRow). */
export function entryBefore(a: string, aRow: RowId, b: string, bRow: RowId): boolean {
  return a < b || (a === b && aRow < bRow);
}
