/**
 * Calls of functions in PL/pgSQL: as functions, procedures, triggers and DO blocks. A function is compiled once for a session
 * and the types of a call, and again when the catalog has changed.
 */
import type { ProcDesc } from '../../catalog/descriptors.js';
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { RoutineCall, TriggerCall } from '../../exec/exec-context.js';
import { type CallDepth, onOwnStack } from '../../exec/own-stack.js';
import { addContext } from '../../exec/row-context.js';
import { placeInStatement } from '../../sql/parser/body-position.js';
import type { RecordField } from '../../sql/plan/expression.js';
import { type FunctionUse, PLPGSQL } from '../../sql/plpgsql/read-function.js';
import { type Datum, PgRecord } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import { RoutineSettings } from '../routine-settings.js';
import type { Session } from '../session.js';
import { compileFunction } from './compile-function.js';
import type { CompiledFunction } from './compiled-function.js';
import { type Code, Frame, RETURN } from './frame.js';
import { giveWay, isDue } from './loop-steps.js';
import { fitted, outputsOf, WRONG_RECORD } from './return-steps.js';
import { PlRuntime } from './runtime.js';
import { fillTrigger } from './trigger-call.js';

interface Known {
  readonly catalogVersion: number;
  readonly fn: CompiledFunction;
}

export class PlRoutines {
  private shared: PlRuntime | null = null;
  private readonly known = new Map<string, Known>();
  /** Functions by their call sites. */
  private readonly sites = new WeakMap<object, Known>();

  constructor(
    private readonly session: () => Session,
    private readonly depth: CallDepth,
  ) {}

  runs(proc: ProcDesc): boolean {
    return proc.language === PLPGSQL;
  }

  /** What the session's calls share. */
  get runtime(): PlRuntime {
    this.shared ??= new PlRuntime(this.session());
    return this.shared;
  }

  /** The context of a message that is made now; undefined outside of calls. */
  contextText(): string | undefined {
    return this.shared?.contextText();
  }

  run(call: RoutineCall): readonly Datum[] | Task<readonly Datum[]> {
    if (call.proc.resultType === oid.TRIGGER)
      throw sqlError('feature_not_supported', 'trigger functions can only be called as triggers', {
        where: `compilation of PL/pgSQL function "${call.proc.name}" near line 1`,
      });
    const fn = this.functionAt(call);
    const frame = new Frame(fn, call, this.isNonAtomic(call));
    const rest = this.enter(frame, () => storeArguments(frame, call));
    return rest === null ? resultOf(frame) : resultLater(frame, rest);
  }

  /** A DO block that stands in `text`. `nonAtomic`: COMMIT and ROLLBACK are allowed. */
  *runInline(source: string, text: string, nonAtomic: boolean): Task<void> {
    const { runtime } = this;
    runtime.refresh();
    const proc = inlineProc(source, runtime.session.environment.currentRole);
    const call: RoutineCall = {
      ...{ proc, argTypes: [], resultType: oid.VOID, resultColumns: null, args: [], snapshot: null },
      nonAtomic,
    };
    const frame = new Frame(this.inline(call, text), call, nonAtomic);
    const rest = this.enter(frame, () => {});
    if (rest !== null) yield* rest;
  }

  /**
   * A trigger function. Gives the record that it returns, with the columns of the table in their order; null for NULL.
   * @throws SqlError 42804 for a record that does not fit, 39P01
   */
  *runTrigger(proc: ProcDesc, trigger: TriggerCall): Task<PgRecord | null> {
    if (this.depth.wantsOwnStack) return yield* onOwnStack(this.depth, () => this.triggered(proc, trigger));
    return yield* this.triggered(proc, trigger);
  }

  private *triggered(proc: ProcDesc, trigger: TriggerCall): Task<PgRecord | null> {
    const call: RoutineCall = {
      ...{ proc, argTypes: [], resultType: proc.resultType, resultColumns: null, args: [], snapshot: null },
    };
    const fn = this.function(call, `trigger ${trigger.relation.oid}`);
    const frame = new Frame(fn, call, false);
    const rest = this.enter(frame, () => fillTrigger(frame, trigger));
    if (rest !== null) yield* rest;
    if (!(frame.result instanceof PgRecord) || trigger.level === 'STATEMENT') return null;
    return frame.result;
  }

  private inline(call: RoutineCall, text: string): CompiledFunction {
    try {
      return compileFunction(this.runtime, call, true);
    } catch (error) {
      throw placeInStatement(error, text, call.proc.source);
    }
  }

  private isNonAtomic({ nonAtomic, proc }: RoutineCall): boolean {
    return nonAtomic === true && !proc.securityDefiner && proc.config.length === 0;
  }

  /** The function of a call; call sites remember theirs. */
  private functionAt(call: RoutineCall): CompiledFunction {
    const { runtime } = this;
    runtime.refresh();
    const { site } = call;
    const known = site === undefined ? undefined : this.sites.get(site);
    if (known?.catalogVersion === runtime.catalogVersion) return known.fn;
    const columns = (call.resultColumns ?? []).map(({ type }) => type).join();
    const fn = this.function(call, `${call.resultType}:${columns}`);
    if (site !== undefined) this.sites.set(site, { catalogVersion: runtime.catalogVersion, fn });
    return fn;
  }

