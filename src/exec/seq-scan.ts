/** Reads a heap from its first row to its last; the filter runs inside. Without system columns rows are handed on as stored. */

import { exprColumns } from '../sql/plan/free-columns.js';
import type { SeqScanNode } from '../sql/plan/plan-node.js';
import type { Heap, HeapBatch, HeapScan } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { ScanFilter } from './scan-filter.js';
import { suspension } from './suspend.js';
import { type SystemAppender, systemAppender } from './system-columns.js';

export class SeqScan extends Operator {
  private readonly heap: Heap;
  private readonly filter: Predicate | null;
  private readonly pageFilter: ScanFilter | null;
  /** The filter does not look at system columns, so it runs before they are appended. */
  private readonly filterStored: boolean;
  private readonly append: SystemAppender | null;
  private readonly out = new RowBuffer();
  private removed = 0;
  private scan: HeapScan | null = null;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: SeqScanNode,
  ) {
    super(node.columns);
    this.heap = cx.heap(node.relation);
    this.filter = node.filter === null ? null : new Compiler(cx, node.columns).predicate(node.filter);
    this.pageFilter =
      node.filter === null || this.filter === null ? null : new ScanFilter(cx, node.columns, node.filter, this.filter);
    const hidden = node.columns.slice(node.columns.length - node.system.length);
    const read = node.filter === null ? new Set<number>() : exprColumns(node.filter);
    this.filterStored = !hidden.some((id) => read.has(id));
    this.append = node.system.length === 0 ? null : systemAppender(node);
  }

  open(): void {
    this.close();
    const { currentOf, relation } = this.node;
    if (currentOf === undefined) this.scan = this.heap.scan(this.cx.snapshot);
    else {
      const rowId = this.cx.services.currentRow?.(currentOf, relation) ?? 0;
      this.scan = rowId === 0 ? null : this.heap.scan(this.cx.snapshot, rowId, rowId);
    }
  }

  *next(): Task<Batch | null> {
    const { scan, cx, out, pageFilter, append } = this;
    if (scan === null) return null;
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const page = yield* scan.next();
      if (page === null) {
        this.close();
        return null;
      }
      if (append === null && pageFilter === null) {
        if (page.length > 0) return page;
        continue;
      }
      out.length = 0;
      if (append !== null) yield* this.appendAndFilter(page, append);
      else if (pageFilter !== null) yield* pageFilter.keep(page, out);
      this.removed += page.length - out.length;
      if (out.length > 0) return out;
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
