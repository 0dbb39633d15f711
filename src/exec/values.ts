/** VALUES lists; also the one-row source of INSERT … VALUES. */
import type { ValuesNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { rowMaker } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { Suspend, suspension } from './suspend.js';

const NO_ROW: Row = [];

export class Values extends Operator {
  private readonly makers: readonly ((row: Row) => Row)[];
  private readonly out = new RowBuffer();
  private position = 0;

  constructor(
    private readonly cx: ExecContext,
    node: ValuesNode,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, []);
    this.makers = node.tuples.map((tuple) => rowMaker(compiler.compileAll(tuple)));
  }

  open(): void {
    this.position = 0;
  }

  /** The short way of INSERT … VALUES with one row. */
  override tryNext(): Batch | null | undefined {
    const { out, makers } = this;
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
    return out.length === 0 ? null : out;
  }

  close(): void {
    this.position = this.makers.length;
  }
}
