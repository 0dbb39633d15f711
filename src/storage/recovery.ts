/**
 * Start-up: reads the checkpoint, replays the log behind it into the KvStore, and gives the state to go on with.
 * Replay is idempotent: it may be cut off anywhere and begins again at the same checkpoint. Memory stays bounded: changes
 * go to the KvStore in batches, and the parts of large transactions are read again once their commit is seen.
 */
import { decodeEntries, firstEntry } from '../encoding/entry-codec.js';
import type { KvOperation, KvStore } from '../kv/kv-store.js';
import { failpoint } from '../util/failpoint.js';
import type { Lsn, RowId, SequenceState, StorageId } from './api.js';
import { decodeCheckpoint, encodeCheckpoint, FORMAT_VERSION } from './checkpoint-record.js';
import { PAGE_ROWS } from './heap-page.js';
import { PreparedCopies, type PreparedCopy } from './prepared/prepared-copies.js';
import { PreparedReplay, type StoredReplay } from './prepared/prepared-replay.js';
import { recordsAt } from './records-at.js';
import { NO_VISITOR } from './spill-cleaner.js';
import type { HeapState, StoreState } from './store-state.js';
import {
  COMMIT_PART_RECORD,
  COMMIT_RECORD,
  type CommitVisitor,
  STORED_PART_RECORD,
  type StoredForm,
  type WriteAheadLog,
} from './stored-form.js';

/** The store was written by a newer server. */
export class NewerFormatError extends Error {
  override readonly name = 'NewerFormatError';

  constructor(readonly found: number) {
    super(`the data directory has format version ${found}, this server knows versions up to ${FORMAT_VERSION}`);
  }
}

export interface Recovered {
  readonly state: StoreState;
  /** Log records replayed. */
  readonly records: number;
  readonly checkpointLsn: Lsn;
  /** Prepared transactions, which are in the KvStore. */
  readonly prepared: readonly PreparedCopy[];
}

const BATCH_BYTES = 1 << 20;
const EMPTY = Buffer.alloc(0);

export async function recover(kv: KvStore, wal: WriteAheadLog, form: StoredForm): Promise<Recovered> {
  await checkFormat(kv, form);
  const checkpoint = decodeCheckpoint(kv.getSync(form.systemKey('checkpoint')));
  const replay = new Replay(kv, form, checkpoint.state);
  const prepared = new PreparedReplay(kv, wal, form, new PreparedCopies(kv, form), checkpoint);
  const parts = new PartList();
  let records = 0;
  let end = checkpoint.lsn;
  for await (const record of wal.readFrom(checkpoint.redoLsn, checkpoint.lsn)) {
    records++;
    end = record.endLsn;
    if (prepared.see(record)) continue;
    if (record.type === COMMIT_PART_RECORD || record.type === STORED_PART_RECORD) {
      const xid = form.readCommit(record.payload, NO_VISITOR);
      parts.add(xid, { lsn: record.lsn, stored: record.type === STORED_PART_RECORD });
    } else if (record.type === COMMIT_RECORD) {
      const cancelled = new Set<Lsn>();
      const xid = form.readCommit(record.payload, { ...NO_VISITOR, cancelled: (lsn) => cancelled.add(lsn) });
      // What was committed before the checkpoint is in the KvStore.
      if (record.endLsn > checkpoint.lsn) {
        // Stored parts that count are read from a copy if there is one.
        const isCopied = prepared.has(xid);
        const lsns = parts.lsns(xid, (part) => !(isCopied && part.stored && !cancelled.has(part.lsn)));
        // They come first: later parts and the commit record may change them.
        await prepared.committed(xid, replay);
        for await (const { lsn, payload } of recordsAt(wal, lsns)) {
          if (cancelled.has(lsn)) await replay.remove(payload);
          else await replay.apply(payload);
        }
        await replay.apply(record.payload);
      }
      parts.delete(xid);
    }
  }
  for (const xid of parts.transactions()) {
    if (prepared.isStanding(xid)) continue;
    for await (const { payload } of recordsAt(wal, parts.stored(xid))) await replay.remove(payload);
  }
  const left = await prepared.finish((xid) => parts.stored(xid), replay);
  await replay.write();
  const drops = new Set([...checkpoint.drops, ...replay.drops]);
  for (const id of drops) {
    replay.dropped(id);
    await kv.clear(form.storageRange(id));
  }
  if (records > 0 || drops.size > 0 || checkpoint.aborted.length > 0) {
    const { state } = replay;
    const value = encodeCheckpoint({ lsn: end, redoLsn: end, drops: [], prepared: left, aborted: [], state });
    const operations = await prepared.removals(left);
    await kv.write([...operations, { type: 'put', key: form.systemKey('checkpoint'), value }], { sync: true });
  }
  return { state: replay.state, records, checkpointLsn: end, prepared: left };
}

