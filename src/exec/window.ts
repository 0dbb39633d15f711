/**
 * Window functions over one window definition. Rows are collected with everything that the calls need evaluated,
 * sorted by partition and order (unless the input is so sorted already), and computed partition by partition.
 */
import type { Expr, SortKey, WindowCall } from '../sql/plan/expression.js';
import type { PlanNode, WindowNode } from '../sql/plan/plan-node.js';
import { sameExpr } from '../sql/plan/same-expr.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Accumulator } from './aggregate/accumulator.js';
import { makeAccumulator } from './aggregate/make-accumulator.js';
import { aggregateUse } from './aggregate/transition-accumulator.js';
import { evaluateWithoutRow, mapRows, rowMaker } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { functionCode } from './expression/function-code.js';
import { HeldMemory } from './held-memory.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { keyComparator, type RowComparator } from './row-order.js';
import { sortIndexes } from './sort-indexes.js';
import { batchBytes, SLOT_BYTES } from './value-size.js';
import { checkOffset, FrameFinder, type InRange, type RangeOrder } from './window/frame.js';
import { Partition } from './window/partition.js';
import { windowAggregate } from './window/window-aggregate.js';
import { windowFunction } from './window/window-functions.js';

interface Call {
  readonly desc: WindowCall;
  readonly slots: readonly number[];
  readonly accumulator: Accumulator | null;
}

export class Window extends Operator {
  private readonly width: number;
  private readonly prepare: (row: Row) => Row;
  private readonly samePartition: RowComparator;
  private readonly order: RowComparator;
  private readonly calls: readonly Call[];
  private readonly range: RangeOrder;
  private readonly startOffset: Evaluator | null;
  private readonly endOffset: Evaluator | null;
  private readonly presorted: boolean;
  private readonly out = new RowBuffer();
  private rows: readonly Row[] | null = null;
  private offsets: readonly [Datum, Datum] = [null, null];
  /** The partition that is being given out, with the results by call. */
  private partition: { readonly rows: readonly Row[]; readonly results: readonly Datum[][] } | null = null;
  private position = 0;
  private nextPartition = 0;
  private readonly memory: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: WindowNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    this.memory = new HeldMemory(cx);
    const compiler = new Compiler(cx, input.columns);
    this.width = input.columns.length;
    const layout = new Layout(compiler, this.width);
    const partitionKeys = node.partitionBy.map((expr): SortKey => ({ expr, descending: false, nullsFirst: false }));
    const partitionSlots = node.partitionBy.map((expr) => layout.place(expr));
    const orderSlots = node.orderBy.map((key) => layout.place(key.expr));
    this.samePartition = slotComparator(cx, partitionKeys, partitionSlots);
    this.order = slotComparator(cx, node.orderBy, orderSlots);
    this.calls = node.calls.map((call) => placeCall(cx, layout, call));
    this.prepare = rowMaker([
      ...input.columns.map(
        (_, i): Evaluator =>
          (row) =>
            row[i],
      ),
      ...layout.extra,
    ]);
    this.range = rangeOrder(cx, node, orderSlots);
    const bounds = new Compiler(cx, []);
    const { start, end } = node.frame;
    this.startOffset = 'offset' in start ? bounds.compile(start.offset) : null;
    this.endOffset = 'offset' in end ? bounds.compile(end.offset) : null;
    this.presorted = isSortedFor(node.input, [...partitionKeys, ...node.orderBy]);
  }

  open(): void {
    this.memory.release();
    this.input.open();
    this.rows = null;
    this.partition = null;
    this.nextPartition = 0;
  }

  *next(): Task<Batch | null> {
    const { out, cx } = this;
    const rows = this.rows ?? (yield* this.collect());
    out.length = 0;
    while (out.length < BATCH_SIZE) {
      if (cx.overdue()) yield cx.giveWay();
      if (this.partition === null || this.position >= this.partition.rows.length) {
        if (this.nextPartition >= rows.length) break;
        yield* this.compute(rows);
      }
      this.emit();
    }
    return out.length === 0 ? null : out;
  }

  private *collect(): Task<readonly Row[]> {
    const { input, node } = this;
    const rows = new RowBuffer();
    for (let batch = yield* input.next(); batch !== null; batch = yield* input.next()) {
      yield* mapRows(batch, this.prepare, rows);
      this.memory.add(batchBytes(batch, SLOT_BYTES * node.calls.length * 2));
    }
    input.close();
    if (this.startOffset !== null) {
      const value = yield* evaluateWithoutRow(this.startOffset);
      this.offsets = [rows.length === 0 ? value : checkOffset(node.frame, value, 'starting'), this.offsets[1]];
    }
    if (this.endOffset !== null) {
      const value = yield* evaluateWithoutRow(this.endOffset);
      this.offsets = [this.offsets[0], rows.length === 0 ? value : checkOffset(node.frame, value, 'ending')];
    }
    this.rows = this.presorted ? rows.rows : yield* this.sort(rows.rows);
    return this.rows;
  }

  private *sort(rows: readonly Row[]): Task<readonly Row[]> {
    const { samePartition, order } = this;
    const compare = (a: number, b: number): number => samePartition(rows[a], rows[b]) || order(rows[a], rows[b]);
    const positions = yield* sortIndexes(this.cx, rows.length, compare);
    const sorted: Row[] = [];
    for (let i = 0; i < positions.length; i++) {
      sorted.push(rows[positions[i]]);
      if ((i & 0xfff) === 0 && this.cx.overdue()) yield this.cx.giveWay();
    }
    return sorted;
  }

  /** Finds the next partition and computes all calls over it. */
  private *compute(rows: readonly Row[]): Task<void> {
    const { cx, node, samePartition } = this;
    const start = this.nextPartition;
    let end = start + 1;
    while (end < rows.length && samePartition(rows[start], rows[end]) === 0) end++;
    const own = start === 0 && end === rows.length ? rows : rows.slice(start, end);
    const partition = new Partition(own, node.orderBy.length === 0 ? null : this.order);
    const frames = new FrameFinder(node.frame, partition, this.range, this.offsets[0], this.offsets[1]);
    const results: Datum[][] = [];
    for (const { desc, slots, accumulator } of this.calls) {
      const valueAt =
        accumulator === null
          ? windowFunction(desc.proc.source)(partition, frames, slots)
          : windowAggregate(accumulator, partition, frames);
      const values: Datum[] = [];
      for (let i = 0; i < own.length; i++) {
        if ((i & 63) === 63 && cx.overdue()) yield cx.giveWay();
        values.push(valueAt(i));
      }
      results.push(values);
    }
    this.partition = { rows: own, results };
    this.position = 0;
    this.nextPartition = end;
  }

  private emit(): void {
    const { out, partition, width } = this;
    if (partition === null) return;
    const { rows, results } = partition;
    for (; this.position < rows.length && out.length < BATCH_SIZE; this.position++) {
      const row = rows[this.position].slice(0, width);
      for (let k = 0; k < results.length; k++) row.push(results[k][this.position]);
      out.push(row);
    }
  }

  close(): void {
    this.memory.release();
    this.rows = null;
    this.partition = null;
    this.input.close();
  }
}

