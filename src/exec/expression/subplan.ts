/**
 * Subqueries in expressions. A run of the plan is a task; where it has to wait, evaluation throws a `Suspend` and the
 * half-run task is kept for the next evaluation of the same row. A completed run is remembered together with the values
 * it depended on: uncorrelated subplans run once an execution, others again when a correlated value has changed. That
 * also guarantees progress for expressions with several subplans.
 */
import type { SubplanExpr } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { Cell, ExecContext, Resettable } from '../exec-context.js';
import type { Operator } from '../operator.js';
import type { RowStore } from '../row-store.js';
import { Suspend } from '../suspend.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { hashedMembership } from './hashed-subplan.js';
import { isVolatilePlan, outerStores } from './plan-dependence.js';
import { quantifiedTest } from './quantified-subplan.js';
import { singleResult } from './scalar-subplan.js';

/** Runs the plan over for the current values of the cells. `R` is what a completed run leaves. */
export type RunPlan<R> = (plan: Operator) => Task<R>;

export class SubplanRun<R> implements Resettable {
  private readonly plan: Operator;
  private readonly sources: readonly { readonly slot: number; readonly cell: Cell }[];
  private readonly inputs: readonly Cell[];
  private readonly stores: readonly RowStore[];
  private readonly volatile: boolean;
  private task: Task<R> | null = null;
  private result: { readonly value: R } | null = null;
  private readonly resultInputs: Datum[] = [];
  private resultGeneration = 0;
  private resultSuspensions = 0;

  constructor(
    private readonly cx: ExecContext,
    compiler: ExpressionCompiler,
    expr: SubplanExpr,
    private readonly run: RunPlan<R>,
  ) {
    this.inputs = expr.correlation.map((id) => cx.cell(id));
    this.sources = expr.correlation.flatMap((id) => {
      const slot = compiler.slot(id);
      return slot < 0 ? [] : [{ slot, cell: cx.cell(id) }];
    });
    this.stores = outerStores(expr.plan, cx);
    this.volatile = expr.correlation.length > 0 && isVolatilePlan(expr.plan);
    this.plan = cx.instantiate(expr.plan, cx);
    cx.onReset(this);
  }

  reset(): void {
    this.close();
    this.result = null;
  }

  close(): void {
    if (this.task !== null) this.plan.close();
    this.task = null;
  }

  /** What the plan gives for the row. @throws Suspend */
  get(row: Row): R {
    for (const { slot, cell } of this.sources) cell.value = row[slot];
    if (this.task === null) {
      if (this.result !== null && this.isCurrent()) return this.result.value;
      this.task = this.run(this.plan);
      this.plan.open();
    }
    let state: IteratorResult<unknown, R>;
    try {
      state = this.task.next();
    } catch (error) {
      this.close();
      throw error;
    }
    if (!state.done) {
      this.cx.suspensions++;
      throw new Suspend(state.value as ConstructorParameters<typeof Suspend>[0]);
    }
    this.close();
    return this.remember(state.value);
  }

  private remember(value: R): R {
    this.result = { value };
    for (let i = 0; i < this.inputs.length; i++) this.resultInputs[i] = this.inputs[i].value;
    this.resultGeneration = this.generation();
    this.resultSuspensions = this.cx.suspensions;
    return value;
  }

  private isCurrent(): boolean {
    // A volatile plan is run for every row, but not twice for a row that is only evaluated again.
    if (this.volatile && this.resultSuspensions === this.cx.suspensions) return false;
    for (let i = 0; i < this.inputs.length; i++) {
      if (!Object.is(this.inputs[i].value, this.resultInputs[i])) return false;
    }
    return this.stores.length === 0 || this.resultGeneration === this.generation();
  }

  private generation(): number {
    let sum = 0;
    for (const store of this.stores) sum += store.generation;
    return sum;
  }
}

export function compileSubplan(compiler: ExpressionCompiler, expr: SubplanExpr): Evaluator {
  const { cx } = compiler;
  if (expr.mode === 'any' || expr.mode === 'all') {
    if (expr.mode === 'any' && expr.hash !== null) {
      const { build, test } = hashedMembership(compiler, expr, expr.hash);
      const run = new SubplanRun(cx, compiler, expr, build);
      return (row) => test(run.get(row), row);
    }
    const { collect, test } = quantifiedTest(compiler, expr);
    const run = new SubplanRun(cx, compiler, expr, collect);
    return (row) => test(run.get(row), row);
  }
  const run = new SubplanRun(cx, compiler, expr, singleResult(cx, expr));
  return (row) => run.get(row);
}
