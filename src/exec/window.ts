/**
 * Window functions over one window definition. Rows are collected with everything that the calls need evaluated,
 * sorted by partition and order (unless the input is so sorted already), and computed partition by partition.
 */
import type { Expr, SortKey, WindowCall } from '../sql/plan/expression.js';
import type { PlanNode, WindowNode } from '../sql/plan/plan-node.js';
import { sameExpr } from '../sql/plan/same-expr.js';
import type { Datum, Row } from '../types/datum.js';
import { sortIndexes } from '../util/sort-indexes.js';
import type { Task } from '../util/task.js';
import type { Accumulator } from './aggregate/accumulator.js';
import { makeAccumulator } from './aggregate/make-accumulator.js';
import { aggregateUse } from './aggregate/transition-accumulator.js';
import { evaluateWithoutRow, mapRows, rowMaker } from './batch-loops.js';
import { ChunkedList } from './chunked-list.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { functionCode } from './expression/function-code.js';
import { HeldMemory } from './held-memory.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { keyComparator, type RowComparator } from './row-order.js';
import { columnsOrder, SortColumn } from './sort-keys.js';
import { batchBytes, SLOT_BYTES } from './value-size.js';
import { checkOffset, FrameFinder, type InRange, type RangeOrder } from './window/frame.js';
import { Partition } from './window/partition.js';
import { WindowAggregate } from './window/window-aggregate.js';
import { asksForPeers, windowFunction } from './window/window-functions.js';

interface Call {
  readonly desc: WindowCall;
  readonly slots: readonly number[];
  readonly accumulator: Accumulator | null;
}

export class Window extends Operator {
  private readonly width: number;
  /** The row with what the calls need behind it; null where they need nothing else. */
  private readonly prepare: ((row: Row) => Row) | null;
  private readonly samePartition: RowComparator;
  private readonly order: RowComparator;
  private readonly sortKeys: readonly { readonly key: SortKey; readonly slot: number }[];
  private readonly usesPeers: boolean;
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
    this.sortKeys = [
      ...partitionKeys.map((key, i) => ({ key, slot: partitionSlots[i] })),
      ...node.orderBy.map((key, i) => ({ key, slot: orderSlots[i] })),
    ];
    this.calls = node.calls.map((call) => placeCall(cx, layout, call));
    const whole = rowMaker([
      ...input.columns.map(
        (_, i): Evaluator =>
          (row) =>
            row[i],
      ),
      ...layout.extra,
    ]);
    this.prepare = layout.extra.length === 0 ? null : whole;
    this.usesPeers = node.calls.some((call) =>
      asksForPeers(call.aggregate === null ? call.proc.source : null, node.frame),
    );
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
    const rows = new ChunkedList<Row>();
    const prepared = new RowBuffer();
    for (let batch = yield* input.next(); batch !== null; batch = yield* input.next()) {
      if (this.prepare === null) rows.pushAll(batch.rows, batch.length);
      else {
        prepared.length = 0;
        yield* mapRows(this.cx, batch, this.prepare, prepared);
        rows.pushAll(prepared.rows, prepared.length);
      }
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
    this.rows = this.presorted ? yield* rows.flat(this.cx) : yield* this.sort(rows);
    return this.rows;
  }

  private *sort(rows: ChunkedList<Row>): Task<readonly Row[]> {
    const { cx, sortKeys } = this;
    const columns = sortKeys.map(({ key }) => new SortColumn(cx.services.types, key));
    for (let i = 0; i < rows.length; i++) {
      if (i % BATCH_SIZE === 0 && cx.overdue()) yield cx.giveWay();
      for (let k = 0; k < columns.length; k++) columns[k].push(rows.at(i)[sortKeys[k].slot]);
    }
    const positions = yield* sortIndexes(cx, rows.length, yield* columnsOrder(cx, columns));
    const sorted = new Array<Row>(rows.length);
    for (let i = 0; i < positions.length; i++) {
      if (i % BATCH_SIZE === 0 && cx.overdue()) yield cx.giveWay();
      sorted[i] = rows.at(positions[i]);
    }
    return sorted;
  }

  /** Finds the next partition and computes all calls over it. */
  private *compute(rows: readonly Row[]): Task<void> {
    const { cx, node } = this;
    const start = this.nextPartition;
    const end = yield* this.partitionEnd(rows, start);
    const own = start === 0 && end === rows.length ? rows : rows.slice(start, end);
    const partition = new Partition(own, node.orderBy.length === 0 ? null : this.order);
    if (this.usesPeers && own.length > BATCH_SIZE) yield* partition.findPeers(cx);
    const frames = new FrameFinder(node.frame, partition, this.range, this.offsets[0], this.offsets[1]);
    const results: Datum[][] = [];
    for (const { desc, slots, accumulator } of this.calls) {
      const values = new Array<Datum>(own.length);
      results.push(values);
      if (accumulator === null) {
        yield* this.fill(values, windowFunction(desc.proc.source)(partition, frames, slots));
      } else yield* this.aggregate(values, new WindowAggregate(accumulator, partition, frames));
    }
    this.partition = { rows: own, results };
    this.position = 0;
    this.nextPartition = end;
  }

  private *partitionEnd(rows: readonly Row[], start: number): Task<number> {
    const { cx, samePartition } = this;
    if (this.node.partitionBy.length === 0) return rows.length;
    let end = start + 1;
    for (; end < rows.length && samePartition(rows[start], rows[end]) === 0; end++) {
      if (end % BATCH_SIZE === 0 && cx.overdue()) yield cx.giveWay();
    }
    return end;
  }

  private *fill(values: Datum[], valueAt: (i: number) => Datum): Task<void> {
    const { cx } = this;
    for (let i = 0; i < values.length; i++) {
      if ((i & 63) === 63 && cx.overdue()) yield cx.giveWay();
      values[i] = valueAt(i);
    }
  }

  private *aggregate(values: Datum[], aggregate: WindowAggregate): Task<void> {
    const { cx } = this;
    for (let i = 0; i < values.length; i++) {
      if (((i & 63) === 63 || aggregate.isLarge) && cx.overdue()) yield cx.giveWay();
      while (!aggregate.step(i)) if (cx.overdue()) yield cx.giveWay();
      values[i] = aggregate.value;
    }
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
