/**
 * Brings committed changes into the KvStore, in the background and in large batches, and takes checkpoints. Nothing is
 * written that is not yet safe in the log. A round takes every page and leaf that was dirty when it began; a checkpoint is
 * a round followed by one synced batch with the LSN at which the round began. Rounds never overlap.
 */

import type { KvOperation } from '../kv/kv-store.js';
import type { PatientStore } from '../kv/patient-store.js';
import { failpoint } from '../util/failpoint.js';
import type { Shortage } from '../util/shortage.js';
import { Signal, type Task } from '../util/task.js';
import type { Lsn, StorageId } from './api.js';
import { BlockRemoval, IN_BLOCK, IN_NO_BLOCK, TAKEN_OUT } from './block-removal.js';
import { encodeCheckpoint } from './checkpoint-record.js';
import { EntryReader } from './entry-reader.js';
import type { StoreHeap } from './heap.js';
import type { HeapPage } from './heap-page.js';
import type { StoreIndex } from './index.js';
import type { EntryChange } from './index-leaf.js';
import type { Materializer } from './materializer.js';
import { flushPage } from './page-records.js';
import type { PreparedCheckpoints } from './prepared/prepared-checkpoint.js';
import { isShortage } from './shortage-fault.js';
import type { StoreEngine } from './store.js';
import type { StoreState } from './store-state.js';
import type { StoredForm, WriteAheadLog } from './stored-form.js';

const BATCH_OPERATIONS = 2000;
const BATCH_BYTES = 512 << 10;
/** A round starts when this much log has been written since the last one, or after the delay. */
const ROUND_BYTES = 2 << 20;
const ROUND_DELAY_MS = 250;
/** Committers wait when the KvStore is this far behind the log. */
const MAX_BEHIND_BYTES = 64 << 20;
/** The same for a transaction that stores changes before its commit. */
const EARLY_BEHIND_BYTES = 8 << 20;
const CHECKPOINT_INTERVAL_MS = 300_000;

export class WriteBehind implements Materializer {
  private chain: Promise<void> = Promise.resolve();
  private roundQueued = false;
  private checkpointQueued = false;
  private roundTimer: NodeJS.Timeout | null = null;
  private readonly checkpointTimer: NodeJS.Timeout;
  private failure: Error | null = null;
  private closed = false;
  /** Everything up to here is in the KvStore, though perhaps not synced. */
  private writtenLsn: Lsn;
  private readonly drops = new Set<StorageId>();
  private throttled: Signal[] = [];
  private durableWaiters: { readonly lsn: Lsn; readonly resolve: () => void }[] = [];
  private readonly removal: BlockRemoval;
  /** Of entries that the batch puts into indexes with blocks. */
  private readonly putKeys = new Set<string>();
  private operations: KvOperation[] = [];
  private bytes = 0;
  private pages: { readonly heap: StoreHeap; readonly page: HeapPage }[] = [];
  private indexes = new Set<StoreIndex>();

  constructor(
    private readonly engine: StoreEngine,
    private readonly kv: PatientStore,
    private readonly wal: WriteAheadLog,
    private readonly form: StoredForm,
    private checkpointLsn: Lsn,
    private readonly prepared: PreparedCheckpoints,
  ) {
    this.writtenLsn = checkpointLsn;
    this.removal = new BlockRemoval(kv.reads, form, new EntryReader(kv.reads, form));
    kv.onShortage = () => this.wakeThrottled();
    this.checkpointTimer = setInterval(() => this.queueCheckpoint('timedCheckpoints'), CHECKPOINT_INTERVAL_MS);
    this.checkpointTimer.unref();
  }

  get shortage(): Shortage | null {
    return this.kv.shortage;
  }

  progress(): void {
    const flushed = this.wal.flushedLsn;
    while (this.durableWaiters.length > 0 && this.durableWaiters[0].lsn <= flushed)
      this.durableWaiters.shift()!.resolve();
    if (flushed - this.checkpointLsn > this.engine.settings.maxWalSize) this.queueCheckpoint('requestedCheckpoints');
    else if (flushed - this.writtenLsn > ROUND_BYTES) this.queueRound();
    else if (this.roundTimer === null && !this.roundQueued && !this.closed) {
      this.roundTimer = setTimeout(() => {
        this.roundTimer = null;
        this.queueRound();
      }, ROUND_DELAY_MS);
      this.roundTimer.unref();
    }
  }

  *throttle(early: boolean): Task<void> {
    const limit = early ? EARLY_BEHIND_BYTES : MAX_BEHIND_BYTES;
    while (this.wal.appendedLsn - this.writtenLsn > limit && this.failure === null && this.shortage === null) {
      const signal = new Signal();
      this.throttled.push(signal);
      this.queueRound();
      yield signal;
    }
  }

