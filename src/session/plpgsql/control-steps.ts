/** IF, CASE, EXIT and CONTINUE. */
import { sqlError } from '../../errors/sql-error.js';
import type { CaseStatement, ExitStatement, IfStatement } from '../../sql/plpgsql/syntax.js';
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { PlExpression } from './expression.js';
import { CONTINUE, type Code, EXIT, type Frame, NEXT, type Outcome, runSteps, type Step } from './frame.js';
import type { StepCompiler } from './step-compiler.js';

export const BOOLEAN = { type: oid.BOOL, typmod: -1 };

interface Branch {
  readonly condition: PlExpression;
  readonly body: readonly Step[];
}

type Statement = Pick<IfStatement, 'branches'>;

function branchesOf(compiler: StepCompiler, { branches }: Statement): Branch[] {
  return branches.map(({ condition, body }) => ({
    condition: compiler.expression(condition, BOOLEAN),
    body: compiler.steps(body),
  }));
}

type Otherwise = (frame: Frame) => Outcome;

/** Runs the first branch whose condition is true. */
function choose(frame: Frame, branches: readonly Branch[], otherwise: Otherwise, from = 0): Outcome {
  for (let i = from; i < branches.length; i++) {
    const { condition, body } = branches[i];
    const value = condition.tryValue(frame);
    if (value === undefined) return chooseLater(frame, branches, otherwise, i);
    if (value === true) return runSteps(frame, body);
  }
  return otherwise(frame);
}

function* chooseLater(frame: Frame, branches: readonly Branch[], otherwise: Otherwise, at: number): Task<Code> {
  const value = yield* branches[at].condition.value(frame);
  const outcome = value === true ? runSteps(frame, branches[at].body) : choose(frame, branches, otherwise, at + 1);
  return typeof outcome === 'number' ? outcome : yield* outcome;
}

export function ifStep(compiler: StepCompiler, statement: IfStatement): Step {
  const branches = branchesOf(compiler, statement);
  const rest = statement.otherwise === null ? [] : compiler.steps(statement.otherwise);
  const otherwise: Otherwise = (frame) => runSteps(frame, rest);
  return { line: statement.line, what: 'IF', run: (frame) => choose(frame, branches, otherwise) };
}

export function caseStep(compiler: StepCompiler, statement: CaseStatement): Step {
  const branches = branchesOf(compiler, statement);
  const { line, variable } = statement;
  const rest = statement.otherwise === null ? null : compiler.steps(statement.otherwise);
  const otherwise: Otherwise = (frame) => {
    if (variable >= 0) frame.values[variable] = null;
    if (rest !== null) return runSteps(frame, rest);
    throw sqlError('case_not_found', 'case not found', { hint: 'CASE statement is missing ELSE part.' });
  };
  const run = (frame: Frame): Outcome => choose(frame, branches, otherwise);
  if (statement.operand === null) return { line, what: 'CASE', run };
  const operand = compiler.expression(statement.operand);
  const begin = (frame: Frame, value: Datum): Outcome => {
    compiler.retype(variable, operand.type, operand.typmod);
    frame.values[variable] = value;
    return run(frame);
  };
  return {
    line,
    what: 'CASE',
    run(frame): Outcome {
      const value = operand.tryValue(frame);
      return value === undefined ? beginLater(frame, operand, begin) : begin(frame, value);
    },
  };
}

function* beginLater(frame: Frame, operand: PlExpression, begin: (frame: Frame, value: Datum) => Outcome): Task<Code> {
  const outcome = begin(frame, yield* operand.value(frame));
  return typeof outcome === 'number' ? outcome : yield* outcome;
}

export function exitStep(compiler: StepCompiler, statement: ExitStatement): Step {
  const { line, label, exit } = statement;
  const code = exit ? EXIT : CONTINUE;
  const what = exit ? 'EXIT' : 'CONTINUE';
  const leave = (frame: Frame): Code => {
    frame.label = label;
    return code;
  };
  if (statement.condition === null) return { line, what, run: leave };
  const condition = compiler.expression(statement.condition, BOOLEAN);
  return {
    line,
    what,
    run(frame): Outcome {
      const value = condition.tryValue(frame);
      if (value === undefined) return leaveLater(frame, condition, leave);
      return value === true ? leave(frame) : NEXT;
    },
  };
}

function* leaveLater(frame: Frame, condition: PlExpression, leave: (frame: Frame) => Code): Task<Code> {
  return (yield* condition.value(frame)) === true ? leave(frame) : NEXT;
}
