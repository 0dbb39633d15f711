/**
 * What deleting or changing a referenced key does to the rows that refer to it: refuse (NO ACTION, RESTRICT), or delete
 * or change them too. Changes are written like those of any statement, constraints and further foreign keys included.
 */
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import type { RowId, RowLockMode, RowLockResult, Snapshot, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import { CascadeWriter } from './cascade-writer.js';
import { keyText, stillReferenced } from './constraint-errors.js';
import type { DeferrableCheck } from './deferred-checks.js';
import type { LoggedEvent } from './event-log.js';
import type { ExecContext } from './exec-context.js';
import { type ForeignKeyQuery, inForeignKeyQuery } from './foreign-key-query.js';
import { OtherEnd } from './other-end.js';
import { ReferencedKey } from './referenced-key.js';
import { ReferencingRows } from './referencing-rows.js';
import { inRowContext } from './row-context.js';

export class ForeignKeyAction {
  private readonly child: OtherEnd<ReferencingRows>;
  private readonly referenced: ReferencedKey;
  private readonly slots: readonly number[];
  private readonly codecs: readonly TypeCodec[];
  /** For checks that wait until the commit. */
  readonly deferred: DeferrableCheck = new DeferredKeyRemoval(this);

  constructor(
    private readonly cx: ExecContext,
    private readonly parent: RelationDesc,
    readonly constraint: ConstraintDesc,
    private readonly binding: CascadeBinding,
  ) {
    this.child = new OtherEnd(cx, constraint.relation, (child) => new ReferencingRows(cx, child, parent, constraint));
    this.referenced = new ReferencedKey(cx, parent, constraint);
    this.slots = constraint.foreignKey.map((number) => number - 1);
    this.codecs = this.slots.map((slot) => cx.services.types.codec(parent.attributes[slot].type));
  }

  private get referencing(): ReferencingRows {
    return this.child.access;
  }

  /** Positions of the referenced columns. */
  get columns(): readonly number[] {
    return this.slots;
  }

  /** Whether the update (or, with null, the deletion) takes a key away. */
  concerns(old: Row, row: Row | null): boolean {
    let same = true;
    for (let i = 0; i < this.slots.length; i++) {
      const a = old[this.slots[i]];
      if (a === null) return false;
      const b = row === null ? null : row[this.slots[i]];
      if (same && a !== b && (b === null || this.codecs[i].compare(a, b) !== 0)) same = false;
    }
    return row === null || !same;
  }

  /** Whether this is a check that a deferrable constraint may put off. */
  canWait(row: Row | null): boolean {
    return this.constraint.deferrable && this.actionFor(row) === 'a';
  }

  private actionFor(row: Row | null): string {
    return row === null ? this.constraint.onDelete : this.constraint.onUpdate;
  }

  /** REQUIRES: `concerns`. True when it has changed rows. */
  *run(transaction: Transaction, old: Row, row: Row | null): Task<boolean> {
    const values = this.slots.map((slot) => old[slot]);
    const action = this.actionFor(row);
    yield* this.child.open(transaction, action === 'a' || action === 'r' ? 'RowShareLock' : 'RowExclusiveLock');
    const own = this.referencing.convert(values);
    if (own === null) return false;
    switch (action) {
      case 'c':
        return row === null
          ? yield* this.deleteRows(transaction, own)
          : yield* this.followKey(transaction, values, own, row);
      case 'n':
        return yield* this.changeRows(transaction, own, this.columnsToSet(row), null);
      case 'd': {
        const changed = yield* this.changeRows(transaction, own, this.columnsToSet(row), 'default');
        // The defaults may be the very key that is going.
        transaction.nextCommand();
        yield* this.refuse(transaction, values, own);
        return changed;
      }
      case 'r':
        yield* this.refuse(transaction, values, own);
        return false;
      default:
        transaction.tryLockTable(this.parent.oid, 'RowShareLock');
        if (!(yield* this.referenced.exists(transaction, this.referenced.keyOfValues(values)))) {
          yield* this.refuse(transaction, values, own);
        }
        return false;
    }
  }

  private columnsToSet(row: Row | null): readonly number[] {
    return (row === null ? this.constraint.setColumns : null) ?? this.constraint.key;
  }

  /** ON UPDATE CASCADE. A key that the referring columns cannot hold is refused where rows would have to take it. */
  private *followKey(
    transaction: Transaction,
    values: readonly Datum[],
    own: readonly Datum[],
    row: Row,
  ): Task<boolean> {
    const key = this.referencing.convert(this.slots.map((slot) => row[slot]));
    if (key !== null) return yield* this.changeRows(transaction, own, this.constraint.key, key);
    yield* this.refuse(transaction, values, own);
    return false;
  }

  /** Throws 23503 when a row refers to the values. */
  private *refuse(transaction: Transaction, values: readonly Datum[], own: readonly Datum[]): Task<void> {
    const { referencing, cx } = this;
    for (const rowId of yield* referencing.find(transaction, own)) {
      // Whoever refers to the key counts, seen by this transaction or not.
      const snapshot = transaction.latest();
      const result = yield* this.lockRow(transaction, snapshot, rowId, 'key share', 'refuse');
      if (result.status !== 'locked' || !referencing.refersTo(result.row, own)) continue;
      const key = keyText(cx.services, this.parent, this.constraint.foreignKey, values);
      throw stillReferenced(cx.services, this.parent, referencing.relation, this.constraint, key);
    }
  }

  private *deleteRows(transaction: Transaction, own: readonly Datum[]): Task<boolean> {
    const { referencing, cx } = this;
    const found = yield* referencing.find(transaction, own);
    if (found.length === 0) return false;
    const writer = this.cascadeWriter();
    for (const rowId of found) {
      if (cx.overdue()) yield cx.giveWay();
      const snapshot = referencing.lockSnapshot(transaction);
      const result = yield* this.lockRow(transaction, snapshot, rowId, 'update', 'delete');
      if (result.status === 'locked' && referencing.refersTo(result.row, own)) {
        yield* writer.delete(transaction, rowId, result.row);
      }
    }
    return true;
  }

  /** Puts `values` (null: NULL) into the columns `numbers` of the rows that refer to `own`. */
  private *changeRows(
    transaction: Transaction,
    own: readonly Datum[],
    numbers: readonly number[],
    values: readonly Datum[] | 'default' | null,
  ): Task<boolean> {
    const { referencing, cx } = this;
    const found = yield* referencing.find(transaction, own);
    if (found.length === 0) return false;
    const writer = this.cascadeWriter();
    const changes = writer.changesOf(numbers);
    const query = values === null ? 'set null' : values === 'default' ? 'set default' : 'set key';
    const assigned = values === 'default' ? yield* changes.defaults() : (values ?? numbers.map(() => null));
    for (const rowId of found) {
      if (cx.overdue()) yield cx.giveWay();
      const snapshot = referencing.lockSnapshot(transaction);
      const result = yield* this.lockRow(transaction, snapshot, rowId, changes.lockMode, query);
      if (result.status !== 'locked' || !referencing.refersTo(result.row, own)) continue;
      yield* changes.apply(transaction, rowId, result.row, assigned);
    }
    return true;
  }

  /** Locks a referring row for the query that this action stands for. */
  private *lockRow(
    transaction: Transaction,
    snapshot: Snapshot,
    rowId: RowId,
    mode: RowLockMode,
    query: ForeignKeyQuery,
  ): Task<RowLockResult> {
    const { cx, referencing, constraint } = this;
    const { relation } = referencing;
    try {
      return yield* referencing.heap.lockRow(transaction, snapshot, rowId, mode, 'wait');
    } catch (error) {
      const action = query === 'refuse' ? 'locking' : query === 'delete' ? 'deleting' : 'updating';
      const inRow = inRowContext(error, action, rowId, relation.name);
      throw inForeignKeyQuery(inRow, cx.services, query, relation, constraint);
    }
  }

  /** Made when it is first needed: the referencing table may cascade back here. */
  private cascadeWriter(): CascadeWriter {
    return CascadeWriter.of(this.cx, this.referencing.relation, this.binding);
  }
}

/** Looks at removed keys when the transaction commits. */
class DeferredKeyRemoval implements DeferrableCheck {
  constructor(private readonly action: ForeignKeyAction) {}

  get constraint(): number {
    return this.action.constraint.oid;
  }

  get table(): number {
    return this.action.constraint.foreignRelation;
  }

  get initiallyDeferred(): boolean {
    return this.action.constraint.deferred;
  }

  *check(transaction: Transaction, { old, row }: LoggedEvent): Task<void> {
    if (old !== null) yield* this.action.run(transaction, old, row);
  }
}
