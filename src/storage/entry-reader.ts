/**
 * Reads index entries from the KvStore: single ones, and those of blocks, which single records replace or take away.
 * Blocks and records are read one after the other while others write; whoever loads a leaf lays over it what was written
 * meanwhile.
 */
import { decodeEntries } from '../encoding/entry-codec.js';
import type { KvReads } from '../kv/kv-store.js';
import type { RowId, StorageId } from './api.js';
import { earlier } from './entry-position.js';
import type { IndexPosition, StoredEntries } from './storage-reader.js';
import type { StoredForm } from './stored-form.js';

/** Blocks read at a time. */
const BLOCKS = 2;

interface Entry {
  readonly key: string;
  readonly rowId: RowId;
  readonly removed: boolean;
}

export class EntrySet {
  private readonly rows = new Map<string, Set<RowId>>();

  add(key: string, rowId: RowId): void {
    const others = this.rows.get(key);
    if (others === undefined) this.rows.set(key, new Set([rowId]));
    else others.add(rowId);
  }

  has(key: string, rowId: RowId): boolean {
    return this.rows.get(key)?.has(rowId) ?? false;
  }
}

/** What was found from `low` to `high`. */
interface Piece {
  readonly entries: readonly Entry[];
  readonly low: IndexPosition;
  readonly high: IndexPosition;
}

export class EntryReader {
  constructor(
    private readonly kv: KvReads,
    private readonly form: StoredForm,
  ) {}

  /** At most `limit` single entries, in order. */
  async singles(id: StorageId, low: IndexPosition, high: IndexPosition, limit: number, reverse: boolean) {
    const range = this.form.entryRange(id);
    const gte = low.key === null || low.key === '' ? range.gte : this.form.entryKey(id, low.key, low.rowId);
    const lt = high.key === null ? range.lt : this.form.entryKey(id, high.key, high.rowId);
    const found = await this.kv.range({ gte, lt, limit, reverse });
    if (reverse) found.reverse();
    return found.map(([bytes, value]): Entry => this.form.entryOf(bytes, value));
  }

  /** As `StorageReader.readEntries`, of an index with blocks. */
  async read(
    id: StorageId,
    low: IndexPosition,
    high: IndexPosition,
    limit: number,
    reverse: boolean,
  ): Promise<StoredEntries> {
    const pieces: Entry[][] = [];
    let count = 0;
    let from = low;
    let to = high;
    while (count < limit && earlier(from, to)) {
      const singles = await this.singlePiece(id, from, to, limit, reverse);
      const blocks = await this.blockPiece(id, singles.low, singles.high, reverse);
      const merged = merge(blocks, singles);
      count += merged.length;
      pieces.push(merged);
      if (reverse) to = blocks.low;
      else from = blocks.high;
    }
    const all = (reverse ? pieces.reverse() : pieces).flat();
    const taken = reverse ? all.slice(Math.max(0, all.length - limit)) : all.slice(0, limit);
    return { keys: taken.map(({ key }) => key), rowIds: taken.map(({ rowId }) => rowId) };
  }

  private async singlePiece(
    id: StorageId,
    low: IndexPosition,
    high: IndexPosition,
    limit: number,
    reverse: boolean,
  ): Promise<Piece> {
    const entries = await this.singles(id, low, high, limit, reverse);
    if (entries.length < limit) return { entries, low, high };
    if (reverse) return { entries, low: entries[0], high };
    const { key, rowId } = entries[entries.length - 1];
    return { entries, low, high: { key, rowId: rowId + 1 } };
  }

  /** The first or last blocks with entries from `low` to `high`. */
  private async blockPiece(id: StorageId, low: IndexPosition, high: IndexPosition, reverse: boolean): Promise<Piece> {
    const { kv, form } = this;
    const all = form.entryBlockRange(id);
    const gte = low.key === null || low.key === '' ? all.gte : form.entryBlockKey(id, low.key, low.rowId);
    const lt = high.key === null ? all.lt : form.entryBlockKey(id, high.key, high.rowId);
    const found = await kv.range({ gte, lt, limit: BLOCKS, reverse });
    if (reverse) found.reverse();
    const isCut = found.length === BLOCKS;
    // The block that begins before `low` may reach into the range.
    const before = reverse && isCut ? [] : await kv.range({ gte: all.gte, lt: gte, limit: 1, reverse: true });
    const entries: Entry[] = [];
    for (const [, block] of [...before, ...found]) {
      const { keys, rowIds } = decodeEntries(block);
      for (let i = 0; i < keys.length; i++) entries.push({ key: keys[i], rowId: rowIds[i], removed: false });
    }
    const inside = entries.filter((entry) => !earlier(entry, low) && earlier(entry, high));
    if (!isCut) return { entries: inside, low, high };
    if (reverse) return { entries: inside, low: form.entryBlockStart(found[0][0]), high };
    const { key, rowId } = entries[entries.length - 1];
    const end: IndexPosition = { key, rowId: rowId + 1 };
    return { entries: inside, low, high: earlier(end, high) ? end : high };
  }
}

/** The entries of the blocks' range, with what single records say of them. */
function merge(blocks: Piece, singles: Piece): Entry[] {
  const merged: Entry[] = [];
  const put = (entry: Entry): void => {
    if (!entry.removed) merged.push(entry);
  };
  let i = 0;
  for (const single of singles.entries) {
    if (earlier(single, blocks.low)) continue;
    if (!earlier(single, blocks.high)) break;
    while (i < blocks.entries.length && earlier(blocks.entries[i], single)) put(blocks.entries[i++]);
    const next = blocks.entries[i];
    if (next !== undefined && next.key === single.key && next.rowId === single.rowId) i++;
    put(single);
  }
  while (i < blocks.entries.length) put(blocks.entries[i++]);
  return merged;
}
