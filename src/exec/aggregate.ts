/**
 * GROUP BY and aggregates. Every grouping set numbers its groups in a table of keys and has an accumulator for each
 * call; groups come out in the order in which they first appeared (which keeps the order of sorted input).
 */

import type { AggregateCall, ColumnId, Expr } from '../sql/plan/expression.js';
import type { AggregateNode } from '../sql/plan/plan-node.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Accumulator, AccumulatorInput } from './aggregate/accumulator.js';
import { BufferedAccumulator } from './aggregate/buffered-accumulator.js';
import { ColumnKeys } from './aggregate/column-keys.js';
import { type ColumnValues, columnValues } from './aggregate/column-values.js';
import { DistinctCount } from './aggregate/distinct-count.js';
import { CountRows } from './aggregate/fast-accumulators.js';
import { ignoresOrder, makeAccumulator } from './aggregate/make-accumulator.js';
import { ChunkedList, type Pace } from './chunked-list.js';
import { ColumnBatch } from './column-batch.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { maySuspend } from './expression/long-call.js';
import { type ScaledNumeric, scaledNumeric } from './expression/scaled-numeric.js';
import { isOwnKey, keyFunction } from './group-key.js';
import { HeldMemory } from './held-memory.js';
import type { KeyFilter } from './key-filter.js';
import { type KeyPart, KeyTable } from './key-table.js';
import { nullRow } from './null-rows.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { suspension } from './suspend.js';
import { KEY_BYTES, rowBytes, valueBytes } from './value-size.js';

/** Results are made of so many groups between two looks at the clock: some put together thousands of values. */
const GROUPS_PER_CLOCK_READ = 4;
const ROWS_PER_CLOCK_READ = 256;

export class Aggregate extends Operator {
  private readonly sets: readonly GroupingSet[];
  private readonly out = new RowBuffer();
  private filled = false;
  private setPosition = 0;
  private groupPosition = 0;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: AggregateNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    const sets = node.sets ?? [node.groupBy.map((_, i) => i)];
    this.sets = sets.map((set) => new GroupingSet(cx, node, input, set));
  }

  open(): void {
    this.input.open();
    this.filled = false;
    this.setPosition = 0;
    this.groupPosition = 0;
    for (const set of this.sets) set.clear();
  }

  /** Groups that are of no use are not made. */
  override restrict(column: ColumnId, keys: KeyFilter): void {
    const { groupBy, sets } = this.node;
    const key = groupBy[this.columns.indexOf(column)];
    if (sets === null && key?.kind === 'column') this.input.restrict(key.id, keys);
  }

  *next(): Task<Batch | null> {
    if (!this.filled) yield* this.fill();
    const { out, sets, cx } = this;
    out.length = 0;
    while (this.setPosition < sets.length && out.length < BATCH_SIZE) {
      const set = sets[this.setPosition];
      try {
        for (; this.groupPosition < set.count && out.length < BATCH_SIZE; this.groupPosition++) {
          if (this.groupPosition % GROUPS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
          if (set.isLong(this.groupPosition)) yield* set.prepare(this.groupPosition);
          out.push(set.result(this.groupPosition));
        }
      } catch (error) {
        yield suspension(error);
        continue;
      }
      if (this.groupPosition >= set.count) {
        this.setPosition++;
        this.groupPosition = 0;
      }
    }
    return out.length === 0 ? null : out;
  }

  private *fill(): Task<void> {
    const { input, sets, cx } = this;
    const byColumn = sets.length === 1 && sets[0].takesColumns;
    for (;;) {
      const batch = yield* byColumn ? input.nextColumns() : input.next();
      if (batch === null) break;
      if (cx.overdue()) yield cx.giveWay();
      for (const set of sets) {
        if (sets.length > 1 && cx.overdue()) yield cx.giveWay();
        yield* set.take(batch);
      }
    }
    input.close();
    for (const set of sets) set.finish();
    this.filled = true;
  }

  close(): void {
    this.filled = true;
    this.setPosition = this.sets.length;
    for (const set of this.sets) set.clear();
    this.input.close();
  }
}

class GroupingSet {
  private readonly table: KeyTable;
  private readonly groupBy: readonly Evaluator[];
  private readonly accumulators: readonly Call[];
  private readonly columnKeys: ColumnKeys | null;
  private readonly groupingValues: readonly number[];
  /** The values of the groups, column by column: no object for a group. */
  private keys: ChunkedList<Datum>[];
  count = 0;
  private numbers = new Int32Array(BATCH_SIZE);

