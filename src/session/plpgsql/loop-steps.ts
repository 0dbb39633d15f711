/** Loops that need no query: LOOP, WHILE, FOR over integers, FOREACH. Long ones let others run in between. */
import { sqlError } from '../../errors/sql-error.js';
import type {
  ForeachStatement,
  ForIntegerStatement,
  Fragment,
  LoopStatement,
  WhileStatement,
} from '../../sql/plpgsql/syntax.js';
import { type Datum, PgArray, PgRecord } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { GIVE_WAY, type Task } from '../../util/task.js';
import { BOOLEAN } from './control-steps.js';
import type { PlExpression } from './expression.js';
import { CONTINUE, type Code, EXIT, type Frame, NEXT, RETURN, runSteps, type Step } from './frame.js';
import { assign, assignRow, recordShape, setVariable } from './records.js';
import type { StepCompiler } from './step-compiler.js';

/** Turns of a loop between two looks at the clock, less one. */
const MASK = 15;

/** Runs the body once. Undefined: the loop goes on; otherwise it has ended so. */
export function* turn(frame: Frame, body: readonly Step[], label: string): Task<Code | undefined> {
  const outcome = runSteps(frame, body);
  const code = typeof outcome === 'number' ? outcome : yield* outcome;
  return code === NEXT ? undefined : loopEnd(frame, code, label);
}

/** What a loop does when its body has ended in another way than at its end. */
export function loopEnd(frame: Frame, code: Code, label: string): Code | undefined {
  if (code === RETURN || code === NEXT) return code === RETURN ? RETURN : undefined;
  if (frame.label !== '' && frame.label !== label) return code;
  frame.label = '';
  return code === EXIT ? NEXT : code === CONTINUE ? undefined : code;
}

/** To be called once a turn: whether it is time for `giveWay`. */
export function isDue(frame: Frame): boolean {
  const { runtime } = frame.fn;
  return (++runtime.turns & MASK) === 0 && runtime.overdue;
}

/** Lets others run. @throws SqlError when the statement was cancelled */
export function* giveWay(frame: Frame): Task<void> {
  const { runtime } = frame.fn;
  yield GIVE_WAY;
  runtime.session.running.checkInterrupt();
  runtime.startSlice();
}

export function loopStep(compiler: StepCompiler, { line, label, body }: LoopStatement): Step {
  const steps = compiler.steps(body);
  return { line, what: 'LOOP', run: (frame) => loop(frame, steps, label) };
}

function* loop(frame: Frame, body: readonly Step[], label: string): Task<Code> {
  for (;;) {
    const outcome = runSteps(frame, body);
    const code = typeof outcome === 'number' ? outcome : yield* outcome;
    if (code !== NEXT) {
      const end = loopEnd(frame, code, label);
      if (end !== undefined) return end;
    }
    if (isDue(frame)) yield* giveWay(frame);
  }
}

export function whileStep(compiler: StepCompiler, { line, label, condition, body }: WhileStatement): Step {
  const test = compiler.expression(condition, BOOLEAN);
  const steps = compiler.steps(body);
  const step: Step = { line, what: 'WHILE', run: (frame) => whileLoop(frame, step, test, steps, label) };
  return step;
}

function* whileLoop(frame: Frame, step: Step, test: PlExpression, body: readonly Step[], label: string): Task<Code> {
  for (;;) {
    frame.at = step;
    let value = test.tryValue(frame);
    if (value === undefined) value = yield* test.value(frame);
    if (value !== true) return NEXT;
    const outcome = runSteps(frame, body);
    const code = typeof outcome === 'number' ? outcome : yield* outcome;
    if (code !== NEXT) {
      const end = loopEnd(frame, code, label);
      if (end !== undefined) return end;
    }
    if (isDue(frame)) yield* giveWay(frame);
  }
}

const INTEGER = { type: oid.INT4, typmod: -1 };
const MAX_INTEGER = 2147483647;

interface Range {
  readonly lower: PlExpression;
  readonly upper: PlExpression;
  readonly step: PlExpression | null;
}

export function forIntegerStep(compiler: StepCompiler, statement: ForIntegerStatement): Step {
  const { line, label, reverse, variable } = statement;
  const bound = (fragment: Fragment): PlExpression => compiler.expression(fragment, INTEGER);
  const range: Range = {
    lower: bound(statement.lower),
    upper: bound(statement.upper),
    step: statement.step === null ? null : bound(statement.step),
  };
  const body = compiler.steps(statement.body);
  return {
    line,
    what: 'FOR with integer loop variable',
    run: (frame) => forInteger(frame, range, reverse, body, { label, variable }),
  };
}

/** @throws SqlError 22004 */
function* limit(frame: Frame, expression: PlExpression, what: string): Task<number> {
  const value = yield* expression.get(frame);
  if (typeof value === 'number') return value;
  throw sqlError('null_value_not_allowed', `${what} of FOR loop cannot be null`);
}