async function checkFormat(kv: KvStore, form: StoredForm): Promise<void> {
  const key = form.systemKey('format');
  const stored = kv.getSync(key);
  if (stored === undefined) {
    await kv.write([{ type: 'put', key, value: Buffer.from(String(FORMAT_VERSION)) }], { sync: true });
    return;
  }
  const version = Number(stored.toString());
  if (version > FORMAT_VERSION) throw new NewerFormatError(version);
  if (version === FORMAT_VERSION) return;
  // The older form is read as it is; from now on an older server must not open the store.
  await kv.write([{ type: 'put', key, value: Buffer.from(String(FORMAT_VERSION)) }], { sync: true });
}

/** A record of a transaction of which the commit has not been seen yet. */
interface Part {
  readonly lsn: Lsn;
  /** The KvStore may have it whether or not there is a commit. */
  readonly stored: boolean;
}

/** By transaction, in the order of the log. */
class PartList {
  private readonly parts = new Map<number, Part[]>();

  add(xid: number, part: Part): void {
    const others = this.parts.get(xid);
    if (others === undefined) this.parts.set(xid, [part]);
    else others.push(part);
  }

  delete(xid: number): void {
    this.parts.delete(xid);
  }

  transactions(): Iterable<number> {
    return this.parts.keys();
  }

  lsns(xid: number, isWanted: (part: Part) => boolean): Lsn[] {
    return (this.parts.get(xid) ?? []).filter(isWanted).map(({ lsn }) => lsn);
  }

  stored(xid: number): Lsn[] {
    return this.lsns(xid, ({ stored }) => stored);
  }
}

/** Applies commit records to the KvStore and to the counters. */
class Replay implements CommitVisitor, StoredReplay {
  readonly drops = new Set<StorageId>();
  /** Where the blocks of indexes end, as `StorageReader.endOfBlocks`. */
  private readonly blockEnds = new Map<StorageId, string | null>();
  private operations: KvOperation[] = [];
  private bytes = 0;

  constructor(
    private readonly kv: KvStore,
    private readonly form: StoredForm,
    readonly state: StoreState,
  ) {}

  async apply(payload: Buffer): Promise<void> {
    const xid = this.form.readCommit(payload, this);
    if (xid >= this.state.nextXid) this.state.nextXid = xid + 1;
    if (this.bytes >= BATCH_BYTES) await this.write();
  }

  /** Removes what a part that does not count may have left in the KvStore. Its row ids are no other row's. */
  async remove(payload: Buffer): Promise<void> {
    const xid = this.form.readCommit(payload, {
      ...NO_VISITOR,
      putRow: (id, rowId) => this.add({ type: 'del', key: this.form.rowKey(id, rowId) }),
      putPage: (id, pageNo) => this.removePage(id, pageNo),
      putEntry: (id, key, rowId) => this.add({ type: 'del', key: this.form.entryKey(id, key, rowId) }),
      putEntries: (id, _count, bytes) => this.add({ type: 'del', key: this.blockKey(id, bytes) }),
    });
    if (xid >= this.state.nextXid) this.state.nextXid = xid + 1;
    if (this.bytes >= BATCH_BYTES) await this.write();
  }

  /** Stores rows and entries that do not count yet. */
  async hide(payload: Buffer): Promise<void> {
    this.form.readCommit(payload, {
      ...NO_VISITOR,
      putRow: (id, rowId, value) => this.add({ type: 'put', key: this.form.rowKey(id, rowId), value }),
      putPage: (id, pageNo, _rows, value) => this.add({ type: 'put', key: this.form.pageKey(id, pageNo), value }),
      putEntry: (id, key, rowId) => this.addEntry(id, key, rowId),
      putEntries: (id, _count, bytes) => this.addBlock(id, bytes),
    });
    this.reserve(payload);
    if (this.bytes >= BATCH_BYTES) await this.write();
  }

  /** Keeps the ids that a prepared transaction uses from being given out again. */
  reserve(payload: Buffer): void {
    const xid = this.form.readCommit(payload, {
      ...NO_VISITOR,
      putRow: (id, rowId) => this.reserveRow(id, rowId),
      putPage: (id, pageNo) => this.reserveRow(id, (pageNo + 1) * PAGE_ROWS - 1),
      putEntry: (id) => this.seen(id),
      putEntries: (id) => this.seen(id),
      created: (id) => this.seen(id),
    });
    if (xid >= this.state.nextXid) this.state.nextXid = xid + 1;
  }

  private reserveRow(id: StorageId, rowId: RowId): void {
    const heap = this.heap(id);
    if (rowId >= heap.nextRowId) heap.nextRowId = rowId + 1;
  }

  cancelled(): void {
    // Looked at before the record is applied.
  }

