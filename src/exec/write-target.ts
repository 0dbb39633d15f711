/**
 * A table that is being written, compiled once: checks new rows, keeps its indexes in step and notes what foreign keys
 * have to look at afterwards. Rows are in the table's layout. Rows to be changed must be locked by the caller.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import { isItemIndex } from '../sql/plan/item-index.js';
import type { WriteTarget } from '../sql/plan/plan-node.js';
import type { Heap, RowId, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import { checkViolation, notNullViolation, viewCheckViolation } from './constraint-errors.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { ForeignKeys } from './foreign-keys.js';
import { GinWriter } from './gin/gin-writer.js';
import { IndexWriter } from './index-writer.js';
import type { RelationCounters } from './relation-counters.js';
import { StatementChecks } from './statement-checks.js';
import { TableTriggers } from './triggers/table-triggers.js';
import { requireUnique, UniqueRecheck } from './unique-check.js';

const NONE: readonly IndexWriter[] = [];

export class TargetWriter {
  readonly relation: RelationDesc;
  readonly heap: Heap;
  private readonly counters: RelationCounters;
  readonly indexes: readonly IndexWriter[];
  private readonly gins: readonly GinWriter[];
  /** Inserting takes no waiting check. */
  readonly storesAtOnce: boolean;
  private readonly unique: readonly IndexWriter[];
  private readonly notNull: readonly number[];
  private readonly checks: readonly { readonly name: string; readonly ofView: boolean; readonly test: Evaluator }[];
  private readonly foreignKeys: ForeignKeys | null;
  /** Null where no trigger fires. */
  readonly triggers: TableTriggers | null;
  private readonly statement: StatementChecks;
  private readonly rechecks = new Map<IndexWriter, UniqueRecheck>();
  private readonly codecs: (TypeCodec | undefined)[] = [];

  constructor(
    readonly cx: ExecContext,
    readonly target: WriteTarget,
    binding: CascadeBinding,
  ) {
    const { relation } = target;
    const compiler = new Compiler(cx, target.columns);
    this.relation = relation;
    this.heap = cx.heap(relation);
    this.counters = cx.counters(relation.oid);
    // Nothing reads the entries of other access methods.
    this.indexes = target.indexes
      .filter(({ index }) => index.method === 'btree')
      .map((index) => new IndexWriter(cx, compiler, target.columns, index));
    this.gins = target.indexes
      .filter(({ index }) => isItemIndex(cx.services.catalog, index))
      .map((index) => new GinWriter(cx, compiler, target.columns, index));
    for (const { index } of [...this.indexes, ...this.gins]) index.heap = this.heap.id;
    this.unique = this.indexes.filter((writer) => writer.checkedAtOnce);
    this.storesAtOnce = this.unique.length === 0;
    this.notNull = relation.attributes.flatMap((attribute, slot) =>
      attribute.notNull && !attribute.dropped ? [slot] : [],
    );
    this.checks = target.checks.map(({ name, expr, ofView = false }) => ({
      name,
      ofView,
      test: compiler.compile(expr),
    }));
    this.statement = StatementChecks.of(cx);
    this.foreignKeys = ForeignKeys.of(cx, relation, this.heap, binding);
    this.triggers = target.triggers.length === 0 ? null : TableTriggers.of(cx, target);
  }

  /** Throws 23502 or 23514. May throw a Suspend, like every evaluation. */
  checkRow(row: Row): void {
    const { notNull, checks } = this;
    for (let i = 0; i < notNull.length; i++) {
      if (row[notNull[i]] === null) throw notNullViolation(this.cx.services, this.relation, row, notNull[i]);
    }
    for (let i = 0; i < checks.length; i++) {
      if (checks[i].test(row) !== false) continue;
      const violation = checks[i].ofView ? viewCheckViolation : checkViolation;
      throw violation(this.cx.services, this.relation, row, checks[i].name);
    }
  }

  /** Stores a checked row, unless a unique index has its key. `arbiters`: those that are known not to. */
  *insert(transaction: Transaction, row: Row, arbiters: readonly IndexWriter[] = NONE): Task<RowId> {
    for (let i = 0; i < this.unique.length; i++) {
      const writer = this.unique[i];
      if (arbiters.length > 0 && arbiters.includes(writer)) continue;
      const key = writer.key(row);
      if (key !== null && writer.lastIsUnique) yield* this.requireUnique(transaction, writer, row, key, 0);
    }
    return this.store(transaction, row);
  }

  /** The same where nothing has to be waited for; else 0, and `insert` is to be called. */
  tryInsert(transaction: Transaction, row: Row): RowId {
    for (let i = 0; i < this.unique.length; i++) {
      const writer = this.unique[i];
      const key = writer.key(row);
      if (key !== null && writer.lastIsUnique && !writer.index.tryReserve(transaction, key)) return 0;
    }
    return this.store(transaction, row);
  }

  /** Stores a row of which uniqueness is certain. */
  store(transaction: Transaction, row: Row): RowId {
    const { indexes, counters } = this;
    counters.use();
    counters.inserted++;
    counters.blocks++;
    const rowId = this.heap.insert(transaction, row);
    for (let i = 0; i < indexes.length; i++) {
      const writer = indexes[i];
      const key = writer.key(row);
      if (key === null) continue;
      if (!writer.checkedAtOnce && writer.lastIsUnique) this.recheckLater(transaction, writer, key, rowId);
      writer.index.insert(transaction, key, rowId, true);
    }
    for (let i = 0; i < this.gins.length; i++) this.gins[i].insert(transaction, rowId, row);
    this.foreignKeys?.inserted(rowId);
    return rowId;
  }

  /** Replaces a locked row. `indexes`: those that may be concerned, from `indexesReading`. */
  *update(transaction: Transaction, rowId: RowId, old: Row, row: Row, indexes: readonly IndexWriter[]): Task<void> {
    for (let i = 0; i < indexes.length; i++) {
      const writer = indexes[i];
      if (!writer.checkedAtOnce) continue;
      const before = writer.key(old);
      const key = writer.key(row);
      if (key === null || key === before || !writer.lastIsUnique) continue;
      yield* this.requireUnique(transaction, writer, row, key, rowId);
    }
    this.replace(transaction, rowId, old, row, indexes);
  }

  /** Replaces a locked row whose unique keys stay as they are. */
  replace(transaction: Transaction, rowId: RowId, old: Row, row: Row, indexes: readonly IndexWriter[]): void {
    const { counters } = this;
    this.heap.update(transaction, rowId, row);
    let keepsKeys = this.gins.length === 0;
    for (let i = 0; i < indexes.length; i++) {
      const writer = indexes[i];
      const before = writer.key(old);
      const key = writer.key(row);
      if (key === before) continue;
      keepsKeys = false;
      if (before !== null) writer.index.delete(transaction, before, rowId);
      if (key === null) continue;
      if (!writer.checkedAtOnce && writer.lastIsUnique) this.recheckLater(transaction, writer, key, rowId);
      writer.index.insert(transaction, key, rowId);
    }
    for (let i = 0; i < this.gins.length; i++) this.gins[i].replace(transaction, rowId, old, row);
    counters.use();
    counters.updated++;
    counters.blocks++;
    if (keepsKeys) counters.hotUpdated++;
    this.foreignKeys?.updated(rowId, old, row);
  }

  /** Deletes a locked row. */
  delete(transaction: Transaction, rowId: RowId, old: Row): void {
    const { indexes } = this;
    this.counters.use();
    this.counters.deleted++;
    this.counters.blocks++;
    const isFirst = this.heap.delete(transaction, rowId);
    for (let i = 0; i < indexes.length; i++) {
      const key = indexes[i].key(old);
      if (key === null) continue;
      if (isFirst) indexes[i].index.remove(transaction, key, rowId);
      else indexes[i].index.delete(transaction, key, rowId);
    }
    for (let i = 0; i < this.gins.length; i++) this.gins[i].delete(transaction, rowId, old);
    this.foreignKeys?.deleted(rowId, old);
  }

  /** The indexes whose keys or predicates read any of the attributes (numbers). */
  indexesReading(attributes: readonly number[]): IndexWriter[] {
    return this.indexes.filter((writer) => attributes.some((number) => writer.reads.has(number - 1)));
  }

  /** Those of the attributes (numbers) that are part of a key to which foreign keys may refer; as row positions. */
  keySlots(attributes: readonly number[]): number[] {
    const keys = this.indexes.filter((writer) => writer.isKey);
    return attributes
      .filter((number) => keys.some((writer) => writer.reads.has(number - 1)))
      .map((number) => number - 1);
  }

  /** Whether the rows differ in any of the columns. */
  differ(a: Row, b: Row, slots: readonly number[]): boolean {
    for (let i = 0; i < slots.length; i++) if (!this.sameValue(a[slots[i]], b[slots[i]], slots[i])) return true;
    return false;
  }

  /** Whether two values of a column are equal by its type. */
  sameValue(a: Datum, b: Datum, slot: number): boolean {
    if (a === b) return true;
    if (a === null || b === null) return false;
    this.codecs[slot] ??= this.cx.services.types.codec(this.relation.attributes[slot].type);
    return this.codecs[slot].compare(a, b) === 0;
  }

  private requireUnique(transaction: Transaction, writer: IndexWriter, row: Row, key: string, own: RowId): Task<void> {
    return requireUnique(this.cx.services, transaction, this.relation, this.heap, writer, row, key, own);
  }

  /** REQUIRES: the index does not have the new entry yet. */
  private recheckLater(transaction: Transaction, writer: IndexWriter, key: string, rowId: RowId): void {
    if (!writer.index.announce(transaction, key)) return;
    let recheck = this.rechecks.get(writer);
    if (recheck === undefined) {
      recheck = new UniqueRecheck(this.cx.services, this.relation, this.heap, writer);
      this.rechecks.set(writer, recheck);
    }
    this.statement.addDeferrable(recheck, rowId);
  }
}
