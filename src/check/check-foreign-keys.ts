/** Every row that refers to another must find it. */
import { SqlError } from '../errors/sql-error.js';
import { ForeignKeyCheck } from '../exec/foreign-key-check.js';
import type { Task } from '../util/task.js';
import { type CheckContext, type CheckedTable, eachRow, MAX_TOLD } from './check-database.js';

export function* checkForeignKeys(cx: CheckContext, { relation, rules, heap }: CheckedTable): Task<void> {
  if (rules === null) return;
  const { faults } = cx.report;
  for (const constraint of relation.constraints) {
    if (constraint.kind !== 'f' || !constraint.validated) continue;
    const what = `foreign key "${constraint.name}" of table "${relation.name}"`;
    const parent = cx.view.relation(constraint.foreignRelation);
    if (!parent?.indexes.some(({ oid }) => oid === constraint.index)) {
      faults.push(`${what}: the key that it refers to does not exist`);
      continue;
    }
    const check = new ForeignKeyCheck(rules.exec, relation, heap, constraint);
    let missing = 0;
    yield* eachRow(cx, heap, function* (row, rowId) {
      try {
        yield* check.checkRow(cx.transaction, row, false);
      } catch (error) {
        if (!(error instanceof SqlError) || error.condition !== 'foreign_key_violation') throw error;
        if (missing++ < MAX_TOLD) faults.push(`${what}: row ${rowId} refers to nothing`);
      }
    });
    if (missing > MAX_TOLD) faults.push(`${what}: ${missing - MAX_TOLD} more rows refer to nothing`);
  }
}