/** Places values behind the input's columns. */
class Layout {
  readonly extra: Evaluator[] = [];

  constructor(
    readonly compiler: Compiler,
    private readonly width: number,
  ) {}

  place(expr: Expr): number {
    const slot = expr.kind === 'column' ? this.compiler.slot(expr.id) : -1;
    if (slot >= 0) return slot;
    this.extra.push(this.compiler.compile(expr));
    return this.width + this.extra.length - 1;
  }
}

function placeCall(cx: ExecContext, layout: Layout, call: WindowCall): Call {
  const slots = call.args.map((arg) => layout.place(arg));
  const filterSlot = call.filter === null ? -1 : layout.place(call.filter);
  if (call.aggregate === null) return { desc: call, slots, accumulator: null };
  const accumulator = makeAccumulator(cx.services, aggregateUse(call), {
    args: slots.map(
      (slot): Evaluator =>
        (row) =>
          row[slot],
    ),
    filter: filterSlot < 0 ? null : (row) => row[filterSlot] === true,
  });
  return { desc: call, slots, accumulator };
}

function slotComparator(cx: ExecContext, keys: readonly SortKey[], slots: readonly number[]): RowComparator {
  const comparators = keys.map((key) => keyComparator(cx.services.types, key));
  return (a, b) => {
    for (let k = 0; k < slots.length; k++) {
      const order = comparators[k](a[slots[k]], b[slots[k]]);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function rangeOrder(cx: ExecContext, node: WindowNode, slots: readonly number[]): RangeOrder {
  const { frame } = node;
  const key = node.orderBy[0];
  return {
    slot: slots[0] ?? -1,
    descending: key?.descending ?? false,
    nullsFirst: key?.nullsFirst ?? false,
    startInRange: inRangeFunction(cx, frame.startInRange),
    endInRange: inRangeFunction(cx, frame.endInRange),
  };
}

function inRangeFunction(cx: ExecContext, oid: number): InRange | null {
  const proc = oid === 0 ? undefined : cx.services.catalog.proc(oid);
  if (proc === undefined) return null;
  const code = functionCode(cx.services, proc, {
    argTypes: proc.argTypes,
    argTypmods: proc.argTypes.map(() => -1),
    resultType: proc.resultType,
    variadicArray: false,
  });
  return (value, base, offset, subtract, less) => code(value, base, offset, subtract, less) === true;
}

/** Whether the input is a sort (through projections and other windows, which keep order) that begins with these keys. */
function isSortedFor(input: PlanNode, keys: readonly SortKey[]): boolean {
  if (keys.length === 0) return true;
  if (input.kind === 'window' || input.kind === 'filter') return isSortedFor(input.input, keys);
  if (input.kind !== 'sort') return false;
  return keys.every((key, i) => {
    const given = input.keys[i];
    return (
      given !== undefined &&
      sameExpr(given.expr, key.expr) &&
      given.descending === key.descending &&
      given.nullsFirst === key.nullsFirst
    );
  });
}
