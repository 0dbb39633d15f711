/**
 * The commit sequence: append the record, install the new versions, free the locks, wait for the disk. A snapshot
 * taken between install and flush still has an older LSN, so it sees the undo; a writer that gets a lock in between
 * commits later in the log, so no commit can survive without those it depends on. Its own later snapshots see what was
 * installed when it got the lock (`LockGroup.followedLsn`).
 */
import { failpoint } from '../util/failpoint.js';
import { Slice, type Task } from '../util/task.js';
import type { Lsn } from './api.js';
import { type CommitChanges, noChanges } from './commit-log.js';
import { putInBlocks } from './entry-blocks.js';
import type { StoreIndex } from './index.js';
import type { IndexWrite } from './index-writes.js';
import { removeSome } from './leaf-removal.js';
import { UndoVersion } from './page-undo.js';
import type { StoreTransaction } from './transaction.js';
import type { UndoHeapPart, UndoIndexPart } from './undo.js';
import type { HeapWrites } from './write-set.js';

/** Index entries installed between two looks at the clock (a power of two). */
const ENTRIES_PER_LOOK = 16;
/** A commit with more is encoded in slices. */
const LARGE_PAGES = 4;
const LARGE_KEYS = 512;

/** Throws, and has rolled back (unless it is prepared), when the log takes no more. */
export function* commitTransaction(transaction: StoreTransaction, synchronous: boolean): Task<void> {
  const engine = transaction.engine;
  const isPrepared = transaction.state === 'prepared';
  if (!transaction.hasWrites && !transaction.advancedSequences && !isPrepared) {
    checkUnchanged(transaction);
    yield* transaction.releaseInSlices();
    finishCommitted(transaction);
    // What it has told its client is not to be taken back by a crash.
    if (synchronous) yield* engine.waitDurable(transaction.group.followedLsn);
    return;
  }
  let lsn: Lsn;
  let changes: CommitChanges;
  let hasBegun = false;
  try {
    engine.checkAlive();
    yield* engine.throttle();
    hasBegun = true;
    if (transaction.serial !== null && !isPrepared) engine.serializable.beforeCommit(transaction.serial);
    if (transaction.aside !== null) yield* transaction.aside.appendParts('commit');
    for (const { removed } of transaction.indexWrites?.values() ?? [])
      for (const entries of removed ?? []) yield* entries.sort();
    failpoint('before-append');
    changes = changesOf(transaction);
    lsn = isLarge(changes)
      ? yield* engine.log.appendLarge(changes, (from) => engine.holdLog(transaction, from))
      : engine.append(changes);
  } catch (error) {
    // Of a prepared transaction parts in the log would count for its next attempt too. Recovery clears them away.
    if (isPrepared && hasBegun) engine.fail(error instanceof Error ? error : new Error(String(error)));
    transaction.rollback();
    throw error;
  }
  if (transaction.serial !== null) engine.serializable.committed(transaction.serial, lsn);
  failpoint('after-append');
  transaction.commitLsn = lsn;
  try {
    yield* install(transaction, changes, lsn);
  } catch (error) {
    // The log has the commit and memory has a part of it: only a recovery makes them agree again.
    engine.fail(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  engine.releaseLog(transaction);
  yield* transaction.releaseInSlices();
  failpoint('after-install');
  if (finishCommitted(transaction) > 0) {
    engine.catalogLsn = lsn;
    failpoint('after-catalog-change');
  }
  if (synchronous) {
    yield* engine.waitDurable(lsn);
    yield* engine.waitVisible(lsn);
  } else {
    engine.asynchronousLsn = lsn;
    engine.undo.collect();
  }
}

function isLarge({ heaps, indexes }: CommitChanges): boolean {
  for (const { pages } of heaps) if (pages.size > LARGE_PAGES) return true;
  for (const { keyed, appended, removed } of indexes)
    if (keyed.size > LARGE_KEYS || removed !== null || (appended?.count ?? 0) > LARGE_KEYS) return true;
  return false;
}

/** Throws 40001, and has rolled back, when serializability forbids the commit. */
export function commitUnchanged(transaction: StoreTransaction): void {
  checkUnchanged(transaction);
  finishCommitted(transaction);
}

function checkUnchanged(transaction: StoreTransaction): void {
  const { serial, engine } = transaction;
  if (serial === null) return;
  try {
    engine.serializable.beforeCommit(serial);
  } catch (error) {
    transaction.rollback();
    throw error;
  }
  engine.serializable.committed(serial, 0);
}

/** Returns the number of those who wanted to be told. */
function finishCommitted(transaction: StoreTransaction): number {
  const listeners = transaction.commitListeners;
  transaction.finish('committed');
  for (const listener of listeners) listener();
  return listeners.length;
}

/** With what else has to be logged. */
function changesOf(transaction: StoreTransaction): CommitChanges {
  const { engine } = transaction;
  const entryBlocks = putInBlocks(transaction);
  return {
    ...ownChanges(transaction),
    entryBlocks,
    sequences: engine.takeDirtySequences(),
    meta: engine.takeDirtyMeta(),
  };
}

/** The changes of the transaction itself. */
export function ownChanges(transaction: StoreTransaction): CommitChanges {
  return {
    ...noChanges(transaction.xid),
    heaps: transaction.heapWrites === null ? [] : [...transaction.heapWrites.values()],
    indexes: transaction.indexWrites === null ? [] : [...transaction.indexWrites.values()],
    created: transaction.created,
    dropped: transaction.dropped,
    cancelled: transaction.spilled?.cancelled ?? [],
  };
}

/** Large installs are interrupted; until they are complete, `visibleLsn` stays below their LSN. */
function* install(transaction: StoreTransaction, changes: CommitChanges, lsn: Lsn): Task<void> {
  const engine = transaction.engine;
  const inserted = new UndoVersion(lsn, null, null);
  const heaps: UndoHeapPart[] = [];
  const indexes: UndoIndexPart[] = [];
  engine.installing.add(lsn);
  const slice = new Slice();
  let installed = 0;
  for (const writes of changes.heaps) {
    for (const pageNo of writes.pages.keys()) {
      writes.heap.installPage(writes, pageNo, lsn, inserted);
      failpoint('during-install');
      if (slice.isOver) yield* slice.next();
    }
    heaps.push(undoHeapPart(writes));
  }
  for (const writes of changes.indexes) {
    const part: { keys: string[]; rowIds: number[] } = { keys: [], rowIds: [] };
    const { keyed, appended } = writes.singles;
    for (const [key, first] of keyed) {
      // Many rows may have the key.
      for (let write: IndexWrite | null = first; write !== null; write = write.next) {
        installEntry(writes.index, key, write, lsn, part);
        if (++installed % ENTRIES_PER_LOOK === 0 && slice.isOver) yield* slice.next();
      }
    }
    if (part.keys.length > 0) indexes.push({ index: writes.index, ...part });
    for (let i = 0; appended !== null && i < appended.count; i++) {
      writes.index.installPut(appended.keyAt(i), appended.rowIdAt(i));
      if (++installed % ENTRIES_PER_LOOK === 0 && slice.isOver) yield* slice.next();
    }
    for (const block of writes.blocks?.blocks ?? []) {
      writes.index.end.installBlock(block);
      if (slice.isOver) yield* slice.next();
    }
    for (const removed of writes.removed ?? []) {
      for (let at = 0; at < removed.count; ) {
        at = removeSome(writes.index, removed, at, lsn, indexes);
        if (slice.isOver) yield* slice.next();
      }
    }
  }
  const dropped = changes.dropped;
  const forgetExtents = transaction.spilled?.commit(lsn) ?? null;
  const overlay = transaction.aside === null ? null : yield* transaction.aside.install(lsn);
  const then =
    dropped.length === 0 && forgetExtents === null && overlay === null
      ? null
      : () => {
          forgetExtents?.();
          if (dropped.length > 0) engine.removeDropped(dropped);
          if (overlay !== null) engine.overlays.forget(overlay);
        };
  for (const id of dropped) engine.droppedLater.add(id);
  engine.undo.add({ lsn, heaps, indexes, then });
  engine.installing.delete(lsn);
  if (overlay !== null) engine.overlays.merge(overlay);
  if (engine.installing.size > 0 || engine.durableLsn >= lsn) engine.undo.collect();
}

function undoHeapPart(writes: HeapWrites): UndoHeapPart {
  return { heap: writes.heap, pages: [...writes.pages.values()] };
}

function installEntry(
  index: StoreIndex,
  key: string,
  { effect, rowId }: IndexWrite,
  lsn: Lsn,
  removed: { keys: string[]; rowIds: number[] },
): void {
  if (effect === 'put') index.installPut(key, rowId);
  else if (effect === 'delete') {
    index.installDelete(key, rowId, lsn);
    removed.keys.push(key);
    removed.rowIds.push(rowId);
  }
}
