/** Subplans that give one value: scalar, EXISTS, ARRAY(…), and the row of a multiple assignment. */
import { sqlError } from '../../errors/sql-error.js';
import type { SubplanExpr } from '../../sql/plan/expression.js';
import { makeArray } from '../../types/array/array-access.js';
import { type Datum, PgArray, PgRecord, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { ExecContext } from '../exec-context.js';
import { HeldMemory } from '../held-memory.js';
import type { Operator } from '../operator.js';
import { batchBytes } from '../value-size.js';

export function singleResult(cx: ExecContext, expr: SubplanExpr): (plan: Operator) => Task<Datum> {
  switch (expr.mode) {
    case 'exists':
      return exists;
    case 'array': {
      const elementType = cx.services.types.catalog.elementType(expr.type);
      const memory = new HeldMemory(cx);
      return (plan) => arrayOf(plan, elementType, memory);
    }
    case 'multi': {
      const types = expr.plan.columns.map(() => 0);
      return function* (plan) {
        const row = yield* onlyRow(plan);
        return row === null ? null : new PgRecord(oid.RECORD, types, row.slice(0, types.length));
      };
    }
    default:
      return function* (plan) {
        const row = yield* onlyRow(plan);
        return row === null ? null : row[0];
      };
  }
}

function* exists(plan: Operator): Task<Datum> {
  const batch = plan.tryNext();
  return (batch === undefined ? yield* plan.next() : batch) !== null;
}

function* onlyRow(plan: Operator): Task<Row | null> {
  let row: Row | null = null;
  for (;;) {
    const ready = plan.tryNext();
    const batch = ready === undefined ? yield* plan.next() : ready;
    if (batch === null) return row;
    if (batch.length > 1 || row !== null) {
      throw sqlError('cardinality_violation', 'more than one row returned by a subquery used as an expression');
    }
    row = batch.rows[0];
  }
}

function* arrayOf(plan: Operator, elementType: number, memory: HeldMemory): Task<Datum> {
  const values: Datum[] = [];
  memory.release();
  for (let batch = yield* plan.next(); batch !== null; batch = yield* plan.next()) {
    for (let i = 0; i < batch.length; i++) values.push(batch.rows[i][0]);
    memory.add(batchBytes(batch));
  }
  return makeArray(
    elementType,
    values,
    values.some((value) => value instanceof PgArray),
  );
}
