/**
 * Calls of functions whose body is made of statements. A call is a task: where it has to wait, evaluation is suspended and
 * the next evaluation of the same row goes on with it. Its result is kept until then as well, so that a call that has
 * changed something is not made twice for a row that is evaluated again.
 */
import type { ProcDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import type { FunctionExpr } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import {
  type ExecContext,
  type ExecServices,
  isDone,
  type Resettable,
  type RoutineCall,
  type Routines,
  routineApart,
} from '../exec-context.js';
import { Gate, Suspend } from '../suspend.js';
import type { CallTypes } from './call-site.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';

const NOTHING: readonly Datum[] = [];

/** Undefined for functions that have code of their own. */
export function routinesFor(services: ExecServices, proc: ProcDesc): Routines | undefined {
  return services.routines?.runs(proc) === true ? services.routines : undefined;
}

class RoutineSite implements Resettable {
  private task: Task<readonly Datum[]> | null = null;
  private gate: Gate | null = null;
  private row: Row | null = null;
  private args: readonly Datum[] = NOTHING;
  private result: readonly Datum[] | null = null;
  private suspensions = 0;

  constructor(
    private readonly cx: ExecContext,
    private readonly routines: Routines,
    private readonly expr: FunctionExpr,
  ) {
    cx.onReset(this);
  }

  /** @throws Suspend */
  get(row: Row, args: readonly Datum[]): readonly Datum[] {
    if (this.row === row && this.sameArguments(args)) {
      if (this.task !== null) return this.resume(this.task);
      if (this.result !== null && this.suspensions !== this.cx.suspensions) {
        this.suspensions = this.cx.suspensions;
        return this.result;
      }
    }
    this.close();
    this.row = row;
    this.args = args;
    const { routines } = this;
    const call = callOf(this.cx, this.expr, args);
    const run = routines.depth.wantsOwnStack ? routineApart(routines, call) : routines.run(call);
    if (isDone(run)) {
      this.result = run;
      this.suspensions = this.cx.suspensions;
      return run;
    }
    this.task = run;
    return this.resume(run);
  }

  private resume(task: Task<readonly Datum[]>): readonly Datum[] {
    if (this.gate !== null && !this.gate.over) throw new Suspend(this.gate);
    this.gate = null;
    const step = this.advance(task);
    if (step.done) {
      this.task = null;
      this.result = step.value;
      this.suspensions = this.cx.suspensions;
      return step.value;
    }
    this.gate = new Gate(step.value);
    this.cx.suspensions++;
    throw new Suspend(this.gate);
  }

  private advance(task: Task<readonly Datum[]>) {
    try {
      return task.next();
    } catch (error) {
      this.task = null;
      this.close();
      throw error;
    }
  }

  /** Values that are objects are made anew with every evaluation. */
  private sameArguments(args: readonly Datum[]): boolean {
    return args.every((arg, i) => Object.is(arg, this.args[i]) || (arg !== null && typeof arg === 'object'));
  }

  reset(): void {
    this.close();
  }

  close(): void {
    const { task } = this;
    this.task = null;
    this.gate = null;
    this.row = null;
    this.result = null;
    task?.return(NOTHING);
  }
}

const ARG_TYPES = new WeakMap<FunctionExpr, readonly number[]>();

function argTypes(expr: FunctionExpr): readonly number[] {
  let types = ARG_TYPES.get(expr);
  if (types === undefined) {
    types = expr.args.map((arg) => arg.type);
    ARG_TYPES.set(expr, types);
  }
  return types;
}

function callOf(cx: ExecContext, expr: FunctionExpr, args: readonly Datum[]): RoutineCall {
  return {
    proc: expr.proc,
    argTypes: argTypes(expr),
    resultType: expr.type,
    resultColumns: expr.resultColumns ?? null,
    args,
    snapshot: cx.snapshot,
    site: expr,
  };
}

/** All that one call returns; nothing for a strict function with a NULL argument. */
export function compileRoutine(
  compiler: ExpressionCompiler,
  expr: FunctionExpr,
  routines: Routines,
): (row: Row) => readonly Datum[] {
  const { cx } = compiler;
  const args = expr.args.map((arg) => compiler.compile(arg));
  const { strict } = expr.proc;
  if (!cx.mayWait) {
    return (row) => {
      const values = args.map((arg) => arg(row));
      return strict && values.includes(null) ? NOTHING : runAtOnce(routines, callOf(cx, expr, values));
    };
  }
  const site = new RoutineSite(cx, routines, expr);
  return (row) => {
    const values = args.map((arg) => arg(row));
    return strict && values.includes(null) ? NOTHING : site.get(row, values);
  };
}

export function compileRoutineValue(compiler: ExpressionCompiler, expr: FunctionExpr, routines: Routines): Evaluator {
  const call = compileRoutine(compiler, expr, routines);
  return (row) => {
    const [value] = call(row);
    return value === undefined ? null : value;
  };
}

/** For places where nobody can wait. @throws SqlError 0A000 when the body has to */
function runAtOnce(routines: Routines, call: RoutineCall): readonly Datum[] {
  const task = routines.run(call);
  if (isDone(task)) return task;
  for (;;) {
    const step = task.next();
    if (step.done) return step.value;
    if (step.value.event === undefined) {
      step.value.atOnce?.();
      continue;
    }
    task.return(NOTHING);
    throw notSupported(`waiting inside function ${call.proc.name} in this place`);
  }
}

/** Code for a function that is called outside of expressions (transitions of aggregates, operators of sorts). */
export function routineCode(proc: ProcDesc, types: CallTypes, routines: Routines): (...args: Datum[]) => Datum {
  const { argTypes, resultType, resultColumns = null } = types;
  return (...args) => {
    const [value] = runAtOnce(routines, { proc, argTypes, resultType, resultColumns, args, snapshot: null });
    return value === undefined ? null : value;
  };
}
