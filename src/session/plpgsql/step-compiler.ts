/** Statements of a function to steps. Each kind is made in a file of its own; this one finds it. */

import type { FunctionUse } from '../../sql/plpgsql/read-function.js';
import type { BlockStatement, Fragment, PlFunction, Statement, Variable } from '../../sql/plpgsql/syntax.js';
import { assertNever } from '../../util/assert-never.js';
import { assertStep } from './assert-step.js';
import { assignStep } from './assign-step.js';
import { blockStep } from './block-step.js';
import { caseStep, exitStep, ifStep } from './control-steps.js';
import { closeStep, fetchStep, forCursorStep, openStep } from './cursor-steps.js';
import { diagnosticsStep } from './diagnostics-step.js';
import { executeStep, forExecuteStep } from './dynamic-steps.js';
import { PlExpression, type Wanted } from './expression.js';
import type { Step } from './frame.js';
import { foreachStep, forIntegerStep, loopStep, whileStep } from './loop-steps.js';
import { raiseStep } from './raise-step.js';
import { returnNextStep, returnQueryStep, returnStep } from './return-steps.js';
import type { PlRuntime } from './runtime.js';
import { callStep, forQueryStep, performStep, sqlStep } from './sql-steps.js';
import { transactionStep } from './transaction-step.js';

export class StepCompiler {
  constructor(
    readonly runtime: PlRuntime,
    readonly tree: PlFunction,
    readonly use: FunctionUse,
    readonly resultComposite: boolean,
  ) {}

  variable(dno: number): Variable {
    return this.tree.variables[dno];
  }

  expression(fragment: Fragment, wanted: Wanted | null = null): PlExpression {
    return new PlExpression(this.runtime, fragment, wanted);
  }

  expressions(fragments: readonly Fragment[]): PlExpression[] {
    return fragments.map((fragment) => this.expression(fragment));
  }

  /** Gives the variable of a CASE the type of its operand. */
  retype(dno: number, type: number, typmod: number): void {
    const variable = this.tree.variables[dno];
    if (variable.type.oid === type && variable.type.typmod === typmod) return;
    this.tree.variables[dno] = { ...variable, type: { ...variable.type, oid: type, typmod } };
    this.runtime.epoch++;
  }

  steps(statements: readonly Statement[]): Step[] {
    return statements.map((statement) => this.step(statement));
  }

  block(block: BlockStatement): Step {
    return blockStep(this, block);
  }

  private step(statement: Statement): Step {
    switch (statement.kind) {
      case 'block':
        return blockStep(this, statement);
      case 'assign':
        return assignStep(this, statement);
      case 'if':
        return ifStep(this, statement);
      case 'case':
        return caseStep(this, statement);
      case 'loop':
        return loopStep(this, statement);
      case 'while':
        return whileStep(this, statement);
      case 'for integer':
        return forIntegerStep(this, statement);
      case 'for query':
        return forQueryStep(this, statement);
      case 'for execute':
        return forExecuteStep(this, statement);
      case 'for cursor':
        return forCursorStep(this, statement);
      case 'foreach':
        return foreachStep(this, statement);
      case 'exit':
        return exitStep(this, statement);
      case 'return':
        return returnStep(this, statement);
      case 'return next':
        return returnNextStep(this, statement);
      case 'return query':
        return returnQueryStep(this, statement);
      case 'raise':
        return raiseStep(this, statement);
      case 'assert':
        return assertStep(this, statement);
      case 'sql':
        return sqlStep(this, statement);
      case 'perform':
        return performStep(this, statement);
      case 'call':
        return callStep(this, statement);
      case 'execute':
        return executeStep(this, statement);
      case 'diagnostics':
        return diagnosticsStep(this, statement);
      case 'open':
        return openStep(this, statement);
      case 'fetch':
        return fetchStep(this, statement);
      case 'close':
        return closeStep(this, statement);
      case 'commit':
      case 'rollback':
        return transactionStep(statement);
      case 'null':
        return { line: statement.line, what: 'NULL', run: () => 0 };
      default:
        return assertNever(statement);
    }
  }
}
