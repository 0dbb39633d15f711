/**
 * Whether rows of the referencing table refer to something: run after the statement (or at COMMIT) on the newest
 * version of each written row. The referenced row is locked, so that it stays until this transaction ends.
 */
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import type { Heap, RowId, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import { keyText, missingReference } from './constraint-errors.js';
import type { DeferrableCheck } from './deferred-checks.js';
import type { LoggedEvent } from './event-log.js';
import type { ExecContext, ExecServices } from './exec-context.js';
import { type KeyConversion, keyConversion } from './key-conversion.js';
import { OtherEnd } from './other-end.js';
import { ReferencedKey } from './referenced-key.js';

export class ForeignKeyCheck {
  private readonly services: ExecServices;
  private readonly parent: OtherEnd<ReferencedKey>;
  private readonly slots: readonly number[];
  private readonly codecs: readonly TypeCodec[];
  private readonly conversions: readonly KeyConversion[];
  /** The key found last; many rows of one statement often refer to the same one. */
  private lastKey: string | null = null;
  private opened = false;
  /** For checks that wait until the commit. */
  readonly deferred: DeferrableCheck = new DeferredForeignKeyCheck(this);

  constructor(
    cx: ExecContext,
    readonly relation: RelationDesc,
    private readonly heap: Heap,
    readonly constraint: ConstraintDesc,
  ) {
    this.services = cx.services;
    this.parent = new OtherEnd(cx, constraint.foreignRelation, (parent) => new ReferencedKey(cx, parent, constraint));
    const { attributes } = this.parent.access.relation;
    this.slots = constraint.key.map((number) => number - 1);
    const types = this.slots.map((slot) => relation.attributes[slot].type);
    this.codecs = types.map((type) => cx.services.types.codec(type));
    this.conversions = types.map((type, i) =>
      keyConversion(cx.services, type, attributes[constraint.foreignKey[i] - 1].type),
    );
  }

  /** Positions of the referencing columns. */
  get columns(): readonly number[] {
    return this.slots;
  }

  /** Whether the update has changed a referencing column. */
  concerns(old: Row, row: Row): boolean {
    return this.slots.some((slot, i) => {
      const a = old[slot];
      const b = row[slot];
      return a !== b && (a === null || b === null || this.codecs[i].compare(a, b) !== 0);
    });
  }

  /** To be called when referenced rows, or locks, may have gone since the last check. */
  forget(): void {
    this.lastKey = null;
    this.opened = false;
  }

  /** Throws 23503. A row that is gone by now has nothing to refer to. */
  *check(transaction: Transaction, rowId: RowId): Task<void> {
    const row = yield* this.heap.newest(transaction, rowId);
    if (row !== null) yield* this.checkRow(transaction, row, true);
  }

  /** The same for a row at hand. `lock`: keep the referenced row from going, and its table as it is. */
  *checkRow(transaction: Transaction, row: Row, lock: boolean): Task<void> {
    if (lock && !this.opened) {
      yield* this.parent.open(transaction, 'RowShareLock');
      this.opened = true;
    }
    const values = this.slots.map((slot) => row[slot]);
    if (values.includes(null)) {
      if (this.constraint.match === 'f' && values.some((value) => value !== null)) throw this.mixedNulls();
      return;
    }
    const key = this.referencedKey(values);
    if (key !== null && key === this.lastKey) return;
    const referenced = this.parent.access;
    if (key === null || !(yield* lock ? referenced.lock(transaction, key) : referenced.exists(transaction, key))) {
      throw this.missing(values);
    }
    this.lastKey = key;
  }

  private referencedKey(values: readonly Datum[]): string | null {
    const converted: Datum[] = [];
    for (let i = 0; i < values.length; i++) {
      const value = this.conversions[i](values[i]);
      if (value === undefined) return null;
      converted.push(value);
    }
    return this.parent.access.keyOfValues(converted);
  }

  private missing(values: readonly Datum[]): Error {
    const { services, relation, constraint } = this;
    const key = keyText(services, relation, constraint.key, values);
    const detail = `Key ${key} is not present in table "${this.parent.access.relation.name}".`;
    return missingReference(services, relation, constraint, detail);
  }

  get isDropped(): boolean {
    return this.services.catalog.constraint(this.constraint.oid) === undefined;
  }

  private mixedNulls(): Error {
    const detail = 'MATCH FULL does not allow mixing of null and nonnull key values.';
    return missingReference(this.services, this.relation, this.constraint, detail);
  }
}

/** Checks rows when the transaction commits. */
class DeferredForeignKeyCheck implements DeferrableCheck {
  constructor(private readonly key: ForeignKeyCheck) {}

  get constraint(): number {
    return this.key.constraint.oid;
  }

  get table(): number {
    return this.key.relation.oid;
  }

  get initiallyDeferred(): boolean {
    return this.key.constraint.deferred;
  }

  *check(transaction: Transaction, { rowId }: LoggedEvent): Task<void> {
    // Dropped by the transaction itself, maybe with the table at its other end.
    if (this.key.isDropped) return;
    this.key.forget();
    yield* this.key.check(transaction, rowId);
  }
}
