/**
 * The part of a row that an index of its table is about: the values of the key columns, and whether the row is in the index at
 * all. Key expressions and the predicate are compiled over rows in the table's layout.
 */
import type { IndexDesc } from '../catalog/descriptors.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { TargetIndex } from '../sql/plan/plan-node.js';
import type { Index } from '../storage/api.js';
import type { ExecContext } from './exec-context.js';
import type { Compiler } from './expression/compile.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';

export abstract class IndexedValues {
  readonly desc: IndexDesc;
  readonly index: Index;
  /** Types of the key columns. */
  readonly types: readonly number[];
  /** Row columns (0-based) that the keys or the predicate read. */
  readonly reads: ReadonlySet<number>;
  /** Where a key column stands in the row, -1 for expressions. */
  protected readonly slots: readonly number[];
  protected readonly evaluators: readonly Evaluator[];
  protected readonly predicate: Predicate | null;

  constructor(cx: ExecContext, compiler: Compiler, columns: readonly ColumnId[], target: TargetIndex) {
    this.desc = target.index;
    this.index = cx.services.store.index(target.index.storage);
    this.types = target.keys.map((key) => key.type);
    this.slots = target.keys.map((key) => (key.kind === 'column' ? compiler.slot(key.id) : -1));
    const { keys, predicate } = target;
    // The storage asks for keys in the middle of its work.
    this.evaluators = cx.withoutWaiting(() => compiler.compileAll(keys));
    this.predicate = predicate === null ? null : cx.withoutWaiting(() => compiler.predicate(predicate));
    this.reads = columnsRead(columns, target.predicate === null ? target.keys : [...target.keys, target.predicate]);
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
