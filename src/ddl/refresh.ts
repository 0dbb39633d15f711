/**
 * REFRESH MATERIALIZED VIEW. The plain form gives the view new storage. CONCURRENTLY deletes the rows that are not in the result any
 * more and inserts those that are new, so that readers go on, each with what its snapshot shows.
 */
import { createHash } from 'node:crypto';
import type { RefreshMatViewStmt } from '@pgsql/types';
import { setStorage, updateRelation } from '../catalog/ddl/alter-relation.js';
import { isReferableKey, type RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { plainBinding } from '../exec/cascade-binding.js';
import type { ExecContext } from '../exec/exec-context.js';
import { HeldMemory } from '../exec/held-memory.js';
import { TargetWriter } from '../exec/write-target.js';
import { parseSql } from '../sql/parser/parse.js';
import type { Heap, RowId } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import { quoteIdentifier } from '../types/quote-identifier.js';
import { formatRecordLiteral } from '../types/record/record-literal.js';
import type { Task } from '../util/task.js';
import { requireRelationOwner } from './access.js';
import { fill, storeRows } from './create-table-as.js';
import type { DdlContext } from './ddl-context.js';
import { evaluationContext } from './evaluation.js';
import { openRelation, requireUnused } from './relation-names.js';
import { rebuildIndex } from './rewrite-table.js';

/** What a row of the result takes in memory while it is compared. */
const NOTED_BYTES = 96;

export function* refreshStatement(cx: DdlContext, statement: RefreshMatViewStmt): Task<string> {
  const isConcurrent = statement.concurrent ?? false;
  const isEmptied = statement.skipData ?? false;
  const range = { ...statement.relation, location: undefined };
  const relation = yield* openRelation(cx, range, isConcurrent ? 'ExclusiveLock' : 'AccessExclusiveLock');
  requireRelationOwner(cx, relation);
  const { viewQuery } = relation;
  if (relation.kind !== 'm' || viewQuery === null)
    throw sqlError('feature_not_supported', `"${relation.name}" is not a materialized view`);
  if (isConcurrent) checkConcurrent(cx, relation, isEmptied);
  requireUnused(cx, relation, 'REFRESH MATERIALIZED VIEW');
  if (isConcurrent) {
    yield* replaceRows(cx, relation, viewQuery);
    return 'REFRESH MATERIALIZED VIEW';
  }
  const [query] = parseSql(viewQuery);
  const planned = isEmptied ? null : yield* cx.plan(query.node, viewQuery);
  yield* setStorage(cx.writer, relation.oid, cx.store.create(cx.transaction, 'heap'));
  yield* updateRelation(cx.writer, relation.oid, { relispopulated: !isEmptied });
  if (planned !== null) yield* fill(cx, relation.oid, planned);
  for (const index of relation.indexes) yield* rebuildIndex(cx, relation.oid, index.oid);
  return 'REFRESH MATERIALIZED VIEW';
}

/** @throws SqlError 0A000, 42601, 55000 */
function checkConcurrent(cx: DdlContext, relation: RelationDesc, isEmptied: boolean): void {
  if (!relation.populated)
    throw sqlError('feature_not_supported', 'CONCURRENTLY cannot be used when the materialized view is not populated');
  if (isEmptied) throw sqlError('syntax_error', 'CONCURRENTLY and WITH NO DATA options cannot be used together');
  if (relation.indexes.some((index) => isReferableKey(index) && index.immediate && index.valid)) return;
  const schema = cx.view().namespace(relation.namespace)?.name ?? '';
  const name = `${quoteIdentifier(schema)}.${quoteIdentifier(relation.name)}`;
  throw sqlError('object_not_in_prerequisite_state', `cannot refresh materialized view "${name}" concurrently`, {
    hint: 'Create a unique index with no WHERE clause on one or more columns of the materialized view.',
  });
}

function* replaceRows(cx: DdlContext, relation: RelationDesc, viewQuery: string): Task<void> {
  const { transaction, store } = cx;
  const [query] = parseSql(viewQuery);
  const planned = yield* cx.plan(query.node, viewQuery);
  const storage = store.create(transaction, 'heap');
  yield* storeRows(cx, relation, storage, planned);
  const execution = evaluationContext(cx);
  const difference = new Difference(execution, relation, store.heap(storage, { columns: relation.attributes.length }));
  yield* difference.note();
  yield* difference.apply();
  store.drop(transaction, storage);
  transaction.nextCommand();
}

/** What the rows of a materialized view have to become. */
class Difference {
  /** How often the result has a row, less how often the view has it. */
  private readonly counts = new Map<string, number>();
  private readonly memory: HeldMemory;
  private readonly writer: TargetWriter;

  constructor(
    private readonly cx: ExecContext,
    private readonly relation: RelationDesc,
    /** The rows of the result. */
    private readonly result: Heap,
  ) {
    this.memory = new HeldMemory(cx);
    this.writer = new TargetWriter(cx, plainBinding.target(relation), plainBinding);
  }

  /** Looks at the result. @throws SqlError 21000, 53200 */
  *note(): Task<void> {
    const { counts, memory } = this;
    yield* this.forEachRow(this.result, (row) => {
      const digest = this.digestOf(row);
      const count = counts.get(digest) ?? 0;
      if (count === 0) memory.add(NOTED_BYTES);
      else if (!row.includes(null)) throw this.duplicate(row);
      counts.set(digest, count + 1);
    });
  }

  /** Changes the view. @throws SqlError 23505 */
  *apply(): Task<void> {
    const { counts, writer, cx } = this;
    const { transaction } = cx;
    const gone: { rowId: RowId; row: Row }[] = [];
    const remove = function* (): Task<void> {
      for (const { rowId, row } of gone.splice(0)) {
        yield* writer.heap.lockRow(transaction, transaction.latest(), rowId, 'update', 'wait');
        writer.delete(transaction, rowId, row);
      }
      if (transaction.needsSpill) yield* transaction.spill();
    };
    yield* this.forEachRow(
      writer.heap,
      (row, rowId) => {
        const digest = this.digestOf(row);
        const count = counts.get(digest) ?? 0;
        if (count === 0) gone.push({ rowId, row });
        else counts.set(digest, count - 1);
      },
      remove,
    );
    transaction.nextCommand();
    const added: Row[] = [];
    const insert = function* (): Task<void> {
      for (const row of added.splice(0)) yield* writer.insert(transaction, row);
      if (transaction.needsSpill) yield* transaction.spill();
    };
    yield* this.forEachRow(
      this.result,
      (row) => {
        const digest = this.digestOf(row);
        const count = counts.get(digest) ?? 0;
        if (count === 0) return;
        counts.set(digest, count - 1);
        added.push(row);
      },
      insert,
    );
  }

  /** `after`: done after each page. */
  private *forEachRow(
    heap: Heap,
    visit: (row: Row, rowId: RowId) => void,
    after: (() => Task<void>) | null = null,
  ): Task<void> {
    const { cx } = this;
    const scan = heap.scan(cx.transaction.latest());
    try {
      for (let page = yield* scan.next(); page !== null; page = yield* scan.next()) {
        if (cx.overdue()) yield cx.giveWay();
        for (let i = 0; i < page.length; i++) visit(page.rows[i], page.rowIds[i]);
        if (after !== null) yield* after();
      }
    } finally {
      scan.close();
    }
  }

  private digestOf(row: Row): string {
    return createHash('sha256').update(this.textOf(row)).digest('base64');
  }

  private textOf(row: Row): string {
    const { types } = this.cx.services;
    const texts = this.relation.attributes.map(({ type }, i) => {
      const value = row[i] ?? null;
      return value === null ? null : types.codec(type).format(value, types);
    });
    return formatRecordLiteral(texts);
  }

  private duplicate(row: Row): Error {
    const { name } = this.relation;
    return sqlError(
      'cardinality_violation',
      `new data for materialized view "${name}" contains duplicate rows without any null columns`,
      { detail: `Row: ${this.textOf(row)}` },
    );
  }
}
