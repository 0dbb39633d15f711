/**
 * The uncommitted changes of one transaction. Per heap: entries by page and slot, in order, so that scans can merge
 * them. Per index: entries by key, and an ordered list of keys that is built when a scan first needs it.
 *
 * A write is undone through the `Revert` objects that are logged while a savepoint is open (never otherwise, so a
 * bulk load keeps no log).
 */
import type { Row } from '../types/datum.js';
import type { RowId } from './api.js';
import { type AsidePage, AsidePages } from './aside-pages.js';
import { type EntryRuns, HAD, HAS } from './entry-runs.js';
import type { StoreHeap } from './heap.js';
import { PAGE_ROWS, pageOf, slotOf } from './heap-page.js';
import type { StoreIndex } from './index.js';
import { PageWrites, WriteEntry } from './page-writes.js';
import { SortedKeys } from './sorted-keys.js';

/** A transaction with fewer inserts into a heap than this keeps them in memory, among other transactions' rows. */
export const SPILL_FROM = 256;
/** Memory that a row or an index entry of a write set takes beside its values. */
export const ENTRY_BYTES = 120;
/** What a changed index entry takes beside its key, its reservation included, until its transaction ends. */
const KEPT_ENTRY_BYTES = 220;

export interface Revert {
  revert(): void;
  /** What it would undo has left the write set. */
  readonly spilled: boolean;
}

/** Undone between two looks at the clock. */
const REVERTED_AT_ONCE = 256;

/** Undoes some of the last writes, down to the first `mark` of the log. Returns whether those were all. */
export function revertSome(log: Revert[], mark: number): boolean {
  for (let i = 0; i < REVERTED_AT_ONCE && log.length > mark; i++) log.pop()!.revert();
  return log.length <= mark;
}

/** Forgets, from the position on, how to undo what is in the store now. */
export function dropSpilled(log: Revert[], from: number): void {
  let kept = from;
  for (let i = from; i < log.length; i++) if (!log[i].spilled) log[kept++] = log[i];
  log.length = kept;
}

class HeapRevert implements Revert {
  constructor(
    private readonly writes: HeapWrites,
    private readonly page: PageWrites,
    private readonly slot: number,
    private readonly entry: WriteEntry | null,
  ) {}

  get spilled(): boolean {
    return this.page.spilled;
  }

  revert(): void {
    const at = this.page.position(this.slot);
    if (this.entry === null && this.page.entries[at] !== null) this.writes.changed--;
    this.page.entries[at] = this.entry;
  }
}

export class HeapWrites {
  readonly pages = new Map<number, PageWrites>();
  /** Slots with an entry. */
  changed = 0;
  private last: PageWrites | null = null;
  /** Pages that are in a temporary file; null: there are none. */
  aside: AsidePages | null = null;
  private nextPrivate: RowId = 0;
  private endPrivate: RowId = 0;

  constructor(readonly heap: StoreHeap) {}

  /** A row id in a page that holds nobody else's rows. */
  privateRowId(): RowId {
    if (this.nextPrivate === this.endPrivate) {
      this.nextPrivate = this.heap.takePage();
      this.endPrivate = this.nextPrivate + PAGE_ROWS;
      this.ensurePage(pageOf(this.nextPrivate)).isPrivate = true;
    }
    return this.nextPrivate++;
  }

  /** Inserts go on in a new page. */
  closePrivatePage(): void {
    this.nextPrivate = this.endPrivate;
  }

  /** Takes out a page whose rows are in the store now. `changed` still counts them. */
  take(page: PageWrites): void {
    page.spilled = true;
    page.clear();
    this.pages.delete(page.pageNo);
    if (this.last === page) this.last = null;
  }

  /** Takes out a page that is in the temporary file now. */
  setAside(page: PageWrites, place: AsidePage): void {
    this.take(page);
    this.aside ??= new AsidePages();
    this.aside.put(page.pageNo, place);
  }

  /** Undoes all changes of a page, wherever it is. */
  drop(pageNo: number): void {
    const page = this.pages.get(pageNo);
    if (page !== undefined) {
      for (const entry of page.entries) if (entry !== null) this.changed--;
      this.take(page);
    }
    if (this.aside !== null) this.changed -= this.aside.drop(pageNo);
  }

  /** For reading. */
  page(pageNo: number): PageWrites | undefined {
    const last = this.last;
    if (last !== null && last.pageNo === pageNo) return last;
    const page = this.pages.get(pageNo);
    return page === undefined && this.aside !== null ? this.aside.get(pageNo) : page;
  }

  entry(rowId: RowId): WriteEntry | null {
    const page = this.page(pageOf(rowId));
    return page === undefined ? null : page.entry(slotOf(rowId));
  }

