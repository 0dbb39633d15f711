/** Fills a new index from the rows of its table, and checks uniqueness on the way. */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { ColumnId } from '../sql/plan/expression.js';
import { isItemIndex } from '../sql/plan/item-index.js';
import type { TargetIndex } from '../sql/plan/plan-node.js';
import type { HeapBatch, IndexBuilder, RowId, SupersededEntry } from '../storage/api.js';
import { PAGE_ROWS } from '../storage/heap-page.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { duplicateInNewIndex, indexKeyText } from './constraint-errors.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { GinWriter } from './gin/gin-writer.js';
import { IndexWriter } from './index-writer.js';
import type { IndexedValues } from './indexed-values.js';
import { BUILDING_INDEX, INDEX_PROGRESS, LOADING_ENTRIES, SCANNING_TABLE } from './progress.js';
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
  const compiler = new Compiler(cx, columns);
  if (target.index.method === 'btree') yield* buildBtree(cx, relation, new IndexWriter(cx, compiler, columns, target));
  else if (isItemIndex(cx.services.catalog, target.index))
    yield* buildGin(cx, relation, new GinWriter(cx, compiler, columns, target));
}

function* buildBtree(cx: ExecContext, relation: RelationDesc, writer: IndexWriter): Task<void> {
  const builder = writer.index.build(cx.transaction);
  yield* eachPage(
    cx,
    relation,
    writer,
    (page, from) => {
      let i = from;
      for (; i < page.length && !builder.isFull; i++) {
        const key = writer.key(page.rows[i]);
        if (key !== null) builder.add(key, page.rowIds[i]);
      }
      return i;
    },
    builder,
  );
  yield* builder.finish(writer.desc.unique ? (_first, second) => checkEqual(cx, relation, writer, second) : null);
  yield* addSuperseded(cx, relation, writer, (row) => {
    const key = writer.key(row);
    return key === null ? [] : [key];
  });
}

function* buildGin(cx: ExecContext, relation: RelationDesc, writer: GinWriter): Task<void> {
  const builder = writer.index.build(cx.transaction);
  // The entries of a row that have been added already.
  let added = 0;
  yield* eachPage(
    cx,
    relation,
    writer,
    (page, from) => {
      for (let i = from; i < page.length; i++) {
        const keys = writer.keys(page.rows[i]);
        while (added < keys.length && !builder.isFull) builder.add(keys[added++], page.rowIds[i]);
        if (added < keys.length) return i;
        added = 0;
      }
      return page.length;
    },
    builder,
  );
  yield* builder.finish(null);
  yield* addSuperseded(cx, relation, writer, (row) => writer.keys(row));
}

/** `add` gives the builder the rows of a page from `from` on, and returns how far it came until that was full. */
function* eachPage(
  cx: ExecContext,
  relation: RelationDesc,
  { reads }: IndexedValues,
  add: (page: HeapBatch, from: number) => number,
  builder: IndexBuilder,
): Task<void> {
  const wanted = relation.attributes.map((_, column) => reads.has(column));
  const heap = cx.heap(relation);
  const scan = heap.scanColumns(cx.transaction.latest(), wanted);
  const progress = cx.services.progress?.values;
  if (progress !== undefined) {
    progress[INDEX_PROGRESS.phase] = BUILDING_INDEX;
    progress[INDEX_PROGRESS.step] = SCANNING_TABLE;
    progress[INDEX_PROGRESS.blocks] = Math.ceil(heap.nextRowId / PAGE_ROWS);
    progress[INDEX_PROGRESS.blocksDone] = 0;
  }
  try {
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const page = yield* scan.next();
      if (page === null) break;
      if (progress !== undefined) progress[INDEX_PROGRESS.blocksDone]++;
      let i = 0;
      while (i < page.length) {
        if (builder.isFull) yield* builder.endRun();
        try {
          i = add(page, i);
        } catch (error) {
          yield suspension(error);
        }
      }
    }
  } finally {
    scan.close();
  }
  if (progress !== undefined) progress[INDEX_PROGRESS.step] = LOADING_ENTRIES;
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
function* addSuperseded(
  cx: ExecContext,
  relation: RelationDesc,
  { index }: IndexedValues,
  keysOf: (row: Row) => readonly string[],
): Task<void> {
  const { transaction } = cx;
  const heap = cx.heap(relation);
  const entries: SupersededEntry[] = [];
  const known = new Set<string>();
  for (const { rowId, row, lsn } of heap.superseded()) {
    const keys = (yield* evaluateFor(keysOf, row)).filter((key) => !known.has(`${rowId} ${key}`));
    if (keys.length === 0) continue;
    const newest = yield* heap.newest(transaction, rowId);
    const current = newest === null ? [] : yield* evaluateFor(keysOf, newest);
    for (const key of keys) {
      known.add(`${rowId} ${key}`);
      if (!current.includes(key)) entries.push({ key, rowId, lsn });
    }
  }
  index.keepSuperseded(transaction, entries);
}
