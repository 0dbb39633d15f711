/** Drops the rows for which the predicate is not true. */
import type { ColumnId } from '../sql/plan/expression.js';
import type { FilterNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import { keepMatching } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import { type Batch, Operator, RowBuffer } from './operator.js';

export class Filter extends Operator {
  private readonly predicate: Predicate;
  private readonly out = new RowBuffer();

  constructor(
    private readonly cx: ExecContext,
    node: FilterNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    this.predicate = new Compiler(cx, input.columns).predicate(node.predicate);
  }

  open(): void {
    this.input.open();
  }

  override boundedBytes(column: ColumnId): number | null {
    return this.input.boundedBytes(column);
  }

  *next(): Task<Batch | null> {
    const { out, input } = this;
    for (;;) {
      const ready = input.tryNext();
      const batch = ready === undefined ? yield* input.next() : ready;
      if (batch === null) return null;
      out.length = 0;
      yield* keepMatching(this.cx, batch, this.predicate, out);
      if (out.length > 0) return out;
    }
  }

  close(): void {
    this.input.close();
  }
}