  /** Whether the row is changed. Reads nothing. */
  changes(rowId: RowId): boolean {
    const page = this.pages.get(pageOf(rowId));
    if (page !== undefined) return page.entry(slotOf(rowId)) !== null;
    return this.aside?.places.get(pageOf(rowId))?.changes(slotOf(rowId)) ?? false;
  }

  /** Remembers the committed version of a row that has just been locked for a change. */
  setBase(rowId: RowId, base: Row): void {
    const page = this.ensurePage(pageOf(rowId));
    const slot = slotOf(rowId);
    const at = page.position(slot);
    if (at < 0) page.add(~at, slot, null, base);
    else if (page.entries[at] === null) page.bases[at] = base;
  }

  /** Adds an inserted row. */
  insert(rowId: RowId, row: Row, commandId: number, log: Revert[] | null, bytes: number): void {
    const page = this.ensurePage(pageOf(rowId));
    const slot = slotOf(rowId);
    page.add(~page.position(slot), slot, new WriteEntry(row, commandId, null), null);
    page.bytes += bytes;
    this.changed++;
    if (log !== null) log.push(new HeapRevert(this, page, slot, null));
  }

  /** Replaces (or deletes, with null) a row whose base is known. Returns false when it is not. */
  change(rowId: RowId, row: Row | null, commandId: number, log: Revert[] | null): boolean {
    const page = this.ensurePage(pageOf(rowId));
    const at = page.position(slotOf(rowId));
    if (at < 0) return false;
    const entry = page.entries[at];
    if (log !== null) log.push(new HeapRevert(this, page, slotOf(rowId), entry));
    else if (entry !== null && entry.commandId === commandId) {
      entry.row = row;
      return true;
    }
    if (entry === null) this.changed++;
    page.entries[at] = new WriteEntry(row, commandId, entry);
    return true;
  }

  private ensurePage(pageNo: number): PageWrites {
    const last = this.last;
    if (last !== null && last.pageNo === pageNo) return last;
    let page = this.pages.get(pageNo);
    if (page === undefined) {
      page = this.aside?.take(pageNo) ?? new PageWrites(pageNo);
      this.pages.set(pageNo, page);
    }
    this.last = page;
    return page;
  }
}

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

/** Chains that are longer are looked up through a map: many rows may share a key. */
const LONG_CHAIN = 16;

export class IndexWrites {
  readonly byKey = new Map<string, IndexWrite>();
  /** The entries of keys with long chains, by row id. */
  private readonly long = new Map<string, Map<RowId, IndexWrite>>();
  private sorted: SortedKeys | null = null;
  private packs = 0;
  /** Entries have been taken out. */
  spilled = false;
  /** Those that are in the temporary file; null: there are none. */
  runs: EntryRuns | null = null;
  /** Estimated memory of the entries. */
  bytes = 0;

  constructor(readonly index: StoreIndex) {}

  record(
    key: string,
    rowId: RowId,
    op: 'put' | 'delete',
    commandId: number,
    log: Revert[] | null,
    isNew = false,
  ): void {
    const first = this.byKey.get(key);
    let write = first === undefined ? undefined : this.find(key, first, rowId);
    if (write === undefined) {
      write = new IndexWrite(rowId, first ?? null);
      write.isNew = isNew;
      write.commandId = commandId;
      this.byKey.set(key, write);
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

  /** Takes out the entries of keys, which are in the store now. */
  take(keys: readonly string[]): void {
    for (const key of keys) this.remove(key);
    if (keys.length === 0) return;
    this.sorted = null;
    this.spilled = true;
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
    this.byKey.clear();
    this.long.clear();
    this.sorted = null;
    this.bytes = 0;
  }

  /** Takes out what a pack has of the key. */
  takePacked(key: string, pack: number): void {
    const first = this.byKey.get(key) ?? null;
    let kept: IndexWrite | null = null;
    for (let write = first, next: IndexWrite | null = null; write !== null; write = next) {
      next = write.next;
      if (write.pack === pack) this.taken(key, write);
      else {
        write.next = kept;
        kept = write;
      }
    }
    if (kept === null) this.byKey.delete(key);
    else this.byKey.set(key, kept);
    this.long.delete(key);
    this.sorted = null;
  }

  private remove(key: string): void {
    for (let write = this.byKey.get(key) ?? null; write !== null; write = write.next) this.taken(key, write);
    this.byKey.delete(key);
    this.long.delete(key);
  }

  private taken(key: string, write: IndexWrite): void {
    write.spilled = true;
    this.bytes -= key.length + KEPT_ENTRY_BYTES;
  }

  /** The keys in order, for scans. Kept up to date from the first call on. */
  keys(): SortedKeys {
    if (this.sorted === null) this.sorted = SortedKeys.from(this.byKey.keys());
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
