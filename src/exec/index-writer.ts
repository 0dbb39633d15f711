/**
 * One index of a table that is being written: composes keys of rows exactly as IndexScan reads them. Key expressions
 * and the predicate are compiled over rows in the table's layout.
 */
import type { ConstraintDesc, IndexDesc } from '../catalog/descriptors.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { TargetIndex } from '../sql/plan/plan-node.js';
import type { Index } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { ExecContext } from './exec-context.js';
import type { Compiler } from './expression/compile.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import { keyPartOf } from './index-key-part.js';

export class IndexWriter {
  readonly desc: IndexDesc;
  readonly constraint: ConstraintDesc | null;
  readonly index: Index;
  /** Types of the key columns. */
  readonly types: readonly number[];
  /** Whether the last key composed has a NULL in it. */
  hasNull = false;
  /** Row columns (0-based) that the keys or the predicate read. */
  readonly reads: ReadonlySet<number>;
  private readonly codecs: readonly TypeCodec[];
  /** Where a key column stands in the row, -1 for expressions. */
  private readonly slots: readonly number[];
  private readonly evaluators: readonly Evaluator[];
  private readonly predicate: Predicate | null;
  /** `key` as a function, for Index.checkUnique. */
  readonly keyOf = (row: Row): string | null => this.key(row);

  constructor(cx: ExecContext, compiler: Compiler, columns: readonly ColumnId[], target: TargetIndex) {
    this.desc = target.index;
    this.constraint = target.constraint;
    this.index = cx.services.store.index(target.index.storage);
    this.types = target.keys.map((key) => key.type);
    this.codecs = this.types.map((type) => cx.services.types.codec(type));
    this.slots = target.keys.map((key) => (key.kind === 'column' ? compiler.slot(key.id) : -1));
    const { keys, predicate } = target;
    // The storage asks for keys in the middle of its work.
    this.evaluators = cx.withoutWaiting(() => compiler.compileAll(keys));
    this.predicate = predicate === null ? null : cx.withoutWaiting(() => compiler.predicate(predicate));
    this.reads = columnsRead(columns, target.predicate === null ? target.keys : [...target.keys, target.predicate]);
  }

  /** Whether uniqueness is checked before the row is stored. */
  get checkedAtOnce(): boolean {
    return this.desc.unique && this.desc.immediate;
  }

  /** Plain unique index: its columns are a key that foreign keys may refer to. */
  get isKey(): boolean {
    return this.desc.unique && this.predicate === null && this.desc.attributes.every((number) => number !== 0);
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

function columnsRead(columns: readonly ColumnId[], exprs: readonly Expr[]): Set<number> {
  const ids = new Set(exprs.flatMap((expr) => [...exprColumns(expr)]));
  const slots = new Set<number>();
  columns.forEach((id, slot) => {
    if (ids.has(id)) slots.add(slot);
  });
  return slots;
}