  private function(use: FunctionUse, variant: string): CompiledFunction {
    const { runtime } = this;
    runtime.refresh();
    const key = `${use.proc.oid}(${use.argTypes.join()})${variant}`;
    const { catalogVersion } = runtime;
    const known = this.known.get(key);
    if (known !== undefined && known.catalogVersion === catalogVersion) return known.fn;
    const fn = compileFunction(runtime, use, false);
    this.known.set(key, { catalogVersion, fn });
    return fn;
  }

  /** Runs a call; gives what is left to be done where it has to wait. */
  private enter(frame: Frame, prepare: () => void): Task<void> | null {
    const { runtime, depth } = this;
    const outermost = depth.isOutermost;
    depth.enter();
    const { proc } = frame.call;
    if (proc.config.length > 0 || proc.securityDefiner) frame.settings = new RoutineSettings(runtime.session, proc);
    frame.outerParams = runtime.cx.params;
    runtime.frames.push(frame);
    let rest: Task<void> | null = null;
    try {
      if (outermost) runtime.begin();
      if (frame.settings !== null) {
        frame.settings.apply();
        runtime.refresh();
      }
      prepare();
      frame.values[frame.fn.tree.found] = false;
      frame.at = frame.fn.body;
      rest = isDue(frame) ? runLater(frame) : runNow(frame);
    } catch (error) {
      throw this.failed(frame, error);
    } finally {
      if (rest === null) this.leave(frame);
    }
    return rest === null ? null : this.finish(frame, rest);
  }

  private *finish(frame: Frame, rest: Task<void>): Task<void> {
    try {
      yield* rest;
    } catch (error) {
      throw this.failed(frame, error);
    } finally {
      this.leave(frame);
    }
  }

  private failed(frame: Frame, error: unknown): unknown {
    return error === frame.rethrown ? error : addContext(error, frame.describe());
  }

  private leave(frame: Frame): void {
    const { runtime } = this;
    this.depth.leave();
    runtime.frames.splice(runtime.frames.lastIndexOf(frame), 1);
    runtime.cx.params = frame.outerParams;
    frame.settings?.restore();
  }
}

function* resultLater(frame: Frame, rest: Task<void>): Task<readonly Datum[]> {
  yield* rest;
  return resultOf(frame);
}

function runNow(frame: Frame): Task<void> | null {
  const outcome = frame.fn.body.run(frame);
  if (typeof outcome !== 'number') return endLater(frame, outcome);
  end(frame, outcome);
  return null;
}

function* runLater(frame: Frame): Task<void> {
  yield* giveWay(frame);
  const rest = runNow(frame);
  if (rest !== null) yield* rest;
}

function* endLater(frame: Frame, outcome: Task<Code>): Task<void> {
  end(frame, yield* outcome);
}

/** The body has ended: its result is brought to the function's type. @throws SqlError 2F005 and what the cast throws */
function end(frame: Frame, code: Code): void {
  const { tree, proc, resultType } = frame.fn;
  frame.at = null;
  const mayEnd = proc.returnsSet || resultType === oid.VOID || tree.outputs.length > 0;
  if (code !== RETURN && !mayEnd) throw noReturn(tree.trigger !== null);
  if (proc.returnsSet || tree.trigger !== null) return;
  if (resultType === oid.VOID) frame.result = '';
  if (tree.outputs.length > 0) frame.result = outputsOf(frame);
  frame.during = CASTING;
  if (frame.resultCast !== null) frame.result = frame.resultCast(frame.result);
  if (frame.fn.resultComposite && tree.outputs.length <= 1 && proc.kind !== 'p')
    frame.result = fitted(frame, frame.result, WRONG_RECORD);
  frame.during = null;
}

const CASTING = { text: "while casting return value to function's return type", line: 0 };

function noReturn(trigger: boolean): SqlError {
  const what = trigger ? 'trigger procedure' : 'function';
  const message = `control reached end of ${what} without RETURN`;
  return sqlError('function_executed_no_return_statement', message);
}

function storeArguments(frame: Frame, { args }: RoutineCall): void {
  frame.fn.tree.inputs.forEach((dno, i) => {
    frame.values[dno] = args[i];
    const shape = frame.fn.tree.variables[dno].type.oid === oid.RECORD ? shapeOfArgument(frame, args[i]) : null;
    if (shape !== null) frame.shapes[dno] = shape;
  });
}

function shapeOfArgument(frame: Frame, value: Datum): readonly RecordField[] | null {
  return value instanceof PgRecord ? frame.fn.runtime.shapeOf(value) : null;
}

function resultOf(frame: Frame): readonly Datum[] {
  if (frame.call.proc.returnsSet) return frame.results;
  return [frame.result];
}

/** What a DO block would be as a function. */
function inlineProc(source: string, owner: number): ProcDesc {
  return {
    ...{ oid: 0, name: 'inline_code_block', namespace: 0, owner, acl: null, language: PLPGSQL, kind: 'f' },
    ...{ strict: false, returnsSet: false, volatility: 'v', argTypes: [], argDefaults: 0, variadic: 0 },
    ...{ resultType: oid.VOID, allArgTypes: null, argModes: null, argNames: null, defaultTexts: null },
    ...{ source, body: null, securityDefiner: false, config: [], rows: 0 },
  };
}
