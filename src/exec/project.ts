/** Computes a new row from each row of the input. */

import { someExpr } from '../sql/plan/expr-children.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { ProjectNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { Task } from '../util/task.js';
import { mapRows, mapSomeRows, rowMaker } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { Suspend } from './suspend.js';
import { boundedBytes } from './value-size.js';

/** Types of values that are short whatever computes them. */
const SHORT_TYPES = new Set<number>([
  oid.BOOL,
  oid.INT2,
  oid.INT4,
  oid.INT8,
  oid.FLOAT4,
  oid.FLOAT8,
  oid.NUMERIC,
  oid.OID,
  oid.DATE,
  oid.TIME,
  oid.TIMESTAMP,
  oid.TIMESTAMPTZ,
  oid.INTERVAL,
  oid.UUID,
]);

/** Whether values of any length may come out of it. */
function isHeavy(expr: Expr): boolean {
  const made = expr.kind === 'function' || expr.kind === 'coerce via io' || expr.kind === 'subplan';
  return made && !SHORT_TYPES.has(expr.type);
}

export class Project extends Operator {
  private readonly make: (row: Row) => Row;
  /** The projection changes nothing: batches of the input are handed on. */
  private readonly identity: boolean;
  private readonly out = new RowBuffer();
  /** An input batch that `tryNext` could not finish. */
  private pending: Batch | null = null;
  /** The first row of it that is not done. */
  private position = 0;
  /** Values may be long or take long: batches are cut where it becomes too much. */
  private readonly heavy: boolean;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: ProjectNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    this.make = rowMaker(new Compiler(cx, input.columns).compileAll(node.exprs));
    this.heavy = node.exprs.some((expr) => someExpr(expr, isHeavy));
    this.identity =
      node.exprs.length === input.columns.length &&
      node.exprs.every((expr, i) => expr.kind === 'column' && expr.id === input.columns[i]);
  }

  open(): void {
    this.pending = null;
    this.position = 0;
    this.input.open();
  }

  override boundedBytes(column: ColumnId): number | null {
    const expr = this.node.exprs[this.columns.indexOf(column)];
    return expr.kind === 'column' ? this.input.boundedBytes(expr.id) : boundedBytes(expr.type, expr.typmod);
  }

  override tryNext(): Batch | null | undefined {
    if (this.pending !== null) return undefined;
    const batch = this.input.tryNext();
    if (batch === undefined || batch === null || this.identity) return batch;
    if (this.heavy && batch.length > 1) {
      this.pending = batch;
      return undefined;
    }
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
    if (!this.heavy) {
      yield* mapRows(this.cx, batch, this.make, out);
      return out;
    }
    this.position = yield* mapSomeRows(this.cx, batch, this.position, this.make, out);
    if (this.position < batch.length) this.pending = batch;
    else this.position = 0;
    return out;
  }

  close(): void {
    this.pending = null;
    this.input.close();
  }
}
