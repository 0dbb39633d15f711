/** One gin index of a table that is being written: keeps the entries of rows in step with their values. */
import type { ColumnId } from '../../sql/plan/expression.js';
import type { TargetIndex } from '../../sql/plan/plan-node.js';
import type { RowId, Transaction } from '../../storage/api.js';
import type { Row } from '../../types/datum.js';
import type { ExecContext } from '../exec-context.js';
import type { Compiler } from '../expression/compile.js';
import { IndexedValues } from '../indexed-values.js';
import { itemKey, noItemsKey, nullKey } from './gin-key.js';
import type { GinOpclass } from './gin-opclass.js';
import { opclassesOf } from './gin-opclasses.js';

export class GinWriter extends IndexedValues {
  private readonly opclasses: readonly GinOpclass[];

  constructor(cx: ExecContext, compiler: Compiler, columns: readonly ColumnId[], target: TargetIndex) {
    super(cx, compiler, columns, target);
    this.opclasses = opclassesOf(cx.services, target.index, this.types);
  }

  /** The keys of the row's entries, each once. */
  keys(row: Row): string[] {
    const { slots, opclasses, predicate } = this;
    if (predicate !== null && !predicate(row)) return [];
    const keys: string[] = [];
    for (let i = 0; i < slots.length; i++) {
      const value = slots[i] >= 0 ? row[slots[i]] : this.evaluators[i](row);
      if (value === null) {
        keys.push(nullKey(i));
        continue;
      }
      const before = keys.length;
      for (const item of opclasses[i].items(value)) keys.push(itemKey(i, item));
      if (keys.length === before) keys.push(noItemsKey(i));
    }
    return keys;
  }

  /** The row is new. */
  insert(transaction: Transaction, rowId: RowId, row: Row): void {
    for (const key of this.keys(row)) this.index.insert(transaction, key, rowId, true);
  }

  replace(transaction: Transaction, rowId: RowId, old: Row, row: Row): void {
    if (!this.mayDiffer(old, row)) return;
    const before = new Set(this.keys(old));
    const added: string[] = [];
    for (const key of this.keys(row)) if (!before.delete(key)) added.push(key);
    for (const key of before) this.index.delete(transaction, key, rowId);
    for (const key of added) this.index.insert(transaction, key, rowId);
  }

  delete(transaction: Transaction, rowId: RowId, old: Row): void {
    for (const key of this.keys(old)) this.index.delete(transaction, key, rowId);
  }

  private mayDiffer(old: Row, row: Row): boolean {
    for (const slot of this.reads) if (old[slot] !== row[slot]) return true;
    return false;
  }
}
