/** One btree index of a table that is being written: composes keys of rows exactly as IndexScan reads them. */
import { type ConstraintDesc, isReferableKey } from '../catalog/descriptors.js';
import type { ColumnId } from '../sql/plan/expression.js';
import type { TargetIndex } from '../sql/plan/plan-node.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { ExecContext } from './exec-context.js';
import type { Compiler } from './expression/compile.js';
import { keyPartOf } from './index-key-part.js';
import { IndexedValues } from './indexed-values.js';

export class IndexWriter extends IndexedValues {
  readonly constraint: ConstraintDesc | null;
  /** Whether the last key composed has a NULL in it. */
  hasNull = false;
  private readonly codecs: readonly TypeCodec[];
  /** `key` as a function, for Index.checkUnique. */
  readonly keyOf = (row: Row): string | null => this.key(row);

  constructor(cx: ExecContext, compiler: Compiler, columns: readonly ColumnId[], target: TargetIndex) {
    super(cx, compiler, columns, target);
    this.constraint = target.constraint;
    this.codecs = this.types.map((type) => cx.services.types.codec(type));
  }

  /** Whether uniqueness is checked before the row is stored. */
  get checkedAtOnce(): boolean {
    return this.desc.unique && this.desc.immediate;
  }

  /** Plain unique index: its columns are a key that foreign keys may refer to. */
  get isKey(): boolean {
    return isReferableKey(this.desc);
  }

  /** The entry's key, null when the row is not in the index. Sets `hasNull`. */
  key(row: Row): string | null {
    const { slots, codecs } = this;
    const { descending, nullsFirst } = this.desc;
    if (this.predicate !== null && !this.predicate(row)) return null;
    this.hasNull = false;
    let key = '';
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      const value = slot >= 0 ? row[slot] : this.evaluators[i](row);
      if (value === null) this.hasNull = true;
      key += keyPartOf(value, codecs[i], descending[i], nullsFirst[i]);
    }
    return key;
  }

  /** Whether the key composed last takes part in uniqueness. */
  get lastIsUnique(): boolean {
    return this.desc.unique && (!this.hasNull || this.desc.nullsNotDistinct);
  }

  /** The values of the key columns, for messages. */
  values(row: Row): Datum[] {
    return this.evaluators.map((evaluate) => evaluate(row));
  }
}
