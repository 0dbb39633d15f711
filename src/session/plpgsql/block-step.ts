/** Blocks: initial values of their variables, and the subtransaction of those with handlers. */

import { runtimeLimit } from '../../errors/runtime-limits.js';
import { SqlError } from '../../errors/sql-error.js';
import { catches } from '../../sql/plpgsql/conditions.js';
import type { BlockStatement, Variable } from '../../sql/plpgsql/syntax.js';
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { PlExpression } from './expression.js';
import { type Code, EXIT, type Frame, NEXT, type Outcome, runSteps, type Step } from './frame.js';
import { assign, setVariable } from './records.js';
import type { StepCompiler } from './step-compiler.js';

interface Initial {
  readonly variable: Variable;
  readonly value: PlExpression | null;
}

interface Handler {
  readonly conditions: readonly string[];
  readonly body: readonly Step[];
}

export function blockStep(compiler: StepCompiler, block: BlockStatement): Step {
  const initials = block.variables.map((dno): Initial => {
    const variable = compiler.variable(dno);
    const { type, initial } = variable;
    const wanted = type.composite ? null : { type: type.oid, typmod: type.typmod };
    return { variable, value: initial === null ? null : compiler.expression(initial, wanted) };
  });
  const body = compiler.steps(block.body);
  const { line, label, handlers } = block;
  const leave = (frame: Frame, code: Code): Code => leaveBlock(frame, code, label);
  const runBody =
    handlers === null
      ? (frame: Frame): Outcome => left(frame, runSteps(frame, body), leave)
      : handledBody(compiler, block, body, leave);
  const step: Step = {
    line,
    what: 'statement block',
    run(frame) {
      for (let i = 0; i < initials.length; i++) {
        const { variable, value } = initials[i];
        if (value === null) {
          reset(frame, variable);
          continue;
        }
        frame.during = { text: 'during statement block local variable initialization', line: variable.line };
        const datum = value.tryValue(frame);
        if (datum === undefined) return initializeLater(frame, initials, i, runBody);
        initialize(frame, initials[i], datum);
      }
      frame.during = null;
      return runBody(frame);
    },
  };
  return step;
}

function reset(frame: Frame, variable: Variable): void {
  // A bound cursor has its own name for its portal's.
  frame.values[variable.dno] = variable.cursor === null ? null : variable.name;
  frame.shapes[variable.dno] = null;
  if (frame.fn.tree.variables[variable.dno].type.composite) return;
  const { catalog } = frame.fn.runtime.session.environment;
  // A domain may refuse NULL.
  if (catalog.type(variable.type.oid)?.kind === 'd') {
    frame.during = { text: 'during statement block local variable initialization', line: variable.line };
    frame.fn.runtime.casts.between(705, -1, variable.type.oid, variable.type.typmod)(null);
    frame.during = null;
  }
}

function initialize(frame: Frame, { variable, value }: Initial, datum: Datum): void {
  if (variable.type.composite && value !== null) {
    const target = { dno: variable.dno, field: null, name: variable.name };
    assign(frame, target, datum, value.type, value.typmod);
  } else setVariable(frame, variable, datum);
}

function* initializeLater(
  frame: Frame,
  initials: readonly Initial[],
  from: number,
  runBody: (frame: Frame) => Outcome,
): Task<Code> {
  for (let i = from; i < initials.length; i++) {
    const { variable, value } = initials[i];
    if (value === null) {
      reset(frame, variable);
      continue;
    }
    frame.during = { text: 'during statement block local variable initialization', line: variable.line };
    // The first one has been tried already.
    const datum = i === from ? yield* value.value(frame) : yield* value.get(frame);
    initialize(frame, initials[i], datum);
  }
  frame.during = null;
  const outcome = runBody(frame);
  return typeof outcome === 'number' ? outcome : yield* outcome;
}

/** EXIT may name a block. */
function leaveBlock(frame: Frame, code: Code, label: string): Code {
  if (code !== EXIT || label === '' || frame.label !== label) return code;
  frame.label = '';
  return NEXT;
}

type Leave = (frame: Frame, code: Code) => Code;

function left(frame: Frame, outcome: Outcome, leave: Leave): Outcome {
  return typeof outcome === 'number' ? leave(frame, outcome) : leftLater(frame, outcome, leave);
}

function* leftLater(frame: Frame, task: Task<Code>, leave: Leave): Task<Code> {
  return leave(frame, yield* task);
}

function handledBody(
  compiler: StepCompiler,
  block: BlockStatement,
  body: readonly Step[],
  leave: Leave,
): (frame: Frame) => Task<Code> {
  const handlers = (block.handlers ?? []).map((handler) => ({
    conditions: handler.conditions,
    body: compiler.steps(handler.body),
  }));
  return function* (frame) {
    const code = yield* attempt(frame, block, body, handlers);
    return leave(frame, code);
  };
}

/** Runs the body in a subtransaction, and a handler where it fails. */
function* attempt(
  frame: Frame,
  block: BlockStatement,
  body: readonly Step[],
  handlers: readonly Handler[],
): Task<Code> {
  const { session } = frame.fn.runtime;
  const level = yield* session.block.beginSubtransaction();
  frame.subtransactions++;
  let open = true;
  try {
    const outcome = runSteps(frame, body);
    const code = typeof outcome === 'number' ? outcome : yield* outcome;
    open = false;
    frame.subtransactions--;
    session.block.releaseSubtransaction(level);
    return code;
  } catch (error) {
    const failure = asSqlError(error);
    if (open) {
      open = false;
      frame.subtransactions--;
      yield* session.block.undoSubtransaction(level);
    }
    frame.fn.runtime.refresh();
    const handler = failure === null ? undefined : handlers.find(({ conditions }) => catches(conditions, failure.code));
    if (failure === null || handler === undefined || failure.severity !== 'ERROR') throw error;
    return yield* handle(frame, block, handler, failure);
  } finally {
    // The task was given up.
    if (open) {
      frame.subtransactions--;
      session.block.dropSubtransaction(level);
    }
  }
}

function asSqlError(error: unknown): SqlError | null {
  return error instanceof SqlError ? error : runtimeLimit(error);
}

function* handle(frame: Frame, block: BlockStatement, handler: Handler, failure: SqlError): Task<Code> {
  const outer = frame.handled;
  const { where } = failure.fields;
  const lines = failure === frame.rethrown ? [] : [frame.describe()];
  const fields = { ...failure.fields, where: [...(where === undefined ? [] : [where]), ...lines].join('\n') };
  const caught = new SqlError(failure.condition, failure.message, fields, failure.code);
  frame.during = null;
  frame.sql = null;
  frame.handled = caught;
  frame.values[block.sqlstate] = failure.code;
  frame.values[block.sqlerrm] = failure.message;
  try {
    const outcome = runSteps(frame, handler.body);
    return typeof outcome === 'number' ? outcome : yield* outcome;
  } finally {
    frame.handled = outer;
  }
}
