/**
 * Aggregates with DISTINCT, ORDER BY or WITHIN GROUP: the arguments of each group are collected, then sorted, made
 * unique and fed to an ordinary accumulator when the result is asked for. DISTINCT without ORDER BY sorts by the
 * arguments, as PostgreSQL does.
 */
import type { AggregateCall, ColumnId, SortKey } from '../../sql/plan/expression.js';
import { sameExpr } from '../../sql/plan/same-expr.js';
import type { Datum, Row } from '../../types/datum.js';
import type { GroupKey } from '../../types/type-codec.js';
import { sortIndexes } from '../../util/sort-indexes.js';
import { runSync, type Task } from '../../util/task.js';
import { AT_ONCE, ChunkedList, type Pace } from '../chunked-list.js';
import type { ExecContext, ExecServices } from '../exec-context.js';
import { Compiler } from '../expression/compile.js';
import type { Evaluator } from '../expression/evaluator.js';
import { type KeyFunction, keyFunction } from '../group-key.js';
import { TupleNumbers } from '../key-numbers.js';
import { nullRow } from '../null-rows.js';
import { columnsOrder, SortColumn } from '../sort-keys.js';
import { rowBytes } from '../value-size.js';
import { Accumulator, type AccumulatorInput } from './accumulator.js';
import { makeAccumulator } from './make-accumulator.js';
import { orderedSetResult } from './ordered-set.js';
import { aggregateCode, TransitionAccumulator } from './transition-accumulator.js';

/** A group of more rows has its result made in slices. */
const MANY_ROWS = 1024;
/** Rows that the ordinary accumulator gets at once. */
const FED_AT_ONCE = 256;

/** What was collected of a group, column by column: the arguments, then the sort keys. */
type Collected = readonly ChunkedList<Datum>[];

export class BufferedAccumulator extends Accumulator {
  private groups: Collected[] = [];
  private prepared: { readonly group: number; readonly value: Datum } | null = null;
  private readonly services: ExecServices;
  private readonly evaluators: readonly Evaluator[];
  private readonly directArgs: readonly Evaluator[];
  private readonly order: readonly SortKey[];
  private readonly distinct: readonly KeyFunction[] | null;
  /** Null for ordered-set aggregates that are computed from the sorted rows. */
  private readonly inner: Accumulator | null;
  private readonly orderedSet: ReturnType<typeof orderedSetResult>;

  constructor(
    cx: ExecContext,
    compiler: Compiler,
    call: AggregateCall,
    private readonly input: AccumulatorInput,
    groupColumns: readonly ColumnId[],
  ) {
    super();
    const keys = sortKeys(call);
    this.evaluators = [...input.args, ...compiler.compileAll(keys.map((key) => key.expr))];
    this.directArgs = new Compiler(cx, groupColumns).compileAll(call.directArgs);
    const { services } = cx;
    this.services = services;
    this.order = keys;
    this.distinct = call.distinct ? call.args.map((arg) => keyFunction(services.types, arg.type)) : null;
    const collected: AccumulatorInput = { args: call.args.map((_, i) => (row) => row[i]), filter: null };
    this.orderedSet = orderedSetResult(services, call);
    this.inner =
      this.orderedSet !== null
        ? null
        : call.aggregate.kind === 'n'
          ? makeAccumulator(services, call, collected)
          : new TransitionAccumulator(aggregateCode(services, call), collected, () => this.currentDirect);
  }

  private currentDirect: readonly Datum[] = [];

