/**
 * Set-returning functions in a select list: for each input row they are expanded in lockstep, and those that end
 * early give NULLs. A row for which none gives anything vanishes.
 */
import type { ProjectSetNode } from '../sql/plan/plan-node.js';
import { type Datum, PgRecord, type Row } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { compileSet, type SetEvaluator } from './set-function.js';
import { suspension } from './suspend.js';

interface Item {
  readonly set: SetEvaluator | null;
  readonly scalar: Evaluator | null;
  readonly type: number;
}

export class ProjectSet extends Operator {
  private readonly items: readonly Item[];
  private readonly out = new RowBuffer();
  private batch: Batch | null = null;
  private position = 0;
  /** One per item while a row is being expanded: the iterator, or the value of a scalar item. */
  private iterators: (Iterator<Datum | Row> | null)[] | null = null;
  private scalars: Datum[] = [];

  constructor(
    private readonly cx: ExecContext,
    node: ProjectSetNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, input.columns);
    this.items = node.exprs.map((expr) => {
      const set = compileSet(compiler, expr);
      return { set, scalar: set === null ? compiler.compile(expr) : null, type: expr.type };
    });
  }

  open(): void {
    this.input.open();
    this.batch = null;
    this.position = 0;
    this.iterators = null;
  }

  *next(): Task<Batch | null> {
    const { out, cx } = this;
    out.length = 0;
    while (out.length < BATCH_SIZE) {
      if (cx.overdue()) yield cx.giveWay();
      if (this.batch === null || this.position >= this.batch.length) {
        this.batch = yield* this.input.next();
        this.position = 0;
        if (this.batch === null) break;
      }
      try {
        this.expand(this.batch);
      } catch (error) {
        yield suspension(error);
      }
    }
    return out.length === 0 ? null : out;
  }

  /** Expands rows of the batch until it is used up or the output is full. */
  private expand(batch: Batch): void {
    const { out } = this;
    while (this.position < batch.length) {
      if (this.iterators === null) this.begin(batch.rows[this.position]);
      for (;;) {
        const row = this.nextRow();
        if (row === null) break;
        out.push(row);
        if (out.length >= BATCH_SIZE) return;
      }
      this.iterators = null;
      this.position++;
    }
  }

  private begin(row: Row): void {
    const scalars: Datum[] = [];
    const iterators = this.items.map(({ set, scalar }) => {
      scalars.push(scalar === null ? null : scalar(row));
      return set === null ? null : set(row)[Symbol.iterator]();
    });
    this.scalars = scalars;
    this.iterators = iterators;
  }

  private nextRow(): Row | null {
    const { items, scalars, iterators } = this;
    if (iterators === null) return null;
    const row: Row = [];
    let any = false;
    for (let i = 0; i < items.length; i++) {
      if (items[i].set === null) {
        row.push(scalars[i]);
        continue;
      }
      const state = iterators[i]?.next();
      if (state === undefined || state.done === true) {
        iterators[i] = null;
        row.push(null);
        continue;
      }
      any = true;
      row.push(Array.isArray(state.value) ? asRecord(this.cx, items[i].type, state.value) : state.value);
    }
    return any ? row : null;
  }

  close(): void {
    for (const iterator of this.iterators ?? []) iterator?.return?.();
    this.iterators = null;
    this.batch = null;
    this.input.close();
  }
}

/** A function with several columns gives one composite value here. */
function asRecord(cx: ExecContext, type: number, values: Row): PgRecord {
  const fields = cx.services.types.catalog.compositeFields(type);
  const types = values.map((value, i) => fields?.[i]?.type ?? guessType(value));
  return new PgRecord(type, types, values);
}

function guessType(value: Datum): number {
  if (typeof value === 'boolean') return oid.BOOL;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? oid.INT8 : oid.FLOAT8;
  return oid.TEXT;
}
