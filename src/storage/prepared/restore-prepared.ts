/** After recovery: a prepared transaction becomes again what it was, changes, locks and all. Nobody else is there yet. */
import type { Row } from '../../types/datum.js';
import { runTask, type Task } from '../../util/task.js';
import type { RowId } from '../api.js';
import type { StoredRecord } from '../commit-log.js';
import { Extent } from '../extent.js';
import type { StoreHeap } from '../heap.js';
import { PAGE_ROWS, pageOf } from '../heap-page.js';
import type { StoreIndex } from '../index.js';
import { Spill } from '../spill.js';
import { NO_VISITOR, type StoredCopies } from '../spill-cleaner.js';
import type { StoreEngine } from '../store.js';
import type { CommitVisitor, StoredForm } from '../stored-form.js';
import type { StoredPart } from '../stored-part.js';
import type { StoreTransaction } from '../transaction.js';
import { ENTRY_BYTES } from '../write-set.js';
import type { PreparedCopies, PreparedCopy } from './prepared-copies.js';
import { decodePrepared } from './prepared-form.js';
import { PreparedGroup } from './prepared-group.js';
import { restoreState } from './prepared-state.js';

/** Options that the catalog replaces as soon as it has come up. */
const UNKNOWN_COLUMNS = { columns: 0 };

/** A change of a row that was there before: the version below it is read from the KvStore. */
interface Change {
  readonly heap: StoreHeap;
  readonly rowId: RowId;
  readonly row: Row | null;
}

/** `source`: how a rollback will read again what the transaction had stored. */
export async function restorePrepared(
  engine: StoreEngine,
  form: StoredForm,
  copies: PreparedCopies,
  copy: PreparedCopy,
  source: StoredCopies,
): Promise<void> {
  const state = decodePrepared(await copies.readRecord(copy));
  const own = engine.begin('read committed', { group: engine.lockGroup(0, state.database) });
  own.xid = state.xid;
  for await (const part of copies.readParts(copy)) {
    const changes: Change[] = [];
    form.readCommit(part, writeSetOf(engine, form, own, changes));
    for (const change of changes) await runTask(restoreChange(own, change));
    if (own.needsSpill) await runTask(own.spill());
  }
  for await (const record of copies.readStored(copy)) {
    own.spilled ??= new Spill(own);
    own.spilled.copies = source;
    own.spilled.restore(storedPart(engine, own, record));
  }
  if (own.aside !== null) await runTask(own.aside.finishEntries());
  restoreState(engine, own, state);
  if (own.needsSpill) await runTask(own.spill());
  own.detach(new PreparedGroup(`-1/${state.xid}`, state.database));
  engine.twoPhase.restore(own, state);
}

function* restoreChange(own: StoreTransaction, { heap, rowId, row }: Change): Task<void> {
  // Brings the version below into memory, where it stays until the next wait.
  const base = yield* heap.newest(own, rowId);
  if (base === null) throw new Error(`prepared transaction ${own.xid} has changed row ${rowId}, which has gone`);
  if (row === null) heap.delete(own, rowId);
  else heap.update(own, rowId, row);
}

/** Puts what a record says into the write set, except changes of older rows, which it collects. */
function writeSetOf(engine: StoreEngine, form: StoredForm, own: StoreTransaction, changes: Change[]): CommitVisitor {
  const heapOf = (id: number): StoreHeap => engine.heap(id, UNKNOWN_COLUMNS);
  const record = (id: number, key: string, rowId: RowId, op: 'put' | 'delete'): void => {
    own.indexWritesOf(engine.index(id)).record(key, rowId, op, own.commandId, null);
    own.changedBytes += key.length + ENTRY_BYTES;
  };
  return {
    ...NO_VISITOR,
    putRow: (id, rowId, bytes, inserted) => {
      const heap = heapOf(id);
      const row = form.decodeRow(bytes);
      if (inserted) own.writesOf(heap).insert(rowId, row, own.commandId, null, 0);
      else changes.push({ heap, rowId, row });
    },
    putPage: (id, pageNo, _count, bytes) => {
      const rows = new Array<Row | null>(PAGE_ROWS).fill(null);
      form.decodePage(bytes, rows);
      const writes = own.writesOf(heapOf(id));
      for (const [slot, row] of rows.entries())
        if (row !== null) writes.insert(pageNo * PAGE_ROWS + slot, row, own.commandId, null, 0);
      const page = writes.page(pageNo);
      if (page !== undefined) page.isPrivate = true;
    },
    deleteRow: (id, rowId) => changes.push({ heap: heapOf(id), rowId, row: null }),
    putEntry: (id, key, rowId) => record(id, key, rowId, 'put'),
    deleteEntry: (id, key, rowId) => record(id, key, rowId, 'delete'),
    created: (id) => own.created.push({ id, kind: 'heap' }),
    dropped: (id) => own.dropped.push(id),
  };
}

/** A part is about pages of one heap without gaps, or about one index. */
function storedPart(engine: StoreEngine, own: StoreTransaction, { lsn, read }: StoredRecord): StoredPart {
  let heap: StoreHeap | null = null;
  let index: StoreIndex | null = null;
  let rows = 0;
  let entries = 0;
  let first = Number.MAX_SAFE_INTEGER;
  let last = -1;
  const addRows = (id: number, pageNo: number, count: number): void => {
    heap = engine.heap(id, UNKNOWN_COLUMNS);
    first = Math.min(first, pageNo);
    last = Math.max(last, pageNo);
    rows += count;
  };
  read({
    ...NO_VISITOR,
    putRow: (id, rowId) => addRows(id, pageOf(rowId), 1),
    putPage: addRows,
    putEntry: (id) => {
      index = engine.index(id);
      entries++;
    },
    putEntries: (id, count) => {
      index = engine.index(id);
      entries += count;
    },
  });
  const extent = heap === null ? null : new Extent(first, last + 1, own, own.commandId);
  return { lsn, heap, extent, rows, index, entries };
}