  private readonly memory: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    node: AggregateNode,
    input: Operator,
    private readonly columns: readonly number[],
  ) {
    this.memory = new HeldMemory(cx);
    const compiler = new Compiler(cx, input.columns);
    const groupColumns = node.columns.slice(0, node.groupBy.length);
    this.groupBy = compiler.compileAll(node.groupBy);
    this.keys = this.groupBy.map(() => new ChunkedList<Datum>());
    this.table = new KeyTable(columns.map((i) => keyPart(cx, compiler, node.groupBy[i])));
    this.accumulators = node.calls.map((call) => accumulatedCall(cx, compiler, call, groupColumns));
    const keys = columns.map((i) => node.groupBy[i]);
    this.columnKeys = ColumnKeys.of(compiler, keys, {
      ofRow: (row) => this.groupOf(row),
      ofKey: (key) => this.groupOfKey(key),
    });
    this.groupingValues = node.grouping.map((args) => groupingMask(args, columns));
  }

  clear(): void {
    this.memory.release();
    this.table.clear();
    this.keys = this.groupBy.map(() => new ChunkedList<Datum>());
    this.count = 0;
    for (const { accumulator } of this.accumulators) accumulator.clear();
  }

  /** Whether batches with columns spare work. */
  get takesColumns(): boolean {
    return this.columnKeys !== null || this.accumulators.some(({ values }) => values !== null);
  }

  /** The empty grouping set has its group even without input. */
  finish(): void {
    if (this.columns.length === 0 && this.count === 0) this.addGroup(null);
  }

  *take(batch: Batch): Task<void> {
    const { length } = batch;
    const columns = batch instanceof ColumnBatch ? batch : null;
    if (this.numbers.length < length) this.numbers = new Int32Array(length);
    const before = this.count;
    if (this.columns.length === 0) {
      if (this.count === 0) this.addGroup(null);
    } else if (columns === null || this.columnKeys?.number(columns, this.numbers) !== true) yield* this.number(batch);
    this.countGroups(before);
    for (const { accumulator, suspends, values, needsRows } of this.accumulators) {
      const column = columns === null ? null : (values?.column(columns) ?? null);
      if (column !== null) accumulator.accumulateColumn?.(column, values?.scale ?? null, this.numbers, length);
      else if (!needsRows) accumulator.accumulate(NO_ROWS, this.numbers, 0, length);
      else if (!suspends) yield* this.accumulate(accumulator, batch);
      else yield* accumulateOneByOne(this.cx, accumulator, batch.rows, this.numbers, length);
      if (accumulator.held > 0) {
        this.memory.add(accumulator.held);
        accumulator.held = 0;
      }
    }
  }

  /** A page may have thousands of rows, and arguments may take long. */
  private *accumulate(accumulator: Accumulator, { rows, length }: Batch): Task<void> {
    const { cx, numbers } = this;
    for (let from = 0; from < length; from += ROWS_PER_CLOCK_READ) {
      if (from > 0 && cx.overdue()) yield cx.giveWay();
      accumulator.accumulate(rows, numbers, from, Math.min(length, from + ROWS_PER_CLOCK_READ));
    }
  }

  private *number({ rows, length }: Batch): Task<void> {
    const { cx, numbers } = this;
    let i = 0;
    while (i < length) {
      if (i > 0 && cx.overdue()) yield cx.giveWay();
      const end = Math.min(length, i + ROWS_PER_CLOCK_READ);
      try {
        for (; i < end; i++) numbers[i] = this.groupOf(rows[i]);
      } catch (error) {
        yield suspension(error);
      }
    }
  }

  /** May throw a `Suspend`. */
  private groupOf(row: Row): number {
    const group = this.table.number(row);
    if (group === this.count) this.addGroup(row);
    return group;
  }

  /** The group of a key that is its own datum, and the only one. */
  private groupOfKey(key: number | null): number {
    const group = this.table.numberOfKey(key);
    if (group !== this.count) return group;
    const values = nullRow(this.groupBy.length);
    values[this.columns[0]] = key;
    this.addKeys(values);
    return group;
  }

  /** Accounts for the groups from number `first` on. */
  private countGroups(first: number): void {
    const added = this.count - first;
    if (added > 0) this.memory.add(this.groupBytes(first) + added * (KEY_BYTES + 32 * this.accumulators.length));
  }

  /** Of the groups from number `first` on. */
  private groupBytes(first: number): number {
    let bytes = (this.count - first) * rowBytes(nullRow(this.keys.length));
    for (const column of this.keys) for (let i = first; i < column.length; i++) bytes += valueBytes(column.at(i));
    return bytes;
  }

  /** May throw a `Suspend`; nothing has changed then. */
  private addGroup(row: Row | null): void {
    const values = nullRow(this.groupBy.length);
    if (row !== null) for (const i of this.columns) values[i] = this.groupBy[i](row);
    this.addKeys(values);
  }

  private addKeys(values: Row): void {
    for (let i = 0; i < values.length; i++) this.keys[i].push(values[i]);
    this.count++;
    for (const { accumulator } of this.accumulators) accumulator.addGroup();
  }

  isLong(group: number): boolean {
    for (let i = 0; i < this.accumulators.length; i++) {
      if (this.accumulators[i].accumulator.isLong(group)) return true;
    }
    return false;
  }

  *prepare(group: number): Task<void> {
    const keys = this.keysOf(group);
    for (const { accumulator } of this.accumulators) {
      if (accumulator.isLong(group)) yield* accumulator.prepare(group, keys, this.cx);
    }
  }

  private keysOf(group: number): Row {
    const keys: Row = [];
    for (let i = 0; i < this.keys.length; i++) keys.push(this.keys[i].at(group));
    return keys;
  }

  /** May throw a `Suspend`; nothing has changed then. */
  result(group: number): Row {
    const keys = this.keysOf(group);
    const row = keys.slice();
    for (const { accumulator } of this.accumulators) row.push(accumulator.result(group, keys));
    for (const value of this.groupingValues) row.push(value);
    return row;
  }
}

