/**
 * The foreign keys of one written table, both ways: notes the rows written and, when the statement has ended, runs for
 * each row first the actions on what refers to it, then the checks of what it refers to, constraint by constraint in
 * the order of their OIDs, as PostgreSQL's triggers do.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { Heap, RowId, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import { DeferredChecks } from './deferred-checks.js';
import { EventLog } from './event-log.js';
import type { ExecContext } from './exec-context.js';
import { ForeignKeyAction } from './foreign-key-actions.js';
import { ForeignKeyCheck } from './foreign-key-check.js';
import { StatementChecks, type StatementWork } from './statement-checks.js';

export class ForeignKeys {
  private readonly statement: StatementChecks;

  private constructor(
    readonly cx: ExecContext,
    readonly outgoing: readonly ForeignKeyCheck[],
    readonly incoming: readonly ForeignKeyAction[],
  ) {
    this.statement = StatementChecks.of(cx);
  }

  /** Null when the table has no part in foreign keys. */
  static of(cx: ExecContext, relation: RelationDesc, heap: Heap, binding: CascadeBinding): ForeignKeys | null {
    const own = relation.constraints.filter(({ kind }) => kind === 'f').sort(byOid);
    const others = relation.referencedBy.filter(({ kind }) => kind === 'f').sort(byOid);
    if (own.length === 0 && others.length === 0) return null;
    return new ForeignKeys(
      cx,
      own.map((constraint) => new ForeignKeyCheck(cx, relation, heap, constraint)),
      others.map((constraint) => new ForeignKeyAction(cx, relation, constraint, binding)),
    );
  }

  inserted(rowId: RowId): void {
    if (this.outgoing.length > 0) this.note('insert', rowId, null, null);
  }

  updated(rowId: RowId, old: Row, row: Row): void {
    if (this.concerned(old, row)) this.note('update', rowId, old, row);
  }

  private concerned(old: Row, row: Row): boolean {
    const { outgoing, incoming } = this;
    for (let i = 0; i < incoming.length; i++) if (incoming[i].concerns(old, row)) return true;
    for (let i = 0; i < outgoing.length; i++) if (outgoing[i].concerns(old, row)) return true;
    return false;
  }

  deleted(rowId: RowId, old: Row): void {
    if (this.incoming.length > 0) this.note('delete', rowId, old, null);
  }

  private note(kind: RowEvents['kind'], rowId: RowId, old: Row | null, row: Row | null): void {
    let events = this.statement.last;
    if (!(events instanceof RowEvents) || events.owner !== this || events.kind !== kind) {
      events = new RowEvents(this, kind);
      this.statement.add(events);
    }
    if (events instanceof RowEvents) events.push(rowId, old, row);
  }

  /** The row with the columns that keys are made of, and nothing in the others. */
  keysOf(row: Row): Row {
    const kept: Row = new Array<Datum>(row.length).fill(null);
    for (const { columns } of [...this.outgoing, ...this.incoming]) for (const slot of columns) kept[slot] = row[slot];
    return kept;
  }
}

/** Rows of one table that were written one after the other in the same way. */
class RowEvents implements StatementWork {
  private readonly log: EventLog;

  constructor(
    readonly owner: ForeignKeys,
    readonly kind: 'insert' | 'update' | 'delete',
  ) {
    this.log = new EventLog(
      () => owner.cx.transaction.temporaryFile(),
      (row) => owner.keysOf(row),
    );
  }

  push(rowId: RowId, old: Row | null, row: Row | null): void {
    this.log.add(0, rowId, old, row);
  }

  get needsFlush(): boolean {
    return this.log.needsFlush;
  }

  flush(): Task<void> {
    return this.log.flush();
  }

  close(): void {
    this.log.close();
  }

  *run(transaction: Transaction): Task<void> {
    const { cx, outgoing } = this.owner;
    const deferred = DeferredChecks.of(transaction);
    for (const check of outgoing) check.forget();
    let done = 0;
    try {
      for (const { rowId, old, row } of this.log.events()) {
        if ((++done & 127) === 0) {
          if (cx.overdue()) yield cx.giveWay();
          if (deferred.needsFlush) yield* deferred.flush();
        }
        if (old !== null && (yield* this.act(transaction, old, row))) {
          transaction.nextCommand();
          for (const check of outgoing) check.forget();
        }
        if (this.kind !== 'delete') yield* this.check(transaction, rowId, old, row);
      }
    } finally {
      this.close();
    }
  }

  private *act(transaction: Transaction, old: Row, row: Row | null): Task<boolean> {
    let changed = false;
    for (const action of this.owner.incoming) {
      if (!action.concerns(old, row)) continue;
      const { oid, deferred } = action.constraint;
      if (action.canWait(row) && DeferredChecks.of(transaction).isDeferred(oid, deferred)) {
        DeferredChecks.of(transaction).add(action.deferred, 0, old, row);
      } else if (yield* action.run(transaction, old, row)) {
        // The next action sees what this one has done.
        transaction.nextCommand();
        changed = true;
      }
    }
    return changed;
  }

  private *check(transaction: Transaction, rowId: RowId, old: Row | null, row: Row | null): Task<void> {
    for (const check of this.owner.outgoing) {
      if (old !== null && row !== null && !check.concerns(old, row)) continue;
      const { oid, deferred, deferrable } = check.constraint;
      if (deferrable && DeferredChecks.of(transaction).isDeferred(oid, deferred)) {
        DeferredChecks.of(transaction).add(check.deferred, rowId, null, null);
      } else yield* check.check(transaction, rowId);
    }
  }
}

function byOid(a: { readonly oid: number }, b: { readonly oid: number }): number {
  return a.oid - b.oid;
}
