/** Fills a new index from the rows of its table, and checks uniqueness on the way. */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { ColumnId } from '../sql/plan/expression.js';
import type { TargetIndex } from '../sql/plan/plan-node.js';
import type { RowId, SupersededEntry } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { duplicateInNewIndex, indexKeyText } from './constraint-errors.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { IndexWriter } from './index-writer.js';
import { suspension } from './suspend.js';
import { evaluateFor } from './write-operator.js';

/**
 * REQUIRES: `cx` is begun; the transaction holds a lock that keeps writers away, and the index is empty. `columns`:
 * ids of the table's columns, by attribute, that the index expressions read. Throws 23505 `could not create unique
 * index`. Rows written by the current command are not seen: end it before.
 */
export function* buildIndex(
  cx: ExecContext,
  relation: RelationDesc,
  columns: readonly ColumnId[],
  target: TargetIndex,
): Task<void> {
  if (target.index.method !== 'btree') return;
  const writer = new IndexWriter(cx, new Compiler(cx, columns), columns, target);
  const { transaction } = cx;
  const builder = writer.index.build(transaction);
  const wanted = relation.attributes.map((_, column) => writer.reads.has(column));
  const scan = cx.heap(relation).scanColumns(transaction.latest(), wanted);
  try {
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const page = yield* scan.next();
      if (page === null) break;
      let i = 0;
      while (i < page.length) {
        if (builder.isFull) yield* builder.endRun();
        try {
          for (; i < page.length && !builder.isFull; i++) {
            const key = writer.key(page.rows[i]);
            if (key !== null) builder.add(key, page.rowIds[i]);
          }
        } catch (error) {
          yield suspension(error);
        }
      }
    }
  } finally {
    scan.close();
  }
  yield* builder.finish(writer.desc.unique ? (_first, second) => checkEqual(cx, relation, writer, second) : null);
  yield* addSuperseded(cx, relation, writer);
}

/** A row has the key of another. @throws SqlError 23505, unless the index takes NULLs for distinct and there is one */
function* checkEqual(cx: ExecContext, relation: RelationDesc, writer: IndexWriter, rowId: RowId): Task<void> {
  const row = yield* cx.heap(relation).newest(cx.transaction, rowId);
  if (row === null) throw new Error(`row ${rowId} has gone from a table that nobody may write`);
  yield* evaluateFor(writer.keyOf, row);
  if (!writer.lastIsUnique) return;
  const text = indexKeyText(cx.services, relation, writer.desc, writer.types, writer.values(row));
  throw duplicateInNewIndex(cx.services, relation, writer.desc, text);
}

/** Entries for older snapshots, which may look for rows under the keys that they had. */
function* addSuperseded(cx: ExecContext, relation: RelationDesc, writer: IndexWriter): Task<void> {
  const { transaction } = cx;
  const heap = cx.heap(relation);
  const entries: SupersededEntry[] = [];
  const known = new Set<string>();
  for (const { rowId, row, lsn } of heap.superseded()) {
    const key = yield* evaluateFor(writer.keyOf, row);
    if (key === null || known.has(`${rowId} ${key}`)) continue;
    known.add(`${rowId} ${key}`);
    const newest = yield* heap.newest(transaction, rowId);
    if (newest === null || (yield* evaluateFor(writer.keyOf, newest)) !== key) entries.push({ key, rowId, lsn });
  }
  writer.index.keepSuperseded(transaction, entries);
}
