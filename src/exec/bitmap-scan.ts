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
import type { RelationCounters } from './relation-counters.js';
import { scannedHeap } from './scanned-heap.js';
import { suspension } from './suspend.js';
import { type SystemAppender, systemAppender } from './system-columns.js';

const NO_ROW: Row = [];
/** Candidates between two looks at the clock. */
const ROWS_PER_LOOK = 32;

export class BitmapScan extends Operator {
  private readonly heap: Heap;
  private readonly counters: RelationCounters;
  private readonly indexCounters: RelationCounters;
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
    this.heap = scannedHeap(cx, node.relation);
    this.counters = cx.counters(node.relation.oid);
    this.indexCounters = cx.counters(node.index.oid);
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
    const { cx, heap, out } = this;
    this.rowIds ??= yield* this.find();
    const { rowIds } = this;
    out.length = 0;
    while (this.position < rowIds.length && out.length < BATCH_SIZE) {
      if (this.position % ROWS_PER_LOOK === 0 && cx.overdue()) yield cx.giveWay();
      const rowId = rowIds[this.position];
      const row = heap.tryFetch(cx.snapshot, rowId);
      if (row === undefined) {
        this.counters.reads++;
        yield* heap.load(rowId);
        continue;
      }
      try {
        if (row !== null) {
          this.accept(row, rowId);
          this.counters.fetched++;
          this.counters.blocks++;
        }
        this.position++;
      } catch (error) {
        yield suspension(error);
      }
    }
    return out.length > 0 ? out : null;
  }

  private *find(): Task<readonly RowId[]> {
    const query = yield* evaluateOnce(() => this.query());
    if (query === null) return [];
    const found = yield* this.search.find(query);
    this.counters.use();
    this.indexCounters.use();
    this.indexCounters.scans++;
    this.indexCounters.returned += found.length;
    return found;
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

  private accept(stored: Row, rowId: RowId): void {
    const row = this.append === null ? stored : this.append(stored, rowId);
    if (this.filter === null || this.filter(row)) this.out.push(row);
    else this.removed++;
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