function* forInteger(
  frame: Frame,
  range: Range,
  reverse: boolean,
  body: readonly Step[],
  { label, variable }: { readonly label: string; readonly variable: number },
): Task<Code> {
  const lower = yield* limit(frame, range.lower, 'lower bound');
  const upper = yield* limit(frame, range.upper, 'upper bound');
  const step = range.step === null ? 1 : yield* limit(frame, range.step, 'BY value');
  if (step <= 0) throw sqlError('invalid_parameter_value', 'BY value of FOR loop must be greater than zero');
  const increment = reverse ? -step : step;
  let found = false;
  let end: Code | undefined = NEXT;
  for (let i = lower; reverse ? i >= upper : i <= upper; i += increment) {
    found = true;
    frame.values[variable] = i;
    const outcome = runSteps(frame, body);
    const code = typeof outcome === 'number' ? outcome : yield* outcome;
    if (code !== NEXT) {
      end = loopEnd(frame, code, label);
      if (end !== undefined) break;
    }
    if (isDue(frame)) yield* giveWay(frame);
    if (i + increment > MAX_INTEGER || i + increment < -MAX_INTEGER - 1) break;
  }
  frame.values[frame.fn.tree.found] = found;
  return end ?? NEXT;
}

export function foreachStep(compiler: StepCompiler, statement: ForeachStatement): Step {
  const array = compiler.expression(statement.array);
  const body = compiler.steps(statement.body);
  return { line: statement.line, what: 'FOREACH over array', run: (frame) => foreach(frame, statement, array, body) };
}

function* foreach(
  frame: Frame,
  statement: ForeachStatement,
  expression: PlExpression,
  body: readonly Step[],
): Task<Code> {
  const array = yield* expression.get(frame);
  if (array === null) throw sqlError('null_value_not_allowed', 'FOREACH expression must not be null');
  const { catalog } = frame.fn.runtime.session.environment;
  let arrayType = catalog.type(expression.type);
  while (arrayType?.kind === 'd') arrayType = catalog.type(arrayType.baseType);
  if (!(array instanceof PgArray) || arrayType === undefined || !arrayType.isArray) {
    const shown = frame.fn.runtime.session.environment.types.catalog.formatType(expression.type, -1);
    throw sqlError('datatype_mismatch', `FOREACH expression must yield an array, not type ${shown}`);
  }
  checkSlice(frame, statement, array);
  const itemType = statement.slice > 0 ? arrayType.oid : array.elementType;
  const { label } = statement;
  let found = false;
  let end: Code | undefined;
  for (const item of items(array, statement.slice)) {
    found = true;
    store(frame, statement, item, itemType);
    end = yield* turn(frame, body, label);
    if (end !== undefined) break;
    if (isDue(frame)) yield* giveWay(frame);
  }
  frame.values[frame.fn.tree.found] = found;
  return end ?? NEXT;
}

/** @throws SqlError 2202E, 42804 */
function checkSlice(frame: Frame, { slice, into }: ForeachStatement, array: PgArray): void {
  if (slice < 0 || slice > array.dims.length) {
    const message = `slice dimension (${slice}) is out of the valid range 0..${array.dims.length}`;
    throw sqlError('array_subscript_error', message);
  }
  const [target] = into.list;
  const variable = target === undefined ? undefined : frame.fn.tree.variables[target.dno];
  const { catalog } = frame.fn.runtime.session.environment;
  const isArray = variable !== undefined && catalog.type(variable.type.oid)?.isArray === true;
  if (slice > 0 && !isArray)
    throw sqlError('datatype_mismatch', 'FOREACH ... SLICE loop variable must be of an array type');
  if (slice === 0 && isArray) throw sqlError('datatype_mismatch', 'FOREACH loop variable must not be of an array type');
}

/** The elements, or arrays of the last `slice` dimensions. */
function* items(array: PgArray, slice: number): Iterable<Datum> {
  if (slice === 0) {
    yield* array.elements;
    return;
  }
  const dims = array.dims.slice(-slice);
  const bounds = array.lowerBounds.slice(-slice);
  const size = dims.reduce((product, length) => product * length, 1);
  for (let at = 0; at < array.elements.length; at += size)
    yield new PgArray(array.elementType, dims, bounds, array.elements.slice(at, at + size));
}

function store(frame: Frame, { into }: ForeachStatement, item: Datum, type: number): void {
  const target = into.record ?? into.list[0];
  if (into.record === null && into.list.length === 1) assign(frame, target, item, type, -1);
  else if (item instanceof PgRecord) assignRow(frame, into, item.values, recordShape(frame.fn.runtime, item));
  else if (into.record !== null && item === null) setVariable(frame, frame.fn.tree.variables[target.dno], null);
  else assignRow(frame, into, [item], [{ name: '', type, typmod: -1 }]);
}
