/** Writes into a referencing table on behalf of foreign key actions. One per ExecContext and table as it is. */
import type { RelationDesc } from '../catalog/descriptors.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { RowId, RowLockMode, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { evaluateOnce } from './batch-loops.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import type { IndexWriter } from './index-writer.js';
import { TriggeredWriter } from './triggers/triggered-writer.js';
import { TargetWriter } from './write-target.js';

const byContext = new WeakMap<ExecContext, Map<number, CascadeWriter>>();

export class CascadeWriter {
  readonly target: TargetWriter;
  /** Null where the table has no triggers. */
  readonly triggered: TriggeredWriter | null;
  private readonly changes = new Map<string, ColumnChanges>();

  private constructor(
    readonly cx: ExecContext,
    readonly relation: RelationDesc,
    readonly binding: CascadeBinding,
  ) {
    this.target = new TargetWriter(cx, binding.target(relation), binding);
    const { triggers } = this.target;
    this.triggered = triggers === null ? null : new TriggeredWriter(this.target, triggers);
  }

  static of(cx: ExecContext, relation: RelationDesc, binding: CascadeBinding): CascadeWriter {
    let writers = byContext.get(cx);
    if (writers === undefined) {
      writers = new Map();
      byContext.set(cx, writers);
    }
    let writer = writers.get(relation.oid);
    if (writer?.relation !== relation) {
      writer = new CascadeWriter(cx, relation, binding);
      writers.set(relation.oid, writer);
    }
    return writer;
  }

  /** REQUIRES: the row is locked. False when a trigger passes it over. */
  *delete(transaction: Transaction, rowId: RowId, old: Row): Task<boolean> {
    if (this.triggered !== null) return yield* this.triggered.delete(rowId, old);
    this.target.delete(transaction, rowId, old);
    return true;
  }

  /** What it takes to change these columns (attribute numbers). */
  changesOf(numbers: readonly number[]): ColumnChanges {
    const name = numbers.join(' ');
    let changes = this.changes.get(name);
    if (changes === undefined) {
      changes = new ColumnChanges(this, numbers);
      this.changes.set(name, changes);
    }
    return changes;
  }
}

/** Updates of a fixed set of columns, with the generated columns that depend on them. */
export class ColumnChanges {
  readonly lockMode: RowLockMode;
  private readonly indexes: readonly IndexWriter[];
  private readonly generated: readonly { readonly slot: number; readonly value: Evaluator }[];

  constructor(
    private readonly writer: CascadeWriter,
    private readonly numbers: readonly number[],
  ) {
    const { cx, relation, binding, target } = writer;
    const { columns } = target.target;
    const compiler = new Compiler(cx, columns);
    const assigned = new Set(numbers.map((number) => columns[number - 1]));
    this.generated = relation.attributes.flatMap((attribute) => {
      if (attribute.generated === '' || attribute.dropped) return [];
      const expr = binding.generatedOf(attribute, target.target);
      if (![...exprColumns(expr)].some((id) => assigned.has(id))) return [];
      return [{ slot: attribute.number - 1, value: compiler.compile(expr) }];
    });
    const changed = [...numbers, ...this.generated.map(({ slot }) => slot + 1)];
    this.indexes = target.indexesReading(changed);
    this.lockMode = target.keySlots(changed).length > 0 ? 'update' : 'no key update';
  }

  /** The defaults of the columns. */
  *defaults(): Task<Datum[]> {
    const { cx, relation, binding } = this.writer;
    const compiler = new Compiler(cx, []);
    const values: Datum[] = [];
    for (const number of this.numbers) {
      const evaluate = compiler.compile(binding.defaultOf(relation, relation.attributes[number - 1]));
      values.push(yield* evaluateOnce(() => evaluate([])));
    }
    return values;
  }

  /** REQUIRES: the row is locked in `lockMode`. */
  *apply(transaction: Transaction, rowId: RowId, old: Row, values: readonly Datum[]): Task<void> {
    const { target } = this.writer;
    const row = old.slice();
    this.numbers.forEach((number, i) => {
      row[number - 1] = values[i];
    });
    for (const { slot, value } of this.generated) row[slot] = yield* evaluateOnce(() => value(row));
    const { triggered } = this.writer;
    if (triggered !== null) {
      yield* triggered.update(rowId, old, row, this.numbers, this.indexes);
      return;
    }
    yield* evaluateOnce(() => target.checkRow(row));
    yield* target.update(transaction, rowId, old, row, this.indexes);
  }
}
