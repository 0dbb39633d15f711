/** Fills a new index from the rows of its table, and checks uniqueness on the way. */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { ColumnId } from '../sql/plan/expression.js';
import type { TargetIndex } from '../sql/plan/plan-node.js';
import type { SupersededEntry, Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { duplicateInNewIndex, indexKeyText } from './constraint-errors.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { IndexWriter } from './index-writer.js';
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
  const scan = cx.heap(relation).scan(transaction.latest());
  try {
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const page = yield* scan.next();
      if (page === null) break;
      for (let i = 0; i < page.length; i++) {
        const row = page.rows[i];
        const key = yield* evaluateFor(writer.keyOf, row);
        if (key === null) continue;
        if (writer.lastIsUnique && (yield* hasEntry(writer, transaction, key))) {
          const text = indexKeyText(cx.services, relation, writer.desc, writer.types, writer.values(row));
          throw duplicateInNewIndex(cx.services, relation, writer.desc, text);
        }
        writer.index.insert(transaction, key, page.rowIds[i], true);
      }
      if (transaction.needsSpill) yield* transaction.spill();
    }
  } finally {
    scan.close();
  }
  yield* addSuperseded(cx, relation, writer);
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

/** Whether the index has the key already. */
function* hasEntry({ index }: IndexWriter, transaction: Transaction, key: string): Task<boolean> {
  const found = index.tryGet(transaction.latest(), key);
  if (found >= 0) return found > 0;
  // The place is not in memory.
  const scan = index.scan(transaction.latest(), { lo: key, hi: `${key}\0` }, false);
  for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
    if (batch.length > 0) return true;
  }
  return false;
}