function* accumulateOneByOne(
  cx: Pace,
  accumulator: Accumulator,
  rows: readonly Row[],
  numbers: Int32Array,
  length: number,
): Task<void> {
  let i = 0;
  while (i < length) {
    if (i > 0 && cx.overdue()) yield cx.giveWay();
    const end = Math.min(length, i + ROWS_PER_CLOCK_READ);
    try {
      for (i = accumulator.accumulateReady(rows, numbers, i, end); i < end; ) {
        accumulator.accumulate(rows, numbers, i, i + 1);
        i = accumulator.accumulateReady(rows, numbers, i + 1, end);
      }
    } catch (error) {
      yield suspension(error);
    }
  }
}

export function keyPart(cx: ExecContext, compiler: Compiler, expr: Expr): KeyPart {
  const evaluate = compiler.compile(expr);
  if (isOwnKey(expr.type)) return evaluate as KeyPart;
  const key = keyFunction(cx.services.types, expr.type);
  return (row) => {
    const value = evaluate(row);
    return value === null ? null : key(value);
  };
}

/** An aggregate call and how it takes its input. */
interface Call {
  readonly accumulator: Accumulator;
  readonly suspends: boolean;
  /** Its argument as a column; null where it takes rows only. */
  readonly values: ColumnValues | null;
  /** False for count(*), which is not interested in them. */
  readonly needsRows: boolean;
}

const NO_ROWS: readonly Row[] = [];

function accumulatedCall(
  cx: ExecContext,
  compiler: Compiler,
  call: AggregateCall,
  groupColumns: readonly ColumnId[],
): Call {
  const [arg] = call.args;
  const scaled = call.args.length === 1 ? scaledNumeric(compiler, arg) : null;
  const accumulator = callAccumulator(cx, compiler, call, groupColumns, scaled);
  const byColumn = call.args.length === 1 && call.filter === null && accumulator.accumulateColumn !== undefined;
  return {
    accumulator,
    suspends: callExprs(call).some((expr) => maySuspend(cx, expr)),
    values: byColumn ? columnValues(compiler, arg, scaled) : null,
    needsRows: !(accumulator instanceof CountRows) || call.filter !== null,
  };
}

function callAccumulator(
  cx: ExecContext,
  compiler: Compiler,
  call: AggregateCall,
  groupColumns: readonly ColumnId[],
  scaled: ScaledNumeric | null,
): Accumulator {
  const input: AccumulatorInput = {
    args: compiler.compileAll(call.args),
    filter: call.filter === null ? null : compiler.predicate(call.filter),
    scaled,
  };
  const distinctMatters = call.distinct && !(ignoresOrder(call) && call.proc.name !== 'count');
  const orderMatters = call.orderBy.length > 0 && !ignoresOrder(call);
  if (call.distinct && call.proc.name === 'count' && ignoresOrder(call) && call.args.length === 1) {
    return new DistinctCount(keyPart(cx, compiler, call.args[0]), input.filter);
  }
  if (distinctMatters || orderMatters || call.aggregate.kind !== 'n') {
    return new BufferedAccumulator(cx, compiler, call, input, groupColumns);
  }
  return makeAccumulator(cx.services, call, input);
}

function callExprs(call: AggregateCall): Expr[] {
  const filter = call.filter === null ? [] : [call.filter];
  return [...call.args, ...call.directArgs, ...call.orderBy.map((key) => key.expr), ...filter];
}

/** GROUPING(): one bit for each argument, set when the grouping set does not have it; the last argument is bit 0. */
function groupingMask(args: readonly number[], columns: readonly number[]): number {
  return args.reduce((mask, arg) => mask * 2 + (columns.includes(arg) ? 0 : 1), 0);
}
