/** `x op ANY|ALL (SELECT …)` row by row: the subplan's rows are collected once, the test is evaluated for each. */
import type { SubplanExpr } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { HeldMemory } from '../held-memory.js';
import type { Operator } from '../operator.js';
import { batchBytes } from '../value-size.js';
import type { ExpressionCompiler } from './evaluator.js';

export function quantifiedTest(compiler: ExpressionCompiler, expr: SubplanExpr) {
  if (expr.test === null) throw new Error('a quantified subplan without a test');
  const compare = compiler.compile(expr.test);
  const cells = expr.plan.columns.map((id) => compiler.cx.cell(id));
  const decisive = expr.mode === 'any';
  const test = (rows: readonly Row[], outer: Row): Datum => {
    let result: Datum = !decisive;
    for (let i = 0; i < rows.length; i++) {
      for (let k = 0; k < cells.length; k++) cells[k].value = rows[i][k];
      const value = compare(outer);
      if (value === decisive) return decisive;
      if (value === null) result = null;
    }
    return result;
  };
  const memory = new HeldMemory(compiler.cx);
  function* collect(plan: Operator): Task<readonly Row[]> {
    const rows: Row[] = [];
    memory.release();
    for (let batch = yield* plan.next(); batch !== null; batch = yield* plan.next()) {
      for (let i = 0; i < batch.length; i++) rows.push(batch.rows[i]);
      memory.add(batchBytes(batch));
    }
    return rows;
  }
  return { collect, test };
}
