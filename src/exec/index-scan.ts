/**
 * Reads rows through an index. Entries are candidates: a row version that is not simply the newest committed one is
 * taken only when its own key is the entry's. Equality on all key columns is a lookup without a scan object.
 */
import type { ColumnId } from '../sql/plan/expression.js';
import type { IndexScanNode } from '../sql/plan/plan-node.js';
import type { Heap, Index, IndexBatch, IndexRange, RowId, IndexScan as StorageScan } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { ROWS_PER_CLOCK_READ } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import { IndexBounds } from './index-bounds.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import type { RelationCounters } from './relation-counters.js';
import { scannedHeap } from './scanned-heap.js';
import { Suspend, suspension } from './suspend.js';
import { type SystemAppender, systemAppender } from './system-columns.js';
import { storedBytes } from './value-size.js';

export class IndexScan extends Operator {
  private readonly heap: Heap;
  private readonly index: Index;
  private readonly counters: RelationCounters;
  private readonly bounds: IndexBounds;
  private readonly filter: Predicate | null;
  private readonly keys: readonly Evaluator[];
  private readonly predicate: Predicate | null;
  private readonly append: SystemAppender | null;
  private readonly descending: boolean;
  private readonly out = new RowBuffer();
  private removed = 0;
  private phase: 'fresh' | 'scanning' | 'done' = 'done';
  private ranges: IndexRange[] = [];
  private rangePosition = 0;
  private scan: StorageScan | null = null;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: IndexScanNode,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, node.columns);
    this.heap = scannedHeap(cx, node.relation);
    this.index = cx.services.store.index(node.index.storage);
    this.counters = cx.counters(node.index.oid);
    this.bounds = new IndexBounds(cx, node);
    this.filter = node.filter === null ? null : compiler.predicate(node.filter);
    const { indexKeys, indexPredicate } = node;
    this.keys = cx.withoutWaiting(() => compiler.compileAll(indexKeys));
    this.predicate = indexPredicate === null ? null : cx.withoutWaiting(() => compiler.predicate(indexPredicate));
    this.append = node.system.length === 0 ? null : systemAppender(node);
    this.descending = node.descending;
  }

  open(): void {
    if (this.scan !== null) this.close();
    this.phase = 'fresh';
  }

  override boundedBytes(column: ColumnId): number | null {
    return storedBytes(this.node, column);
  }

  override tryNext(): Batch | null | undefined {
    if (this.phase === 'done') return null;
    if (this.phase !== 'fresh' || !this.bounds.isPoint) return undefined;
    try {
      const found = this.lookUp();
      if (found !== undefined) {
        this.phase = 'done';
        this.counters.use();
        this.counters.scans++;
        this.counters.blocks++;
      }
      return found;
    } catch (error) {
      if (error instanceof Suspend) return undefined;
      throw error;
    }
  }

  /** The row of a full key; undefined when it takes a scan or a load to say. Changes nothing. */
  private lookUp(): Batch | null | undefined {
    const key = this.bounds.pointKey();
    if (key === null) return null;
    const { snapshot } = this.cx;
    const rowId = this.index.tryGet(snapshot, key);
    if (rowId === 0) return null;
    if (rowId < 0) return undefined;
    const row = this.heap.tryFetch(snapshot, rowId);
    if (row === undefined) return undefined;
    if (row === null || (this.heap.recheck && !this.isEntryOf(row, key))) return null;
    const given = this.accept(row, rowId);
    this.counters.returned++;
    this.counters.fetched++;
    this.counters.tableBlocks++;
    if (given === null) return null;
    const { out } = this;
    out.length = 0;
    out.push(given);
    return out;
  }

  *next(): Task<Batch | null> {
    const { cx, out, counters, index } = this;
    const ready = this.tryNext();
    if (ready !== undefined) return ready;
    if (this.phase === 'fresh') {
      const ranges = yield* this.bounds.ranges(cx);
      this.ranges = this.descending ? ranges.reverse() : ranges;
      this.rangePosition = 0;
      this.phase = 'scanning';
    }
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const scan = this.scan ?? this.nextScan();
      if (scan === null) {
        this.close();
        return null;
      }
      const { pagesRead } = index;
      const entries = yield* scan.next();
      counters.blocks++;
      counters.reads += index.pagesRead - pagesRead;
      if (entries === null) {
        scan.close();
        this.scan = null;
        continue;
      }
      out.length = 0;
      yield* this.fetch(entries);
      if (out.length > 0) return out;
    }
  }

  private nextScan(): StorageScan | null {
    if (this.rangePosition >= this.ranges.length) return null;
    const range = this.ranges[this.rangePosition++];
    this.counters.use();
    this.counters.scans++;
    this.scan = this.index.scan(this.cx.snapshot, range, this.descending);
    return this.scan;
  }

  private *fetch(entries: IndexBatch): Task<void> {
    const { heap, out, cx, counters } = this;
    counters.returned += entries.length;
    for (let i = 0; i < entries.length; i++) {
      if (i % ROWS_PER_CLOCK_READ === ROWS_PER_CLOCK_READ - 1 && cx.overdue()) yield cx.giveWay();
      const rowId = entries.rowIds[i];
      let row = heap.tryFetch(cx.snapshot, rowId);
      while (row === undefined) {
        counters.tableReads++;
        yield* heap.load(rowId);
        row = heap.tryFetch(cx.snapshot, rowId);
      }
      if (row === null) continue;
      counters.fetched++;
      counters.tableBlocks++;
      const { recheck } = heap;
      for (;;) {
        try {
          if (!recheck || this.isEntryOf(row, entries.keys[i])) {
            const given = this.accept(row, rowId);
            if (given !== null) out.push(given);
          }
          break;
        } catch (error) {
          yield suspension(error);
        }
      }
    }
  }

  /** Whether this version of the row is in the index under `key`. */
  private isEntryOf(row: Row, key: string): boolean {
    if (this.predicate !== null && !this.predicate(row)) return false;
    const values: Datum[] = [];
    for (let i = 0; i < this.keys.length; i++) values.push(this.keys[i](row));
    return this.bounds.keyOf(values) === key;
  }

  private accept(stored: Row, rowId: RowId): Row | null {
    const row = this.append === null ? stored : this.append(stored, rowId);
    if (this.filter === null || this.filter(row)) return row;
    this.removed++;
    return null;
  }

  close(): void {
    this.phase = 'done';
    this.scan?.close();
    this.scan = null;
  }

  override get rowsRemoved(): number {
    return this.removed;
  }
}
