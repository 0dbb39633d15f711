/** Reads a heap from its first row to its last; the filter runs inside. Without system columns rows are handed on as stored. */

import type { ColumnId } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { SeqScanNode } from '../sql/plan/plan-node.js';
import type { Heap, HeapBatch, HeapScan } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { ColumnBatch } from './column-batch.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import type { KeyFilter } from './key-filter.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { columnsOf } from './page-columns.js';
import type { RelationCounters } from './relation-counters.js';
import { ScanFilter } from './scan-filter.js';
import { scannedHeap } from './scanned-heap.js';
import { suspension } from './suspend.js';
import { type SystemAppender, systemAppender } from './system-columns.js';
import { storedBytes } from './value-size.js';

/** What few pages leave of a restricted scan is given together, until it is this many rows. */
const FEW_ROWS = 64;
const PAGES_TOGETHER = 8;

export class SeqScan extends Operator {
  private readonly heap: Heap;
  private readonly counters: RelationCounters;
  private readonly filter: Predicate | null;
  private pageFilter: ScanFilter | null;
  /** The filter does not look at system columns, so it runs before they are appended. */
  private readonly filterStored: boolean;
  private readonly append: SystemAppender | null;
  private readonly out = new RowBuffer();
  private readonly batch = new ColumnBatch();
  private removed = 0;
  /** Whether a join above has restricted this run. */
  private restricted = false;
  private scan: HeapScan | null = null;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: SeqScanNode,
  ) {
    super(node.columns);
    this.heap = scannedHeap(cx, node.relation);
    this.counters = cx.counters(node.relation.oid);
    this.append = node.system.length === 0 ? null : systemAppender(node);
    const appends = this.append !== null && node.filter !== null;
    this.filter = appends ? new Compiler(cx, node.columns).predicate(node.filter) : null;
    this.pageFilter = appends || node.filter === null ? null : new ScanFilter(cx, node.columns, node.filter);
    const hidden = node.columns.slice(node.columns.length - node.system.length);
    const read = node.filter === null ? new Set<number>() : exprColumns(node.filter);
    this.filterStored = !hidden.some((id) => read.has(id));
  }

  open(): void {
    this.close();
    this.restricted = false;
    this.pageFilter?.clearKeys();
    const { currentOf, currentOfParam, relation } = this.node;
    this.counters.use();
    if (currentOf === undefined) {
      this.counters.scans++;
      this.scan = this.heap.scan(this.cx.snapshot);
    } else {
      const cursor = currentOfParam === undefined ? currentOf : String(this.cx.params[currentOfParam] ?? currentOf);
      const rowId = this.cx.services.currentRow?.(cursor, relation) ?? 0;
      this.scan = rowId === 0 ? null : this.heap.scan(this.cx.snapshot, rowId, rowId);
    }
  }

  override restrict(column: ColumnId, keys: KeyFilter): void {
    const slot = this.columns.indexOf(column);
    if (this.append !== null || slot < 0) return;
    this.pageFilter ??= new ScanFilter(this.cx, this.columns, null);
    this.pageFilter.restrict(slot, keys);
    this.restricted = true;
  }

  override boundedBytes(column: ColumnId): number | null {
    return storedBytes(this.node, column);
  }

  *next(): Task<Batch | null> {
    const { scan, cx, out, append, counters, heap } = this;
    const pageFilter = this.node.filter !== null || this.restricted ? this.pageFilter : null;
    if (scan === null) return null;
    out.length = 0;
    for (let pages = 1; ; pages++) {
      if (cx.overdue()) yield cx.giveWay();
      const { pagesRead } = heap;
      const page = yield* scan.next();
      counters.reads += heap.pagesRead - pagesRead;
      if (page === null) {
        this.close();
        return out.length > 0 ? out : null;
      }
      counters.blocks++;
      counters.returned += page.length;
      if (append === null && pageFilter === null) {
        if (page.length > 0) return page;
        continue;
      }
      const before = out.length;
      if (append !== null) yield* this.appendAndFilter(page, append);
      else if (pageFilter !== null) yield* pageFilter.keep(page, out);
      this.removed += page.length - (out.length - before);
      if (out.length >= FEW_ROWS || (out.length > 0 && (!this.restricted || pages >= PAGES_TOGETHER))) return out;
    }
  }

  override *nextColumns(): Task<Batch | null> {
    const { scan, cx, out, batch, counters, heap } = this;
    if (scan === null) return null;
    if (this.append !== null) return yield* this.next();
    this.pageFilter ??= new ScanFilter(cx, this.columns, null);
    const filter = this.pageFilter;
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const { pagesRead } = heap;
      const page = yield* scan.next();
      counters.reads += heap.pagesRead - pagesRead;
      if (page === null) {
        this.close();
        return null;
      }
      counters.blocks++;
      counters.returned += page.length;
      const columns = columnsOf(page);
      out.length = 0;
      if (columns === null) yield* filter.keepByRow(page, out);
      const length = columns === null ? out.length : yield* filter.select(page, columns);
      this.removed += page.length - length;
      if (length === 0) continue;
      if (columns === null) return out;
      batch.fill(page, columns, filter.positions, length);
      return batch;
    }
  }

  private *appendAndFilter(page: HeapBatch, append: SystemAppender): Task<void> {
    const { out, filter, filterStored } = this;
    let i = 0;
    while (i < page.length) {
      try {
        for (; i < page.length; i++) {
          const stored = page.rows[i];
          if (filterStored && filter !== null && !filter(stored)) continue;
          const row = append(stored, page.rowIds[i]);
          if (filterStored || filter === null || filter(row)) out.push(row);
        }
      } catch (error) {
        yield suspension(error);
      }
    }
  }

  close(): void {
    this.scan?.close();
    this.scan = null;
  }

  override get rowsRemoved(): number {
    return this.removed;
  }
}
