/** ASSERT, unless plpgsql.check_asserts is off. */
import { sqlError } from '../../errors/sql-error.js';
import type { AssertStatement } from '../../sql/plpgsql/syntax.js';
import type { Task } from '../../util/task.js';
import { BOOLEAN } from './control-steps.js';
import type { PlExpression } from './expression.js';
import { type Code, type Frame, NEXT, type Step } from './frame.js';
import { textOf } from './raise-step.js';
import type { StepCompiler } from './step-compiler.js';

export function assertStep(compiler: StepCompiler, statement: AssertStatement): Step {
  const condition = compiler.expression(statement.condition, BOOLEAN);
  const message = statement.message === null ? null : compiler.expression(statement.message);
  return {
    line: statement.line,
    what: 'ASSERT',
    run: (frame) =>
      compiler.runtime.session.settings.get('plpgsql.check_asserts') === 'off'
        ? NEXT
        : check(frame, condition, message),
  };
}

function* check(frame: Frame, condition: PlExpression, message: PlExpression | null): Task<Code> {
  if ((yield* condition.get(frame)) === true) return NEXT;
  const text = message === null ? null : yield* textOf(frame, message);
  throw sqlError('assert_failure', text ?? 'assertion failed');
}