  private wakeThrottled(): void {
    for (const signal of this.throttled.splice(0)) signal.fire();
  }

  clear(ids: readonly StorageId[]): void {
    for (const id of ids) this.drops.add(id);
    this.queueRound();
  }

  fail(error: Error): void {
    this.failure ??= error;
    clearInterval(this.checkpointTimer);
    this.wakeThrottled();
    for (const { resolve } of this.durableWaiters.splice(0)) resolve();
  }

  async settle(): Promise<void> {
    if (!this.closed && this.failure === null) await this.enqueue(() => this.runRound());
  }

  checkpoint(): Promise<void> {
    return this.enqueue(() => this.runCheckpoint());
  }

  stopWaiting(): void {
    this.kv.stopWaiting();
  }

  async close(clean: boolean): Promise<void> {
    clearInterval(this.checkpointTimer);
    if (this.roundTimer !== null) clearTimeout(this.roundTimer);
    this.closed = true;
    this.stopWaiting();
    try {
      if (clean) await this.enqueue(() => this.runCheckpoint());
      else await this.chain;
    } catch (error) {
      if (!(error instanceof Error) || !isShortage(error)) throw error;
      this.engine.fail(error);
    } finally {
      await this.kv.close();
    }
  }

  private queueRound(): void {
    if (this.roundQueued || this.closed || this.failure !== null) return;
    this.roundQueued = true;
    this.background(async () => {
      this.roundQueued = false;
      await this.runRound();
    });
  }

  private queueCheckpoint(kind: 'timedCheckpoints' | 'requestedCheckpoints'): void {
    if (this.checkpointQueued || this.closed || this.failure !== null) return;
    this.checkpointQueued = true;
    this.background(async () => {
      try {
        await this.runCheckpoint(kind);
      } finally {
        this.checkpointQueued = false;
      }
    });
  }

  /** A KvStore that does not take writes any more stops the engine: memory would grow without end. */
  private background(work: () => Promise<void>): void {
    this.enqueue(work).catch((error: unknown) => {
      this.engine.fail(error instanceof Error ? error : new Error(String(error)));
    });
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    const result = this.chain.then(work);
    this.chain = result.catch(() => undefined);
    return result;
  }

  /** Writes everything dirty. */
  private async runRound(): Promise<void> {
    while (this.engine.installing.size > 0) await new Promise((resolve) => setImmediate(resolve));
    const lsn = this.wal.appendedLsn;
    // All sets are taken before the first wait, so that the round has everything up to `lsn`.
    const heaps = [...this.engine.heaps.values()].map((heap) => ({ heap, dirty: heap.takeDirty() }));
    const indexes = [...this.engine.indexes.values()].map((index) => ({ index, dirty: index.takeDirty() }));
    for (const { heap, dirty } of heaps) for (const page of dirty) await this.addPage(heap, page);
    for (const { index, dirty } of indexes) {
      await this.addBlocks(index);
      // A leaf that is split meanwhile hands its share to a new one, which joins the set and is visited as well.
      for (const leaf of dirty) {
        for (;;) {
          if (index.blocks.areWaiting) await this.addBlocks(index);
          const changes = index.startFlush(leaf);
          if (changes === null) break;
          this.indexes.add(index);
          this.engine.activity.pages++;
          await this.addEntries(index, changes);
          if (this.full || leaf.pending !== null) await this.writeBatch();
        }
      }
      index.finishTake();
    }
    await this.writeBatch();
    await this.clearDropped();
    this.writtenLsn = lsn;
    this.wakeThrottled();
  }

  private async addBlocks(index: StoreIndex): Promise<void> {
    for (let block = index.blocks.take(); block !== null; block = index.blocks.take()) {
      this.indexes.add(index);
      const key = this.form.entryBlockKey(index.id, block.key, block.rowId);
      if (block.bytes === null) this.add({ type: 'del', key });
      else {
        const mark = this.form.entryBlockMark(index.id);
        this.add({ type: 'put', key: mark, value: Buffer.from(index.blocks.end ?? '', 'latin1') });
        this.add({ type: 'put', key, value: block.bytes });
      }
      if (this.full) await this.writeBatch();
    }
    // They are looked for in the KvStore.
    if (index.blocks.areUnwritten) await this.writeBatch();
  }

