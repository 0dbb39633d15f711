/**
 * Numbers the groups of a batch from its columns: strings by their numbers in the page's dictionary, so that a key is
 * looked up once for a page, and one column of integers or dates by its values.
 */
import type { Expr } from '../../sql/plan/expression.js';
import type { Row } from '../../types/datum.js';
import type { ColumnBatch } from '../column-batch.js';
import { isPlainNumber } from '../expression/column-test.js';
import type { Compiler } from '../expression/compile.js';
import { isPrimitive } from '../group-key.js';
import type { Dictionary } from '../page-columns.js';

/** More combinations of a page's strings than this are looked up row by row. */
const MAX_COMBINATIONS = 4096;

/** Where groups are numbered one by one. */
export interface GroupNumbers {
  /** The number of the row's group, which is added when it is new. */
  ofRow(row: Row): number;
  /** The same by the key, where there is only one. */
  ofKey(key: number | null): number;
}

export class ColumnKeys {
  private readonly groups = new Int32Array(MAX_COMBINATIONS);

  private constructor(
    private readonly slots: readonly number[],
    private readonly isNumber: boolean,
    private readonly known: GroupNumbers,
  ) {}

  /** Null when the keys are not plain columns of the input. */
  static of(compiler: Compiler, exprs: readonly Expr[], known: GroupNumbers): ColumnKeys | null {
    const slots = exprs.map((expr) => (expr.kind === 'column' && isPrimitive(expr.type) ? compiler.slot(expr.id) : -1));
    if (slots.length === 0 || slots.includes(-1)) return null;
    return new ColumnKeys(slots, slots.length === 1 && isPlainNumber(exprs[0].type), known);
  }

  /** Puts the number of each row's group into `numbers`; false when that cannot be done for this page. */
  number(batch: ColumnBatch, numbers: Int32Array): boolean {
    return this.numberByDictionary(batch, numbers) || (this.isNumber && this.numberByValue(batch, numbers));
  }

  private numberByDictionary(batch: ColumnBatch, numbers: Int32Array): boolean {
    const { groups, slots, known } = this;
    const dictionaries: Dictionary[] = [];
    let combinations = 1;
    for (const slot of slots) {
      const dictionary = batch.dictionary(slot);
      if (dictionary === null) return false;
      dictionaries.push(dictionary);
      combinations *= dictionary.values.length;
    }
    if (combinations > MAX_COMBINATIONS) return false;
    groups.fill(-1, 0, combinations);
    this.combine(batch, dictionaries, numbers);
    for (let i = 0; i < batch.length; i++) {
      const code = numbers[i];
      if (groups[code] < 0) groups[code] = known.ofRow(batch.rowAt(i));
      numbers[i] = groups[code];
    }
    return true;
  }

  /** One number for the codes of all columns. */
  private combine({ positions, length }: ColumnBatch, dictionaries: readonly Dictionary[], out: Int32Array): void {
    const [{ codes }] = dictionaries;
    for (let i = 0; i < length; i++) out[i] = codes[positions[i]];
    for (let k = 1; k < dictionaries.length; k++) {
      const { codes: more, values } = dictionaries[k];
      const size = values.length;
      for (let i = 0; i < length; i++) out[i] = out[i] * size + more[positions[i]];
    }
  }

  private numberByValue(batch: ColumnBatch, numbers: Int32Array): boolean {
    const values = batch.numbers(this.slots[0], null);
    if (values === null) return false;
    let last = Number.NaN;
    let group = -1;
    for (let i = 0; i < batch.length; i++) {
      const value = values[i];
      if (value !== last) {
        last = value;
        group = this.known.ofKey(Number.isNaN(value) ? null : value);
      }
      numbers[i] = group;
    }
    return true;
  }
}
