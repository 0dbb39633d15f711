/** Writing single rows of a table with triggers: those before a row decide what is written, those after it are queued. */
import { sqlError } from '../../errors/sql-error.js';
import type { RowId } from '../../storage/api.js';
import type { Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { IndexWriter } from '../index-writer.js';
import { evaluateFor } from '../write-operator.js';
import type { TargetWriter } from '../write-target.js';
import type { TableTriggers } from './table-triggers.js';

const NONE: readonly number[] = [];

export class TriggeredWriter {
  private readonly keySlots: readonly number[];
  /** Rows that the statement itself has changed or deleted. */
  private readonly own = new Set<RowId>();
  private readonly check = (row: Row): void => this.target.checkRow(row);

  constructor(
    private readonly target: TargetWriter,
    private readonly triggers: TableTriggers,
  ) {
    this.keySlots = target.keySlots(target.relation.attributes.map((attribute) => attribute.number));
  }

  /** The row to be stored, checked; null when a trigger passes it over. */
  *proposed(row: Row): Task<Row | null> {
    const { triggers } = this;
    const fresh = triggers.fires('INSERT', 'BEFORE') ? yield* triggers.beforeRow('INSERT', null, row, NONE) : row;
    if (fresh !== null) yield* evaluateFor(this.check, fresh);
    return fresh;
  }

  /** Stores a row that `proposed` has given. `arbiters`: see TargetWriter.insert. */
  *store(row: Row, arbiters?: readonly IndexWriter[]): Task<RowId> {
    const rowId = yield* this.target.insert(this.target.cx.transaction, row, arbiters);
    yield* this.triggers.afterRow('INSERT', null, row, NONE);
    return rowId;
  }

  /**
   * Replaces a locked row; the row as it is stored, null when a trigger passes it over. `changed`: attribute numbers that the
   * statement sets, `indexes`: those that these concern.
   */
  *update(
    rowId: RowId,
    old: Row,
    row: Row,
    changed: readonly number[],
    indexes: readonly IndexWriter[],
  ): Task<Row | null> {
    const { target, triggers } = this;
    const asks = triggers.fires('UPDATE', 'BEFORE');
    const fresh = asks ? yield* triggers.beforeRow('UPDATE', old, row, changed) : row;
    if (fresh === null) return null;
    if (asks) yield* this.requireUntouched(rowId, target.differ(old, fresh, this.keySlots), 'updated');
    this.own.add(rowId);
    yield* evaluateFor(this.check, fresh);
    yield* target.update(target.cx.transaction, rowId, old, fresh, asks ? target.indexes : indexes);
    yield* triggers.afterRow('UPDATE', old, fresh, changed);
    return fresh;
  }

  /** Deletes a locked row; false when a trigger passes it over. */
  *delete(rowId: RowId, old: Row): Task<boolean> {
    const { target, triggers } = this;
    if (triggers.fires('DELETE', 'BEFORE')) {
      if ((yield* triggers.beforeRow('DELETE', old, null, NONE)) === null) return false;
      yield* this.requireUntouched(rowId, true, 'deleted');
    }
    this.own.add(rowId);
    target.delete(target.cx.transaction, rowId, old);
    yield* triggers.afterRow('DELETE', old, null, NONE);
    return true;
  }

  /**
   * For a row that this transaction has changed after the statement began: the statement itself has, which passes over it
   * then, or a trigger. @throws SqlError 27000
   */
  requireOwn(rowId: RowId, verb: 'updated' | 'deleted'): void {
    if (!this.own.has(rowId)) throw alreadyModified(verb);
  }

  /** @throws SqlError 27000 when a trigger has changed or deleted the very row */
  private *requireUntouched(rowId: RowId, key: boolean, verb: 'updated' | 'deleted'): Task<void> {
    const { heap, cx } = this.target;
    const mode = key ? 'update' : 'no key update';
    const { status } = yield* heap.lockRow(cx.transaction, cx.snapshot, rowId, mode, 'wait');
    if (status === 'locked') return;
    throw alreadyModified(verb);
  }
}

function alreadyModified(verb: 'updated' | 'deleted'): Error {
  return sqlError(
    'triggered_data_change_violation',
    `tuple to be ${verb} was already modified by an operation triggered by the current command`,
    { hint: 'Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.' },
  );
}
