/** Computes a new row from each row of the input. */
import type { ProjectNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { mapRows, rowMaker } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { Suspend } from './suspend.js';

export class Project extends Operator {
  private readonly make: (row: Row) => Row;
  /** The projection changes nothing: batches of the input are handed on. */
  private readonly identity: boolean;
  private readonly out = new RowBuffer();
  /** An input batch that `tryNext` could not finish. */
  private pending: Batch | null = null;

  constructor(
    cx: ExecContext,
    node: ProjectNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    this.make = rowMaker(new Compiler(cx, input.columns).compileAll(node.exprs));
    this.identity =
      node.exprs.length === input.columns.length &&
      node.exprs.every((expr, i) => expr.kind === 'column' && expr.id === input.columns[i]);
  }

  open(): void {
    this.pending = null;
    this.input.open();
  }

  override tryNext(): Batch | null | undefined {
    if (this.pending !== null) return undefined;
    const batch = this.input.tryNext();
    if (batch === undefined || batch === null || this.identity) return batch;
    const { out } = this;
    out.length = 0;
    try {
      for (let i = 0; i < batch.length; i++) out.push(this.make(batch.rows[i]));
    } catch (error) {
      if (!(error instanceof Suspend)) throw error;
      this.pending = batch;
      return undefined;
    }
    return out;
  }

  *next(): Task<Batch | null> {
    const { out } = this;
    const batch = this.pending ?? (yield* this.input.next());
    this.pending = null;
    if (batch === null || this.identity) return batch;
    out.length = 0;
    yield* mapRows(batch, this.make, out);
    return out;
  }

  close(): void {
    this.pending = null;
    this.input.close();
  }
}
