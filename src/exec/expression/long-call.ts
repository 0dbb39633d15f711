/**
 * Calls that may take long. They are made as a task: while it waits, evaluation is suspended (suspend.ts), and the next
 * evaluation for the same row goes on with it. Its arguments are kept and not evaluated again, and its result is kept
 * until it is asked for with other columns: an expression may hold several such calls.
 */
import type { LongCalls } from '../../sql/functions/registry.js';
import { someExpr } from '../../sql/plan/expr-children.js';
import type { ColumnId, Expr } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import { attempt, TakesLong } from '../../util/effort.js';
import type { Task, Wait } from '../../util/task.js';
import type { Cell, ExecContext, Resettable } from '../exec-context.js';
import { Gate, Suspend } from '../suspend.js';
import { valueBytes } from '../value-size.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { type Code, hasLongCalls } from './function-code.js';

class LongCall implements Resettable {
  private task: Task<Datum> | null = null;
  private gate: Gate | null = null;
  private result: { readonly value: Datum } | null = null;
  private reserved = 0;
  /** What the columns were when the call was made. */
  private readonly inputs: Datum[] = [];
  private resultSuspensions = 0;

  constructor(
    private readonly cx: ExecContext,
    private readonly long: LongCalls,
    private readonly columns: readonly Evaluator[],
    /** The arguments may differ although the columns are the same. */
    private readonly unstable: boolean,
  ) {
    cx.onReset(this);
  }

  /** Whether `resume` has to do with this row: the call is under way, or its result is known. */
  concerns(row: Row): boolean {
    if (this.task === null && this.result === null) return false;
    const same = this.columns.every((column, i) => Object.is(column(row), this.inputs[i]));
    if (same && (this.task !== null || !this.unstable || this.resultSuspensions !== this.cx.suspensions)) return true;
    this.close();
    return false;
  }

  start(row: Row, args: readonly Datum[]): Datum {
    this.close();
    this.columns.forEach((column, i) => {
      this.inputs[i] = column(row);
    });
    let bytes = 0;
    for (const arg of args) bytes += valueBytes(arg);
    this.cx.reserve(bytes);
    this.reserved = bytes;
    this.task = this.long.run(args);
    return this.resume();
  }

  resume(): Datum {
    if (this.task === null) return this.result === null ? null : this.result.value;
    if (this.gate !== null && !this.gate.over) throw new Suspend(this.gate);
    this.cx.checkInterrupt();
    const step = this.advance(this.task);
    if (step.done) {
      this.close();
      this.result = { value: step.value };
      this.resultSuspensions = this.cx.suspensions;
      return step.value;
    }
    const gate = new Gate(step.value);
    this.gate = gate;
    this.cx.suspensions++;
    this.cx.onInterrupt = () => gate.open();
    throw new Suspend(gate);
  }

  private advance(task: Task<Datum>): IteratorResult<Wait, Datum> {
    try {
      return task.next();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  reset(): void {
    this.close();
  }

  close(): void {
    const { task } = this;
    this.task = null;
    this.gate = null;
    this.result = null;
    if (this.reserved > 0) this.cx.reserve(-this.reserved);
    this.reserved = 0;
    task?.return(null);
  }
}

/** Evaluates the call, at once where its code can. `strict`: a NULL argument makes the result NULL. */
export function compileLongCall(
  compiler: ExpressionCompiler,
  exprs: readonly Expr[],
  strict: boolean,
  code: Code,
  long: LongCalls,
  args: readonly Evaluator[] = exprs.map((arg) => compiler.compile(arg)),
): Evaluator {
  let call: LongCall | null = null;
  return (row) => {
    if (call?.concerns(row)) return call.resume();
    const values: Datum[] = [];
    for (const arg of args) values.push(arg(row));
    if (strict && values.includes(null)) return null;
    if (!long.isLong(values)) {
      const value = attempt(() => code(...values));
      if (!(value instanceof TakesLong)) return value;
    }
    call ??= newLongCall(compiler, exprs, long);
    return call.start(row, values);
  };
}

/** Whether evaluating the expression may throw a `Suspend`. */
export function maySuspend(cx: ExecContext, expr: Expr): boolean {
  return someExpr(
    expr,
    (part) =>
      isUnstable(part) ||
      part.kind === 'coerce via io' ||
      (part.kind === 'function' && hasLongCalls(cx.services, part.proc)),
  );
}

function newLongCall(compiler: ExpressionCompiler, exprs: readonly Expr[], long: LongCalls): LongCall {
  const ids = new Set<ColumnId>();
  let unstable = false;
  for (const arg of exprs) {
    someExpr(arg, (part) => {
      if (part.kind === 'column') ids.add(part.id);
      if (part.kind === 'subplan') for (const id of part.correlation) ids.add(id);
      if (isUnstable(part)) unstable = true;
      return false;
    });
  }
  const { cx } = compiler;
  const columns = [...ids].map((id) => {
    const slot = compiler.slot(id);
    if (slot >= 0) return (row: Row): Datum => row[slot];
    const cell: Cell = cx.cell(id);
    return (): Datum => cell.value;
  });
  return new LongCall(cx, long, columns, unstable);
}

function isUnstable(expr: Expr): boolean {
  return expr.kind === 'subplan' || (expr.kind === 'function' && expr.proc.volatility === 'v');
}