  addGroup(): void {
    this.groups.push(this.evaluators.map(() => new ChunkedList<Datum>()));
  }

  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { evaluators } = this;
    const { filter } = this.input;
    this.prepared = null;
    const values: Row = nullRow(evaluators.length);
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const group = groups[i];
      if (filter !== null && !filter(row)) continue;
      // All or none: an expression may have to wait.
      for (let k = 0; k < evaluators.length; k++) values[k] = evaluators[k](row);
      const columns = this.groups[group];
      for (let k = 0; k < columns.length; k++) columns[k].push(values[k]);
      this.held += rowBytes(values);
    }
  }

  override isLong(group: number): boolean {
    return rowCount(this.groups[group]) > MANY_ROWS && this.prepared?.group !== group;
  }

  override *prepare(group: number, keys: Row, cx: Pace): Task<void> {
    this.prepared = { group, value: yield* this.compute(group, keys, cx) };
  }

  result(group: number, keys: Row): Datum {
    const { prepared } = this;
    return prepared?.group === group ? prepared.value : runSync(this.compute(group, keys, AT_ONCE));
  }

  private *compute(group: number, keys: Row, cx: Pace): Task<Datum> {
    const columns = this.groups[group];
    this.currentDirect = this.directArgs.map((arg) => arg(keys));
    const positions = yield* this.unique(columns, yield* this.sorted(columns, cx), cx);
    const { inner, orderedSet } = this;
    if (orderedSet !== null) {
      const rows = {
        length: positions.length,
        value: (i: number, slot: number): Datum => columns[slot].at(positions[i]),
      };
      return yield* orderedSet(rows, this.currentDirect, cx);
    }
    if (inner === null) throw new Error('an aggregate without accumulator');
    inner.clear();
    inner.addGroup();
    yield* this.feed(inner, columns, positions, cx);
    if (inner.isLong(0)) yield* inner.prepare(0, keys, cx);
    return inner.result(0, keys);
  }

  /** The positions of the rows in order. */
  private *sorted(columns: Collected, cx: Pace): Task<Uint32Array> {
    const { order, input } = this;
    const count = rowCount(columns);
    if (order.length === 0) return Uint32Array.from({ length: count }, (_, i) => i);
    const keys = order.map((key) => new SortColumn(this.services.types, key));
    for (let k = 0; k < keys.length; k++) {
      const values = columns[input.args.length + k];
      for (let i = 0; i < count; i++) {
        if (i % MANY_ROWS === MANY_ROWS - 1 && cx.overdue()) yield cx.giveWay();
        keys[k].push(values.at(i));
      }
    }
    return yield* sortIndexes(cx, count, yield* columnsOrder(cx, keys));
  }

  /** Without those whose arguments have come before. */
  private *unique(columns: Collected, positions: Uint32Array, cx: Pace): Task<Uint32Array> {
    const { distinct } = this;
    if (distinct === null) return positions;
    const seen = new TupleNumbers(distinct.length);
    const keys = distinct.map((): GroupKey | null => null);
    for (let i = 0; i < positions.length; i++) {
      if (i % MANY_ROWS === MANY_ROWS - 1 && cx.overdue()) yield cx.giveWay();
      for (let k = 0; k < keys.length; k++) {
        const value = columns[k].at(positions[i]);
        keys[k] = value === null ? null : distinct[k](value);
      }
      const known = seen.count;
      if (seen.number(keys) === known) positions[known] = positions[i];
    }
    return positions.subarray(0, seen.count);
  }

  private *feed(inner: Accumulator, columns: Collected, positions: Uint32Array, cx: Pace): Task<void> {
    const groups = new Int32Array(FED_AT_ONCE);
    const width = this.input.args.length;
    for (let start = 0; start < positions.length; start += FED_AT_ONCE) {
      if (cx.overdue()) yield cx.giveWay();
      const rows: Row[] = [];
      for (const position of positions.subarray(start, start + FED_AT_ONCE)) {
        const row = nullRow(width);
        for (let k = 0; k < width; k++) row[k] = columns[k].at(position);
        rows.push(row);
      }
      inner.accumulate(rows, groups, 0, rows.length);
    }
  }

  clear(): void {
    this.groups = [];
    this.prepared = null;
  }
}

/** An aggregate that is collected has an argument, or at least something to sort by. */
function rowCount(columns: Collected): number {
  return columns.length === 0 ? 0 : columns[0].length;
}

/** ORDER BY, and for DISTINCT the arguments that it does not name. */
function sortKeys(call: AggregateCall): SortKey[] {
  if (!call.distinct || call.aggregate.kind !== 'n') return [...call.orderBy];
  const rest = call.args.filter((arg) => !call.orderBy.some((key) => sameExpr(key.expr, arg)));
  return [...call.orderBy, ...rest.map((expr): SortKey => ({ expr, descending: false, nullsFirst: false }))];
}
