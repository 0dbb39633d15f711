/** VALUES lists; also the one-row source of INSERT … VALUES. */
import type { Expr } from '../sql/plan/expression.js';
import type { FurtherTuples, ValuesNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { evaluateWithoutRow, rowMaker } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { Suspend, suspension } from './suspend.js';

const NO_ROW: Row = [];
/** Tuples bound between looks at the clock. */
const TUPLES_PER_CLOCK_READ = 16;

export class Values extends Operator {
  private readonly compiler: Compiler;
  private readonly further: FurtherTuples | null;
  private readonly makers: readonly ((row: Row) => Row)[];
  private readonly out = new RowBuffer();
  private position = 0;

  constructor(
    private readonly cx: ExecContext,
    node: ValuesNode,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, []);
    this.compiler = compiler;
    this.makers = node.tuples.map((tuple) => rowMaker(compiler.compileAll(tuple)));
    this.further = node.further ?? null;
  }

  open(): void {
    this.position = 0;
  }

  /** The short way of INSERT … VALUES with one row. */
  override tryNext(): Batch | null | undefined {
    const { out, makers } = this;
    if (this.further !== null) return undefined;
    if (this.position >= makers.length) return null;
    if (makers.length > 1) return undefined;
    out.length = 0;
    try {
      out.push(makers[0](NO_ROW));
    } catch (error) {
      if (error instanceof Suspend) return undefined;
      throw error;
    }
    this.position = 1;
    return out;
  }

  *next(): Task<Batch | null> {
    const { out, makers } = this;
    if (this.cx.overdue()) yield this.cx.giveWay();
    out.length = 0;
    const end = Math.min(makers.length, this.position + BATCH_SIZE);
    while (this.position < end) {
      try {
        for (; this.position < end; this.position++) out.push(makers[this.position](NO_ROW));
      } catch (error) {
        yield suspension(error);
      }
    }
    if (out.length === 0 && this.further !== null) yield* this.bindFurther(this.further);
    return out.length === 0 ? null : out;
  }

  /** Rows of tuples that are bound now. */
  private *bindFurther(further: FurtherTuples): Task<void> {
    const { out, cx } = this;
    while (out.length < BATCH_SIZE) {
      const from = this.position - this.makers.length;
      if (from >= further.length) return;
      for (const tuple of further.bind(from, TUPLES_PER_CLOCK_READ)) {
        out.push(constantRow(tuple) ?? (yield* this.rowOf(tuple)));
        this.position++;
      }
      if (cx.overdue()) yield cx.giveWay();
    }
  }

  private *rowOf(tuple: readonly Expr[]): Task<Row> {
    const row: Row = [];
    for (const expr of tuple) {
      row.push(expr.kind === 'const' ? expr.value : yield* evaluateWithoutRow(this.compiler.compile(expr)));
    }
    return row;
  }

  close(): void {
    this.position = this.makers.length;
  }
}

/** Null when an item has to be computed. */
function constantRow(tuple: readonly Expr[]): Row | null {
  const row: Row = [];
  for (const expr of tuple) {
    if (expr.kind !== 'const') return null;
    row.push(expr.value);
  }
  return row;
}