  /** An entry that is in a block is taken out of it, or marked as removed. */
  private async addEntries(index: StoreIndex, changes: readonly EntryChange[]): Promise<void> {
    const { form } = this;
    const states = index.blocks.any ? await this.removal.prepare(index.id, changes, this.add) : null;
    for (let i = 0; i < changes.length; i++) {
      const { key, rowId, put } = changes[i];
      const state = states === null ? IN_NO_BLOCK : states[i];
      if (state === TAKEN_OUT && !this.putKeys.has(key)) continue;
      const bytes = form.entryKey(index.id, key, rowId);
      if (put) {
        this.add({ type: 'put', key: bytes, value: form.entryValue(bytes) });
        if (states !== null) this.putKeys.add(key);
      } else if (state === IN_BLOCK) this.add({ type: 'put', key: bytes, value: form.removedValue(bytes) });
      else this.add({ type: 'del', key: bytes });
    }
  }

  private async addPage(heap: StoreHeap, page: HeapPage): Promise<void> {
    const changes = heap.startFlush(page);
    if (changes === null) return;
    this.pages.push({ heap, page });
    this.engine.activity.pages++;
    flushPage(this.form, heap.id, page, changes, this.add);
    if (this.full) await this.writeBatch();
  }

  private readonly add = (operation: KvOperation): void => {
    this.operations.push(operation);
    this.bytes += operation.key.length + (operation.type === 'put' ? operation.value.length : 0);
  };

  private get full(): boolean {
    return this.operations.length >= BATCH_OPERATIONS || this.bytes >= BATCH_BYTES;
  }

  private async writeBatch(): Promise<void> {
    if (this.operations.length === 0) return;
    const { operations, pages, indexes } = this;
    this.operations = [];
    this.bytes = 0;
    this.pages = [];
    this.indexes = new Set();
    this.removal.clear();
    this.putKeys.clear();
    await this.untilDurable(this.wal.appendedLsn);
    if (this.failure !== null) throw this.failure;
    failpoint('before-kv-write');
    await this.kv.write(operations);
    failpoint('after-kv-write');
    for (const { heap, page } of pages) heap.flushed(page);
    for (const index of indexes) index.finishFlush();
  }

  private untilDurable(lsn: Lsn): Promise<void> {
    if (this.wal.flushedLsn >= lsn || this.failure !== null) return Promise.resolve();
    return new Promise((resolve) => this.durableWaiters.push({ lsn, resolve }));
  }

  private async clearDropped(): Promise<void> {
    for (const id of this.drops) {
      await this.kv.clear(this.form.storageRange(id));
      this.drops.delete(id);
    }
  }

  private async runCheckpoint(
    kind: 'timedCheckpoints' | 'requestedCheckpoints' = 'requestedCheckpoints',
  ): Promise<void> {
    while (this.engine.installing.size > 0) await new Promise((resolve) => setImmediate(resolve));
    // It will be asked for again when they are merged.
    if (this.engine.overlays.unmerged) return;
    const lsn = this.wal.appendedLsn;
    const standing = this.prepared.begin(lsn);
    const redoLsn = this.engine.heldLsn(lsn);
    const state = this.copyState();
    // Dropped, but a snapshot may still read them: to be cleared after a crash.
    const drops = [...this.drops, ...this.engine.droppedLater];
    const { activity } = this.engine;
    const begun = performance.now();
    const before = activity.pages;
    await this.runRound();
    activity.checkpointPages += activity.pages - before;
    await this.untilDurable(lsn);
    if (this.failure !== null) throw this.failure;
    await this.prepared.copy(standing);
    await this.untilDurable(this.wal.appendedLsn);
    if (this.failure !== null) throw this.failure;
    failpoint('before-checkpoint');
    const written = performance.now();
    const { operations, ...named } = this.prepared.end(standing);
    const value = encodeCheckpoint({ lsn, redoLsn, drops, ...named, state });
    await this.kv.write([...operations, { type: 'put', key: this.form.systemKey('checkpoint'), value }], {
      sync: true,
    });
    failpoint('after-checkpoint');
    activity[kind]++;
    activity.checkpointWriteTime += written - begun;
    activity.checkpointSyncTime += performance.now() - written;
    this.checkpointLsn = lsn;
    await this.wal.recycle(redoLsn);
    failpoint('after-recycle');
  }

  /** The counters at this moment, apart from the engine's own maps, which go on changing. */
  private copyState(): StoreState {
    const { state, heaps, indexes } = this.engine;
    for (const heap of heaps.values()) {
      state.heaps.set(heap.id, { rowCount: heap.rowCount, nextRowId: heap.nextRowId });
    }
    for (const index of indexes.values()) state.indexes.set(index.id, index.entryCount);
    return {
      nextStorageId: state.nextStorageId,
      nextXid: state.nextXid,
      heaps: new Map(state.heaps),
      indexes: new Map(state.indexes),
      sequences: new Map(state.sequences),
      meta: new Map(state.meta),
    };
  }
}
