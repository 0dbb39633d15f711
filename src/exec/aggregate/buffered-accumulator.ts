/**
 * Aggregates with DISTINCT, ORDER BY or WITHIN GROUP: the arguments of each group are collected, then sorted, made
 * unique and fed to an ordinary accumulator when the result is asked for. DISTINCT without ORDER BY sorts by the
 * arguments, as PostgreSQL does.
 */
import type { AggregateCall, ColumnId, SortKey } from '../../sql/plan/expression.js';
import { sameExpr } from '../../sql/plan/same-expr.js';
import type { Datum, Row } from '../../types/datum.js';
import type { ExecContext } from '../exec-context.js';
import { Compiler } from '../expression/compile.js';
import type { Evaluator } from '../expression/evaluator.js';
import { keyFunction } from '../group-key.js';
import { KeyTable } from '../key-table.js';
import { type KeyComparator, keyComparator } from '../row-order.js';
import { rowBytes } from '../value-size.js';
import { Accumulator, type AccumulatorInput } from './accumulator.js';
import { makeAccumulator } from './make-accumulator.js';
import { orderedSetResult } from './ordered-set.js';
import { aggregateCode, TransitionAccumulator } from './transition-accumulator.js';

/** Columns of a collected row: the arguments, then the sort keys. */
type Collected = Row;

export class BufferedAccumulator extends Accumulator {
  private groups: Collected[][] = [];
  private readonly evaluators: readonly Evaluator[];
  private readonly directArgs: readonly Evaluator[];
  private readonly order: readonly { readonly slot: number; readonly compare: KeyComparator }[];
  private readonly distinct: KeyTable | null;
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
    this.order = keys.map((key, i) => ({
      slot: input.args.length + i,
      compare: keyComparator(services.types, key),
    }));
    this.distinct = call.distinct ? new KeyTable(distinctParts(cx, call)) : null;
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
    this.groups.push([]);
  }

  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { evaluators } = this;
    const { filter } = this.input;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const group = groups[i];
      if (filter !== null && !filter(row)) continue;
      const collected: Row = [];
      for (let k = 0; k < evaluators.length; k++) collected.push(evaluators[k](row));
      this.groups[group].push(collected);
      this.held += rowBytes(collected);
    }
  }

  result(group: number, keys: Row): Datum {
    const rows = this.unique(this.sorted(this.groups[group]));
    this.currentDirect = this.directArgs.map((arg) => arg(keys));
    const { inner, orderedSet } = this;
    if (orderedSet !== null) return orderedSet(rows, this.currentDirect);
    if (inner === null) throw new Error('an aggregate without accumulator');
    inner.clear();
    inner.addGroup();
    inner.accumulate(rows, new Int32Array(rows.length), 0, rows.length);
    return inner.result(0, keys);
  }

  private sorted(rows: Collected[]): Collected[] {
    if (this.order.length === 0) return rows;
    return rows.sort((a, b) => {
      for (const { slot, compare } of this.order) {
        const order = compare(a[slot], b[slot]);
        if (order !== 0) return order;
      }
      return 0;
    });
  }

  private unique(rows: Collected[]): Collected[] {
    const { distinct } = this;
    if (distinct === null) return rows;
    distinct.clear();
    return rows.filter((row) => {
      const known = distinct.count;
      return distinct.number(row) === known;
    });
  }

  clear(): void {
    this.groups = [];
  }
}

/** ORDER BY, and for DISTINCT the arguments that it does not name. */
function sortKeys(call: AggregateCall): SortKey[] {
  if (!call.distinct || call.aggregate.kind !== 'n') return [...call.orderBy];
  const rest = call.args.filter((arg) => !call.orderBy.some((key) => sameExpr(key.expr, arg)));
  return [...call.orderBy, ...rest.map((expr): SortKey => ({ expr, descending: false, nullsFirst: false }))];
}

function distinctParts(cx: ExecContext, call: AggregateCall) {
  return call.args.map((arg, i) => {
    const key = keyFunction(cx.services.types, arg.type);
    return (row: Row) => {
      const value = row[i];
      return value === null ? null : key(value);
    };
  });
}
