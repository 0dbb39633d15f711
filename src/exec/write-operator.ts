/**
 * What INSERT, UPDATE and DELETE have in common: a run writes all rows of the input before it gives any row of
 * RETURNING, and the last writing operator of a statement to finish runs the checks of the statement's end.
 */
import type { RelationDesc, TriggerEvent } from '../catalog/descriptors.js';
import type { ColumnId } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { Returning, SystemColumn, WriteTarget } from '../sql/plan/plan-node.js';
import type { RowId } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task, Wait } from '../util/task.js';
import { rowMaker } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { HeldMemory } from './held-memory.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { StatementChecks } from './statement-checks.js';
import { suspension } from './suspend.js';
import { withSystemColumns } from './system-columns.js';
import type { TableTriggers } from './triggers/table-triggers.js';
import { rowBytes } from './value-size.js';

/** Something that a statement does with rows of its table; `changed`: the attribute numbers that an UPDATE sets. */
export interface WriteEvent {
  readonly event: TriggerEvent;
  readonly changed: readonly number[];
}

export abstract class WriteOperator extends Operator {
  /** Rows of RETURNING. */
  private out = new RowBuffer();
  /** How many of them the reader has. */
  private given = 0;
  private task: Task<Batch | null> | null = null;
  /** What the task, started by `tryNext`, waits for. */
  private wait: Wait | null = null;
  private finished = true;
  private readonly statement: StatementChecks;
  protected affected = 0;
  /** Triggers of the statement as a whole, with its events in the order in which those before it fire. */
  private fired: { readonly triggers: TableTriggers; readonly events: readonly WriteEvent[] } | null = null;
  private readonly memory: HeldMemory;

  constructor(
    protected readonly cx: ExecContext,
    columns: readonly ColumnId[],
    protected readonly input: Operator,
  ) {
    super(columns);
    this.memory = new HeldMemory(cx);
    this.statement = StatementChecks.of(cx);
    this.statement.addOperator();
  }

  override get rowsAffected(): number {
    return this.affected;
  }

  open(): void {
    this.stop();
    this.affected = 0;
    this.finished = false;
    this.input.open();
  }

  override tryNext(): Batch | null | undefined {
    if (this.wait !== null) return undefined;
    if (this.finished) return this.nextSlice();
    this.task ??= this.execute();
    const step = this.task.next();
    if (!step.done) {
      this.wait = step.value;
      return undefined;
    }
    this.task = null;
    return step.value;
  }

  *next(): Task<Batch | null> {
    const ready = this.tryNext();
    if (ready !== undefined) return ready;
    const { task, wait } = this;
    if (task === null || wait === null) throw new Error('a write waits for nothing');
    this.wait = null;
    yield wait;
    const batch = yield* task;
    this.task = null;
    return batch;
  }

  /** For constructors: what the statement does with its table. */
  protected announce(triggers: TableTriggers | null, events: readonly WriteEvent[]): void {
    this.fired = triggers === null ? null : { triggers, events };
  }

  private *execute(): Task<Batch | null> {
    const { cx, input, fired } = this;
    if (fired !== null) {
      for (const { event, changed } of fired.events) yield* fired.triggers.beforeStatement(event, changed);
    }
    for (;;) {
      if (cx.overdue()) yield cx.giveWay();
      const ready = input.tryNext();
      const batch = ready === undefined ? yield* input.next() : ready;
      if (batch === null) break;
      yield* this.writeBatch(batch);
      if (cx.transaction.needsSpill) yield* cx.transaction.spill();
      if (this.statement.needsFlush) yield* this.statement.flush();
    }
    this.finished = true;
    if (fired !== null) {
      for (const { event, changed } of [...fired.events].reverse()) fired.triggers.afterStatement(event, changed);
    }
    if (this.statement.operatorFinished()) yield* this.statement.run();
    return this.nextSlice();
  }

  private nextSlice(): Batch | null {
    const { out, given } = this;
    if (given >= out.length) return null;
    this.given = Math.min(out.length, given + BATCH_SIZE);
    if (given === 0 && this.given === out.length) return out;
    return { rows: out.rows.slice(given, this.given), length: this.given - given };
  }

  protected abstract writeBatch(batch: Batch): Task<void>;

  protected give(row: Row): void {
    this.out.push(row);
    this.memory.add(rowBytes(row));
  }

  close(): void {
    this.memory.release();
    this.stop();
    this.finished = true;
    this.input.close();
  }

  private stop(): void {
    const { task } = this;
    this.task = null;
    this.wait = null;
    task?.return(null);
    this.given = 0;
    if (this.out.length > 0) this.out = new RowBuffer();
  }
}

/** Evaluates for a row, waiting where the expression has to. */
export function* evaluateFor<T>(evaluate: (row: Row) => T, row: Row): Task<T> {
  for (;;) {
    try {
      return evaluate(row);
    } catch (error) {
      yield suspension(error);
    }
  }
}

/** RETURNING, compiled: a row made from the written row and the input row that led to it. */
export class ReturningMaker {
  private readonly make: (row: Row) => Row;
  private readonly joined: boolean;
  private readonly relation: RelationDesc;
  private readonly system: readonly SystemColumn[];

  constructor(
    cx: ExecContext,
    { exprs, system, systemIds }: Returning,
    target: WriteTarget,
    input: readonly ColumnId[],
  ) {
    this.relation = target.relation;
    this.system = system;
    const written = [...target.columns, ...systemIds];
    const ofTarget = new Set(written);
    const ofInput = new Set(input);
    this.joined = exprs.some((expr) => [...exprColumns(expr)].some((id) => ofInput.has(id) && !ofTarget.has(id)));
    this.make = rowMaker(new Compiler(cx, this.joined ? [...written, ...input] : written).compileAll(exprs));
  }

  /** `xmax`: see withSystemColumns. */
  row(written: Row, input: Row, rowId: RowId, xmax: number): Task<Row> {
    const { system } = this;
    const row = system.length === 0 ? written : withSystemColumns(written, system, rowId, this.relation, xmax);
    return evaluateFor(this.make, this.joined ? [...row, ...input] : row);
  }
}
