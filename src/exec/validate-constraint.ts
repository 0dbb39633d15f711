/**
 * Checks the rows that a table has already against a new (or NOT VALID) constraint. REQUIRES of all functions: `cx` is
 * begun and the transaction holds a lock that keeps writers away. Rows of earlier commands are seen.
 */
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { tableFields } from './constraint-errors.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { ForeignKeyCheck } from './foreign-key-check.js';
import { evaluateFor } from './write-operator.js';

/** Throws 23514. `columns`: ids of the table's columns, by attribute, that the expression reads. */
export function* validateCheck(
  cx: ExecContext,
  relation: RelationDesc,
  columns: readonly ColumnId[],
  check: { readonly name: string; readonly expr: Expr },
): Task<void> {
  const test = new Compiler(cx, columns).compile(check.expr);
  yield* forEachRow(cx, relation, function* (row) {
    if ((yield* evaluateFor(test, row)) !== false) return;
    throw sqlError(
      'check_violation',
      `check constraint "${check.name}" of relation "${relation.name}" is violated by some row`,
      { ...tableFields(cx.services, relation), constraint: check.name },
    );
  });
}

/** Throws 23502. `attributes`: numbers of the columns that must not be NULL. */
export function* validateNotNull(cx: ExecContext, relation: RelationDesc, attributes: readonly number[]): Task<void> {
  yield* forEachRow(cx, relation, (row) => {
    for (const number of attributes) {
      if (row[number - 1] !== null) continue;
      const column = relation.attributes[number - 1].name;
      throw sqlError('not_null_violation', `column "${column}" of relation "${relation.name}" contains null values`, {
        ...tableFields(cx.services, relation),
        column,
      });
    }
    return null;
  });
}

/** Throws 23503. The referenced table must be kept from changing too. */
export function* validateForeignKey(cx: ExecContext, relation: RelationDesc, constraint: ConstraintDesc): Task<void> {
  const check = new ForeignKeyCheck(cx, relation, cx.heap(relation), constraint);
  yield* forEachRow(cx, relation, (row) => check.checkRow(cx.transaction, row, false));
}

function* forEachRow(cx: ExecContext, relation: RelationDesc, visit: (row: Row) => Task<void> | null): Task<void> {
  const scan = cx.heap(relation).scan(cx.transaction.latest());
  try {
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const page = yield* scan.next();
      if (page === null) return;
      for (let i = 0; i < page.length; i++) {
        const task = visit(page.rows[i]);
        if (task !== null) yield* task;
      }
    }
  } finally {
    scan.close();
  }
}
