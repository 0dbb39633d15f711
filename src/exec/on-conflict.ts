/**
 * INSERT … ON CONFLICT: looks for the row that has the key of the proposed one in an arbiter index, waiting for
 * transactions that are about to have it; then stores the proposed row, leaves it, or updates the existing one.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { OnConflict } from '../sql/plan/plan-node.js';
import type { RowId, RowLockMode, RowLockResult } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { rowMaker } from './batch-loops.js';
import { tableFields } from './constraint-errors.js';
import type { ExecServices } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import type { IndexWriter } from './index-writer.js';
import { inRowContext } from './row-context.js';
import { TriggeredWriter } from './triggers/triggered-writer.js';
import { evaluateFor } from './write-operator.js';
import type { TargetWriter } from './write-target.js';

export class OnConflictWriter {
  /** Of the row that was written last, and whether it was there before. */
  rowId: RowId = 0;
  updated = false;
  private readonly arbiters: readonly IndexWriter[];
  private readonly update: boolean;
  /** Over the existing row and the proposed one. */
  private readonly newRow: (row: Row) => Row;
  private readonly where: Predicate | null;
  private readonly indexes: readonly IndexWriter[];
  private readonly lockMode: RowLockMode;
  private readonly changed: readonly number[];
  private readonly triggered: TriggeredWriter | null;

  constructor(
    private readonly target: TargetWriter,
    clause: OnConflict,
  ) {
    const unique = target.indexes.filter(({ desc }) => desc.unique && desc.valid);
    const named = new Set(clause.arbiters.map(({ oid }) => oid));
    this.arbiters = named.size === 0 ? unique : unique.filter(({ desc }) => named.has(desc.oid));
    this.update = clause.action === 'update';
    this.changed = clause.changed;
    this.triggered = target.triggers === null ? null : new TriggeredWriter(target, target.triggers);
    const compiler = new Compiler(target.cx, [...clause.existing, ...target.target.columns]);
    this.newRow = rowMaker(compiler.compileAll(clause.newRow));
    this.where = clause.where === null ? null : compiler.predicate(clause.where);
    this.indexes = target.indexesReading(clause.changed);
    this.lockMode = target.keySlots(clause.changed).length > 0 ? 'update' : 'no key update';
  }

  /** Writes a checked row. Returns the row as it is stored then, null when nothing was written. */
  *write(proposed: Row): Task<Row | null> {
    const { target } = this;
    for (;;) {
      let conflict: RowId;
      try {
        conflict = yield* this.findConflict(proposed);
      } catch (error) {
        throw inRowContext(error, 'inserting index', target.heap.nextRowId, target.relation.name);
      }
      if (conflict === 0) {
        const { triggered, arbiters } = this;
        this.rowId =
          triggered === null
            ? yield* target.insert(target.cx.transaction, proposed, arbiters)
            : yield* triggered.store(proposed, arbiters);
        this.updated = false;
        return proposed;
      }
      if (!this.update) {
        yield* this.requireVisible(conflict);
        return null;
      }
      const done = yield* this.updateExisting(conflict, proposed);
      if (done !== 'gone') return done;
    }
  }

  private *findConflict(proposed: Row): Task<RowId> {
    const { target, arbiters } = this;
    for (let i = 0; i < arbiters.length; i++) {
      const writer = arbiters[i];
      if (!writer.desc.immediate) throw deferrableArbiter(target.cx.services, target.relation, writer.desc.name);
      const key = writer.key(proposed);
      if (key === null || !writer.lastIsUnique) continue;
      const found = yield* writer.index.checkUnique(target.cx.transaction, target.heap, key, writer.keyOf, null);
      if (found !== 0) return found;
    }
    return 0;
  }

  /** Above READ COMMITTED a row that decides about ours must be one that we see. */
  private *requireVisible(rowId: RowId): Task<void> {
    const { transaction } = this.target.cx;
    if (transaction.isolation === 'read committed') return;
    transaction.nextCommand();
    const row = yield* this.target.heap.fetch(transaction.snapshot(), rowId);
    if (row === null) throw concurrentUpdate();
  }

  private *updateExisting(rowId: RowId, proposed: Row): Task<Row | null | 'gone'> {
    const { target } = this;
    const { transaction, snapshot } = target.cx;
    let result: RowLockResult;
    try {
      result = yield* target.heap.lockRow(transaction, snapshot, rowId, this.lockMode, 'wait');
    } catch (error) {
      throw inRowContext(error, 'inserting index', rowId, target.relation.name);
    }
    if (result.status === 'self modified') throw secondTime();
    if (result.status !== 'locked') return 'gone';
    const both = [...result.row, ...proposed];
    if (this.where !== null && !(yield* evaluateFor(this.where, both))) return null;
    const row = yield* evaluateFor(this.newRow, both);
    this.rowId = rowId;
    this.updated = true;
    if (this.triggered !== null)
      return yield* this.triggered.update(rowId, result.row, row, this.changed, this.indexes);
    yield* evaluateFor((checked) => target.checkRow(checked), row);
    yield* target.update(transaction, rowId, result.row, row, this.indexes);
    return row;
  }
}

function deferrableArbiter(services: ExecServices, relation: RelationDesc, constraint: string): Error {
  return sqlError(
    'object_not_in_prerequisite_state',
    'ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters',
    { ...tableFields(services, relation), constraint },
  );
}

function concurrentUpdate(): Error {
  return sqlError('serialization_failure', 'could not serialize access due to concurrent update');
}

function secondTime(): Error {
  return sqlError('cardinality_violation', 'ON CONFLICT DO UPDATE command cannot affect row a second time', {
    hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
  });
}
