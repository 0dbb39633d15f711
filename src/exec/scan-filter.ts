/**
 * The filter of a scan over pages: what can be tested column by column goes first and leaves positions, the rest is
 * evaluated for the rows at these. Pages without columns are filtered row by row.
 */
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { HeapBatch } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { keepMatching, ROWS_PER_CLOCK_READ } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { type ColumnTest, columnTest } from './expression/column-test.js';
import { allOf, Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import { ColumnKeyFilter, type KeyFilter } from './key-filter.js';
import type { RowBuffer } from './operator.js';
import { columnsOf, type PageColumns } from './page-columns.js';
import { suspension } from './suspend.js';

export class ScanFilter {
  private readonly tests: readonly PageTest[];
  /** What the tests leave; null when they are all there is. */
  private readonly rest: Predicate | null;
  /** All conditions, for pages without columns; null when there are none. */
  private readonly whole: Predicate | null;
  positions = new Int32Array(256);
  private keys: ColumnKeyFilter[] = [];

  /** `filter` is null where joins above restrict a scan without conditions. */
  constructor(
    private readonly cx: ExecContext,
    columns: readonly ColumnId[],
    filter: Expr | null,
  ) {
    const compiler = new Compiler(cx, columns);
    const parts = filter === null ? [] : filter.kind === 'and' ? filter.args : [filter];
    const tested = parts.map((part) => pageTest(compiler, part));
    this.tests = tested.filter((test) => test !== null);
    const rest = parts.filter((_, i) => tested[i] === null).map((part) => compiler.predicate(part));
    this.rest = rest.length === 0 ? null : allOf(rest);
    // In the order in which they were written down: what is made here is evaluated once for a row.
    let next = 0;
    const all = tested.map((test) => (test === null ? rest[next++] : test.byRow));
    this.whole = all.length === 0 ? null : allOf(all);
  }

  /** From now on rows without one of the keys in this column may be left out. */
  restrict(slot: number, keys: KeyFilter): void {
    this.keys.push(new ColumnKeyFilter(slot, keys));
  }

  clearKeys(): void {
    if (this.keys.length > 0) this.keys = [];
  }

  /** Appends the rows of the page that satisfy the filter. */
  *keep(page: HeapBatch, out: RowBuffer): Task<void> {
    const byColumn = this.keys.length > 0 || this.tests.length > 0;
    const columns = byColumn ? columnsOf(page) : null;
    if (columns === null) return yield* this.keepByRow(page, out);
    const count = yield* this.select(page, columns);
    const { positions } = this;
    for (let i = 0; i < count; i++) out.push(page.rows[positions[i]]);
  }

  /** The same without columns. */
  *keepByRow(page: HeapBatch, out: RowBuffer): Task<void> {
    if (this.whole !== null) yield* keepMatching(this.cx, page, this.whole, out);
    else for (let i = 0; i < page.length; i++) out.push(page.rows[i]);
  }

  /** Leaves the rows that satisfy the filter as the first of `positions`, and says how many they are. */
  *select(page: HeapBatch, columns: PageColumns): Task<number> {
    const count = this.narrow(page, columns);
    return this.rest === null ? count : yield* selectAt(this.cx, page, this.positions, count, this.rest);
  }

  private narrow(page: HeapBatch, columns: PageColumns): number {
    if (this.positions.length < page.length) this.positions = new Int32Array(page.length);
    const { positions, tests, keys } = this;
    let count = page.length;
    for (let i = 0; i < count; i++) positions[i] = i;
    for (let i = 0; i < tests.length && count > 0; i++) count = testPage(tests[i], page, columns, positions, count);
    for (let i = 0; i < keys.length && count > 0; i++) count = keys[i].narrow(columns, positions, count);
    return count;
  }
}

/** A condition that cannot fail, in two forms. */
interface PageTest {
  readonly byColumn: ColumnTest;
  readonly byRow: Predicate;
}

function pageTest(compiler: Compiler, part: Expr): PageTest | null {
  const byColumn = columnTest(compiler, part);
  return byColumn === null ? null : { byColumn, byRow: compiler.predicate(part) };
}

/** Pages whose columns do not fit into arrays are tested row by row. */
function testPage(
  { byColumn, byRow }: PageTest,
  { rows }: HeapBatch,
  columns: PageColumns,
  positions: Int32Array,
  count: number,
): number {
  const narrowed = byColumn(columns, positions, count);
  if (narrowed >= 0) return narrowed;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const at = positions[i];
    if (byRow(rows[at])) positions[kept++] = at;
  }
  return kept;
}

function* selectAt(
  cx: ExecContext,
  { rows }: HeapBatch,
  positions: Int32Array,
  count: number,
  predicate: Predicate,
): Task<number> {
  let kept = 0;
  let i = 0;
  while (i < count) {
    if (cx.overdue()) yield cx.giveWay();
    const end = Math.min(count, i + ROWS_PER_CLOCK_READ);
    try {
      for (; i < end; i++) if (predicate(rows[positions[i]])) positions[kept++] = positions[i];
    } catch (error) {
      yield suspension(error);
    }
  }
  return kept;
}
