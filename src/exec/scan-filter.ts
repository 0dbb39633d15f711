/**
 * The filter of a scan over pages: what can be tested column by column goes first and leaves positions, the rest is
 * evaluated for the rows at these. Pages without columns are filtered row by row.
 */
import { someExpr } from '../sql/plan/expr-children.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { HeapBatch } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { keepMatching } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { type ColumnTest, columnTest } from './expression/column-test.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import type { RowBuffer } from './operator.js';
import { columnsOf } from './page-columns.js';
import { suspension } from './suspend.js';

export class ScanFilter {
  private readonly tests: readonly ColumnTest[];
  /** What the tests leave; null when they are all there is. */
  private readonly rest: Predicate | null;
  private positions = new Int32Array(256);

  constructor(
    cx: ExecContext,
    columns: readonly ColumnId[],
    filter: Expr,
    private readonly whole: Predicate,
  ) {
    const compiler = new Compiler(cx, columns);
    // A subquery would be there twice, in the rest and in the whole.
    const simple = !someExpr(filter, (part) => part.kind === 'subplan');
    const parts = filter.kind === 'and' ? filter.args : [filter];
    const tested = parts.map((part) => (simple ? columnTest(compiler, part) : null));
    this.tests = tested.filter((test) => test !== null);
    const rest = conjoin(
      filter,
      parts.filter((_, i) => tested[i] === null),
    );
    this.rest = !simple || rest === null ? null : compiler.predicate(rest);
  }

  /** Appends the rows of the page that satisfy the filter. */
  *keep(page: HeapBatch, out: RowBuffer): Task<void> {
    const columns = this.tests.length === 0 ? null : columnsOf(page);
    if (columns === null) return yield* keepMatching(page, this.whole, out);
    if (this.positions.length < page.length) this.positions = new Int32Array(page.length);
    const { positions, rest } = this;
    let count = page.length;
    for (let i = 0; i < count; i++) positions[i] = i;
    for (const test of this.tests) {
      if (count === 0) return;
      count = test(columns, positions, count);
      if (count < 0) return yield* keepMatching(page, this.whole, out);
    }
    const { rows } = page;
    if (rest === null) for (let i = 0; i < count; i++) out.push(rows[positions[i]]);
    else yield* keepAt(page, positions, count, rest, out);
  }
}

function conjoin(filter: Expr, parts: readonly Expr[]): Expr | null {
  if (parts.length === 0) return null;
  return filter.kind === 'and' ? { ...filter, args: parts } : parts[0];
}

function* keepAt(
  { rows }: HeapBatch,
  positions: Int32Array,
  count: number,
  predicate: Predicate,
  out: RowBuffer,
): Task<void> {
  let i = 0;
  while (i < count) {
    try {
      for (; i < count; i++) {
        const row = rows[positions[i]];
        if (predicate(row)) out.push(row);
      }
    } catch (error) {
      yield suspension(error);
    }
  }
}