  async write(): Promise<void> {
    if (this.operations.length === 0) return;
    const operations = this.operations;
    this.operations = [];
    this.bytes = 0;
    await this.kv.write(operations);
    failpoint('during-replay');
  }

  putRow(id: StorageId, rowId: RowId, bytes: Buffer, inserted: boolean): void {
    const heap = this.heap(id);
    if (inserted) heap.rowCount++;
    if (rowId >= heap.nextRowId) heap.nextRowId = rowId + 1;
    this.add({ type: 'put', key: this.form.rowKey(id, rowId), value: bytes });
  }

  putPage(id: StorageId, pageNo: number, rows: number, bytes: Buffer): void {
    const heap = this.heap(id);
    heap.rowCount += rows;
    heap.nextRowId = Math.max(heap.nextRowId, (pageNo + 1) * PAGE_ROWS);
    this.add({ type: 'put', key: this.form.pageKey(id, pageNo), value: bytes });
  }

  /** An empty record, because the row may be in a block. */
  deleteRow(id: StorageId, rowId: RowId): void {
    this.heap(id).rowCount--;
    this.add({ type: 'put', key: this.form.rowKey(id, rowId), value: EMPTY });
  }

  private removePage(id: StorageId, pageNo: number): void {
    this.add({ type: 'del', key: this.form.pageKey(id, pageNo) });
    for (let slot = 0; slot < PAGE_ROWS; slot++)
      this.add({ type: 'del', key: this.form.rowKey(id, pageNo * PAGE_ROWS + slot) });
  }

  putEntry(id: StorageId, key: string, rowId: RowId): void {
    this.state.indexes.set(id, (this.state.indexes.get(id) ?? 0) + 1);
    this.seen(id);
    this.addEntry(id, key, rowId);
  }

  deleteEntry(id: StorageId, key: string, rowId: RowId): void {
    this.state.indexes.set(id, (this.state.indexes.get(id) ?? 0) - 1);
    const bytes = this.form.entryKey(id, key, rowId);
    // The entry may be in a block.
    if (this.endOfBlocks(id) !== null) this.add({ type: 'put', key: bytes, value: this.form.removedValue(bytes) });
    else this.add({ type: 'del', key: bytes });
  }

  putEntries(id: StorageId, count: number, bytes: Buffer): void {
    this.state.indexes.set(id, (this.state.indexes.get(id) ?? 0) + count);
    this.seen(id);
    this.addBlock(id, bytes);
  }

  private addBlock(id: StorageId, bytes: Buffer): void {
    const last = decodeEntries(bytes).keys.at(-1) ?? '';
    const end = this.endOfBlocks(id);
    if (end === null || (end !== '' && last > end)) {
      this.add({ type: 'put', key: this.form.entryBlockMark(id), value: Buffer.from(last, 'latin1') });
      this.blockEnds.set(id, last);
    }
    this.add({ type: 'put', key: this.blockKey(id, bytes), value: bytes });
  }

  private blockKey(id: StorageId, bytes: Buffer): Buffer {
    const { key, rowId } = firstEntry(bytes);
    return this.form.entryBlockKey(id, key, rowId);
  }

  private endOfBlocks(id: StorageId): string | null {
    let found = this.blockEnds.get(id);
    if (found === undefined) {
      found = this.kv.getSync(this.form.entryBlockMark(id))?.toString('latin1') ?? null;
      this.blockEnds.set(id, found);
    }
    return found;
  }

  sequence(id: StorageId, state: SequenceState): void {
    this.seen(id);
    this.state.sequences.set(id, state);
  }

  meta(key: string, value: Buffer): void {
    this.state.meta.set(key, Buffer.from(value));
  }

  created(id: StorageId): void {
    this.seen(id);
  }

  dropped(id: StorageId): void {
    this.drops.add(id);
    this.state.heaps.delete(id);
    this.state.indexes.delete(id);
    this.state.sequences.delete(id);
  }

  private heap(id: StorageId): HeapState {
    this.seen(id);
    let heap = this.state.heaps.get(id);
    if (heap === undefined) {
      heap = { rowCount: 0, nextRowId: 1 };
      this.state.heaps.set(id, heap);
    }
    return heap;
  }

  private seen(id: StorageId): void {
    if (id >= this.state.nextStorageId) this.state.nextStorageId = id + 1;
  }

  private addEntry(id: StorageId, key: string, rowId: RowId): void {
    const bytes = this.form.entryKey(id, key, rowId);
    this.add({ type: 'put', key: bytes, value: this.form.entryValue(bytes) });
  }

  private add(operation: KvOperation): void {
    this.operations.push(operation);
    this.bytes += operation.key.length + 64 + (operation.type === 'put' ? operation.value.length : 0);
  }
}
