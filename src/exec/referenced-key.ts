/** The side of a foreign key that is referred to: finds rows of the referenced table by their key, through its unique index. */
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Heap, Index, RowId, RowLockResult, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import type { ExecContext, ExecServices } from './exec-context.js';
import { inForeignKeyQuery } from './foreign-key-query.js';
import { keyPartOf, keyPrefixEnd } from './index-key-part.js';
import type { RelationCounters } from './relation-counters.js';
import { inRowContext } from './row-context.js';

export class ReferencedKey {
  readonly heap: Heap;
  private readonly services: ExecServices;
  private readonly index: Index;
  /** For each column of the index: where it stands in the constraint's list of columns, and in the row. */
  private readonly positions: readonly number[];
  private readonly slots: readonly number[];
  private readonly counters: RelationCounters;
  private readonly codecs: readonly TypeCodec[];
  private readonly descending: readonly boolean[];
  private readonly nullsFirst: readonly boolean[];

  constructor(
    cx: ExecContext,
    readonly relation: RelationDesc,
    private readonly constraint: ConstraintDesc,
  ) {
    const index = relation.indexes.find(({ oid }) => oid === constraint.index);
    if (index === undefined) throw new Error(`foreign key ${constraint.oid} has no unique index to look keys up in`);
    const numbers = index.attributes.slice(0, index.keyColumns);
    this.services = cx.services;
    this.heap = cx.heap(relation);
    this.index = cx.services.store.index(index.storage);
    this.counters = cx.counters(index.oid);
    this.positions = numbers.map((number) => constraint.foreignKey.indexOf(number));
    this.slots = numbers.map((number) => number - 1);
    this.codecs = numbers.map((number) => cx.services.types.codec(relation.attributes[number - 1].type));
    this.descending = index.descending;
    this.nullsFirst = index.nullsFirst;
  }

  /** The index key of values of the referenced types, in the constraint's order of columns. */
  keyOfValues(values: readonly Datum[]): string {
    let key = '';
    for (let i = 0; i < this.positions.length; i++) key += this.part(i, values[this.positions[i]]);
    return key;
  }

  keyOfRow(row: Row): string {
    let key = '';
    for (let i = 0; i < this.slots.length; i++) key += this.part(i, row[this.slots[i]]);
    return key;
  }

  private part(i: number, value: Datum): string {
    return keyPartOf(value, this.codecs[i], this.descending[i], this.nullsFirst[i]);
  }

  /**
   * Locks the row with the key against deletion and changes of its key, waiting for whoever is doing that. False when
   * there is none. Above READ COMMITTED the row must be one that the transaction sees, and 40001 says that it has gone
   * since.
   */
  *lock(transaction: Transaction, key: string): Task<boolean> {
    const { heap } = this;
    const strict = transaction.isolation !== 'read committed';
    for (const rowId of yield* this.candidates(transaction, key)) {
      const result = yield* this.lockRow(transaction, rowId);
      const found = result.status === 'locked' && this.keyOfRow(result.row) === key;
      if (!strict) {
        if (found) return true;
        continue;
      }
      const seen = yield* heap.fetch(transaction.snapshot(), rowId);
      const visible = seen !== null && this.keyOfRow(seen) === key;
      if (visible && !found) throw this.inQuery(concurrentUpdate());
      if (visible) return true;
    }
    return false;
  }

  private *lockRow(transaction: Transaction, rowId: RowId): Task<RowLockResult> {
    try {
      return yield* this.heap.lockRow(transaction, transaction.latest(), rowId, 'key share', 'wait');
    } catch (error) {
      throw this.inQuery(inRowContext(error, 'locking', rowId, this.relation.name));
    }
  }

  private inQuery(error: unknown): unknown {
    return inForeignKeyQuery(error, this.services, 'check', this.relation, this.constraint);
  }

  /** Whether a row has the key now. Takes no lock. */
  *exists(transaction: Transaction, key: string): Task<boolean> {
    for (const rowId of yield* this.candidates(transaction, key)) {
      const row = yield* this.heap.newest(transaction, rowId);
      if (row !== null && this.keyOfRow(row) === key) return true;
    }
    return false;
  }

  private *candidates(transaction: Transaction, key: string): Task<readonly RowId[]> {
    const { counters } = this;
    counters.use();
    counters.scans++;
    const latest = transaction.latest();
    const single = this.index.tryGet(latest, key);
    if (single === 0) return NONE;
    if (single > 0) {
      counters.returned++;
      counters.fetched++;
      return [single];
    }
    const found: RowId[] = [];
    const scan = this.index.scan(latest, { lo: key, hi: keyPrefixEnd(key) }, false);
    for (;;) {
      const entries = yield* scan.next();
      if (entries === null) break;
      for (let i = 0; i < entries.length; i++) if (entries.keys[i] === key) found.push(entries.rowIds[i]);
    }
    scan.close();
    counters.returned += found.length;
    counters.fetched += found.length;
    return found;
  }
}

const NONE: readonly RowId[] = [];

function concurrentUpdate(): Error {
  return sqlError('serialization_failure', 'could not serialize access due to concurrent update');
}
