/** The referring side of a foreign key: finds rows of the referencing table by the key that they refer to. */
import type { ConstraintDesc, IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import type { Heap, Index, RowId, Snapshot, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { keyPartOf, keyPrefixEnd } from './index-key-part.js';
import { type KeyConversion, keyConversion } from './key-conversion.js';

export class ReferencingRows {
  readonly heap: Heap;
  private readonly slots: readonly number[];
  private readonly codecs: readonly TypeCodec[];
  private readonly conversions: readonly KeyConversion[];
  private readonly desc: IndexDesc | undefined;
  private readonly index: Index | null;

  constructor(
    private readonly cx: ExecContext,
    readonly relation: RelationDesc,
    parent: RelationDesc,
    private readonly constraint: ConstraintDesc,
  ) {
    const { services } = cx;
    this.heap = cx.heap(relation);
    this.slots = constraint.key.map((number) => number - 1);
    const types = this.slots.map((slot) => relation.attributes[slot].type);
    this.codecs = types.map((type) => services.types.codec(type));
    this.conversions = types.map((type, i) =>
      keyConversion(services, parent.attributes[constraint.foreignKey[i] - 1].type, type),
    );
    this.desc = relation.indexes.find((index) => leadsWith(index, constraint.key));
    this.index = this.desc === undefined ? null : services.store.index(this.desc.storage);
  }

  /** Values of the referenced key as this side's types have them, null when no row here can have them. */
  convert(values: readonly Datum[]): Datum[] | null {
    const converted: Datum[] = [];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const own = value === null ? null : this.conversions[i](value);
      if (own === undefined) return null;
      converted.push(own);
    }
    return converted;
  }

  /** Whether the row refers to these values (from `convert`). */
  refersTo(row: Row, values: readonly Datum[]): boolean {
    for (let i = 0; i < this.slots.length; i++) {
      const own = row[this.slots[i]];
      const value = values[i];
      if (own === null || value === null || this.codecs[i].compare(own, value) !== 0) return false;
    }
    return true;
  }

  /** Rows that may refer to these values (from `convert`): lock each, and look with `refersTo`. */
  *find(transaction: Transaction, values: readonly Datum[]): Task<readonly RowId[]> {
    const { index, desc } = this;
    if (index === null || desc === undefined) return yield* this.findInHeap(transaction, values);
    const prefix = this.prefix(desc, values);
    const found = new Set<RowId>();
    const scan = index.scan(transaction.latest(), { lo: prefix, hi: keyPrefixEnd(prefix) }, false);
    for (;;) {
      const entries = yield* scan.next();
      if (entries === null) break;
      for (let i = 0; i < entries.length; i++) found.add(entries.rowIds[i]);
    }
    scan.close();
    return [...found];
  }

  private *findInHeap(transaction: Transaction, values: readonly Datum[]): Task<readonly RowId[]> {
    const found: RowId[] = [];
    const scan = this.heap.scan(transaction.latest());
    for (;;) {
      if (this.cx.overdue()) yield this.cx.giveWay();
      const page = yield* scan.next();
      if (page === null) break;
      for (let i = 0; i < page.length; i++) if (this.refersTo(page.rows[i], values)) found.push(page.rowIds[i]);
    }
    scan.close();
    return found;
  }

  private prefix(desc: IndexDesc, values: readonly Datum[]): string {
    let prefix = '';
    for (let i = 0; i < this.slots.length; i++) {
      const position = this.constraint.key.indexOf(desc.attributes[i]);
      prefix += keyPartOf(values[position], this.codecs[position], desc.descending[i], desc.nullsFirst[i]);
    }
    return prefix;
  }

  /** What row locks on this side are taken with: above READ COMMITTED a change that the transaction does not see is 40001. */
  lockSnapshot(transaction: Transaction): Snapshot {
    return transaction.isolation === 'read committed' ? transaction.latest() : transaction.snapshot();
  }
}

/** Whether the leading columns of the index are the given ones, in any order. */
function leadsWith(index: IndexDesc, numbers: readonly number[]): boolean {
  if (index.method !== 'btree' || !index.valid || index.predicateText !== null) return false;
  if (index.keyColumns < numbers.length) return false;
  const leading = index.attributes.slice(0, numbers.length);
  return numbers.every((number) => leading.includes(number));
}
