/** Gives a table new rows in new storage, computed from the old ones, and fills its indexes anew. */
import { setStorage } from '../catalog/ddl/alter-relation.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { Compiler } from '../exec/expression/compile.js';
import { evaluateFor } from '../exec/write-operator.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { fillIndex } from './define-index.js';
import { evaluationContext } from './evaluation.js';
import { relationNow } from './relation-names.js';

/**
 * `old`: the relation as its rows are stored now; `columns`: ids of its columns that the expressions read. `values`: by
 * attribute number - 1 of the new row; null keeps what the old row has. The catalog must describe the new rows already.
 */
export function* rewriteTable(
  cx: DdlContext,
  old: RelationDesc,
  columns: readonly ColumnId[],
  values: readonly (Expr | null)[],
): Task<void> {
  const execution = evaluationContext(cx);
  const compiler = new Compiler(execution, columns);
  const evaluators = values.map((expr) => (expr === null ? null : compiler.compile(expr)));
  const compute = (row: Row): Row =>
    evaluators.map((evaluate, i): Datum => (evaluate === null ? row[i] : evaluate(row)));
  const storage = cx.store.create(cx.transaction, 'heap');
  const heap = cx.store.heap(storage, { columns: values.length });
  const scan = execution.heap(old).scan(cx.transaction.latest());
  try {
    for (;;) {
      if (execution.overdue()) yield execution.giveWay();
      const page = yield* scan.next();
      if (page === null) break;
      for (let i = 0; i < page.length; i++) heap.insert(cx.transaction, yield* evaluateFor(compute, page.rows[i]));
      if (cx.transaction.needsSpill) yield* cx.transaction.spill();
    }
  } finally {
    scan.close();
  }
  yield* setStorage(cx.writer, old.oid, storage);
  cx.transaction.nextCommand();
  for (const index of relationNow(cx, old.oid).indexes) yield* rebuildIndex(cx, old.oid, index.oid);
}

/** Puts an index on new storage and fills it. REQUIRES: the table is locked against writers. */
export function* rebuildIndex(cx: DdlContext, table: number, index: number): Task<void> {
  yield* cx.transaction.lockTable(index, 'AccessExclusiveLock', 'wait');
  yield* setStorage(cx.writer, index, cx.store.create(cx.transaction, 'index'));
  yield* fillIndex(cx, table, index);
}
