/**
 * Calls of functions in PL/pgSQL: as functions, procedures, triggers and DO blocks. A function is compiled once for a session
 * and the types of a call, and again when the catalog has changed.
 */
import type { ProcDesc } from '../../catalog/descriptors.js';
import { stackDepthExceeded } from '../../errors/runtime-limits.js';
import { sqlError } from '../../errors/sql-error.js';
import type { RoutineCall, Routines, TriggerCall } from '../../exec/exec-context.js';
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
import { Frame, RETURN } from './frame.js';
import { giveWay, isDue } from './loop-steps.js';
import { fitted, outputsOf } from './return-steps.js';
import { PlRuntime } from './runtime.js';
import { fillTrigger } from './trigger-call.js';

/** Calls inside calls; deeper ones would use up the stack. */
const MAX_DEPTH = 400;

interface Known {
  readonly catalogVersion: number;
  readonly fn: CompiledFunction;
}

export class PlRoutines implements Routines {
  private shared: PlRuntime | null = null;
  private readonly known = new Map<string, Known>();
  private depth = 0;

  constructor(private readonly session: () => Session) {}

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

  *run(call: RoutineCall): Task<readonly Datum[]> {
    if (call.proc.resultType === oid.TRIGGER)
      throw sqlError('feature_not_supported', 'trigger functions can only be called as triggers');
    const fn = this.function(call, `${call.resultType}:${(call.resultColumns ?? []).map(({ type }) => type).join()}`);
    const frame = new Frame(fn, call, this.isNonAtomic(call));
    yield* this.enter(frame, () => storeArguments(frame, call));
    return resultOf(frame);
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
    yield* this.enter(frame, () => {});
  }

  /**
   * A trigger function. Gives the record that it returns, with the columns of the table in their order; null for NULL.
   * @throws SqlError 42804 for a record that does not fit, 39P01
   */
  *runTrigger(proc: ProcDesc, trigger: TriggerCall): Task<PgRecord | null> {
    const call: RoutineCall = {
      ...{ proc, argTypes: [], resultType: proc.resultType, resultColumns: null, args: [], snapshot: null },
    };
    const fn = this.function(call, `trigger ${trigger.relation.oid}`);
    const frame = new Frame(fn, call, false);
    yield* this.enter(frame, () => fillTrigger(frame, trigger));
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

  private function(use: FunctionUse, variant: string): CompiledFunction {
    const { runtime } = this;
    runtime.refresh();
    const key = `${use.proc.oid}(${use.argTypes.join()})${variant}`;
    const catalogVersion = runtime.session.environment.catalog.version;
    const known = this.known.get(key);
    if (known !== undefined && known.catalogVersion === catalogVersion) return known.fn;
    const fn = compileFunction(runtime, use, false);
    this.known.set(key, { catalogVersion, fn });
    return fn;
  }

  /** Runs a call to its end. */
  private *enter(frame: Frame, prepare: () => void): Task<void> {
    if (this.depth >= MAX_DEPTH) throw stackDepthExceeded();
    const { runtime } = this;
    const { session } = runtime;
    const settings = new RoutineSettings(session, frame.call.proc);
    const { params } = runtime.cx;
    this.depth++;
    runtime.frames.push(frame);
    try {
      if (this.depth === 1) runtime.begin();
      settings.apply();
      runtime.refresh();
      if (isDue(frame)) yield* giveWay(frame);
      prepare();
      yield* runBody(frame);
    } catch (error) {
      throw error === frame.rethrown ? error : addContext(error, frame.describe());
    } finally {
      this.depth--;
      runtime.frames.splice(runtime.frames.lastIndexOf(frame), 1);
      runtime.cx.params = params;
      settings.restore();
    }
  }
}

function* runBody(frame: Frame): Task<void> {
  const { fn } = frame;
  const { body, tree, proc } = fn;
  frame.values[tree.found] = false;
  frame.at = body;
  const outcome = body.run(frame);
  const code = typeof outcome === 'number' ? outcome : yield* outcome;
  frame.at = null;
  const mayEnd = proc.returnsSet || fn.resultType === oid.VOID || tree.outputs.length > 0 || proc.kind === 'p';
  if (code !== RETURN && !mayEnd)
    throw sqlError(
      'function_executed_no_return_statement',
      tree.trigger === null
        ? 'control reached end of function without RETURN'
        : 'control reached end of trigger procedure without RETURN',
    );
  if (proc.returnsSet || tree.trigger !== null) return;
  if (fn.resultType === oid.VOID) frame.result = '';
  if (tree.outputs.length > 0) frame.result = outputsOf(frame);
  frame.during = { text: "while casting return value to function's return type", line: 0 };
  if (frame.resultCast !== null) frame.result = frame.resultCast(frame.result);
  if (fn.resultComposite && tree.outputs.length <= 1 && proc.kind !== 'p')
    frame.result = fitted(frame, frame.result, 'returned record type does not match expected record type');
  frame.during = null;
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
