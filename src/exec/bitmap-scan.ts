/**
 * Reads the rows that a gin index finds, in the order of the table. Entries are candidates, so the filter, which has the index's
 * conditions in it, is checked on every row; a version that has other items than the entries say fails it.
 */
import type { BitmapScanNode } from '../sql/plan/plan-node.js';
import type { Heap, RowId } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { evaluateOnce } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import { allOf, type GinOpclass, type GinQuery } from './gin/gin-opclass.js';
import { opclassesOf } from './gin/gin-opclasses.js';
import { GinSearch } from './gin/gin-search.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { suspension } from './suspend.js';
import { type SystemAppender, systemAppender } from './system-columns.js';

const NO_ROW: Row = [];

export class BitmapScan extends Operator {
  private readonly heap: Heap;
  private readonly search: GinSearch;
  private readonly opclasses: readonly GinOpclass[];
  private readonly values: readonly Evaluator[];
  private readonly filter: Predicate | null;
  private readonly append: SystemAppender | null;
  private readonly out = new RowBuffer();
  private removed = 0;
  /** Null: the index has not been asked yet. */
  private rowIds: readonly RowId[] | null = null;
  private position = 0;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: BitmapScanNode,
  ) {
    super(node.columns);
    const values = new Compiler(cx, []);
    this.heap = cx.heap(node.relation);
    this.search = new GinSearch(cx, cx.services.store.index(node.index.storage));
    this.opclasses = opclassesOf(cx.services, node.index, node.types);
    this.values = node.conditions.map(({ value }) => values.compile(value));
    this.filter = node.filter === null ? null : new Compiler(cx, node.columns).predicate(node.filter);
    this.append = node.system.length === 0 ? null : systemAppender(node);
  }

  open(): void {
    this.close();
  }

  *next(): Task<Batch | null> {
    const { cx, out } = this;
    this.rowIds ??= yield* this.find();
    const { rowIds } = this;
    out.length = 0;
    while (this.position < rowIds.length && out.length < BATCH_SIZE) {
      if (cx.overdue()) yield cx.giveWay();
      yield* this.fetch(rowIds[this.position++]);
    }
    return out.length > 0 ? out : null;
  }

  private *find(): Task<readonly RowId[]> {
    const query = yield* evaluateOnce(() => this.query());
    return query === null ? [] : yield* this.search.find(query);
  }

  /** What rows must have, per column of the index; null when a condition compares with NULL. */
  private query(): Map<number, GinQuery> | null {
    const columns = new Map<number, GinQuery>();
    for (let i = 0; i < this.values.length; i++) {
      const value = this.values[i](NO_ROW);
      if (value === null) return null;
      const { column, strategy } = this.node.conditions[i];
      const query = this.opclasses[column].query(strategy, value);
      const known = columns.get(column);
      columns.set(column, known === undefined ? query : allOf([known, query]));
    }
    return columns;
  }

  private *fetch(rowId: RowId): Task<void> {
    const { heap, cx, append, filter, out } = this;
    let stored = heap.tryFetch(cx.snapshot, rowId);
    while (stored === undefined) {
      yield* heap.load(rowId);
      stored = heap.tryFetch(cx.snapshot, rowId);
    }
    if (stored === null) return;
    for (;;) {
      try {
        const row = append === null ? stored : append(stored, rowId);
        if (filter === null || filter(row)) out.push(row);
        else this.removed++;
        return;
      } catch (error) {
        yield suspension(error);
      }
    }
  }

  close(): void {
    this.rowIds = null;
    this.position = 0;
    this.search.release();
  }

  override get rowsRemoved(): number {
    return this.removed;
  }
}
