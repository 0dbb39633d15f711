/**
 * The keys of rows that are to be sorted, column by column. Numbers end up in a typed array, everything else in one list;
 * rows are compared by their positions.
 */
import type { SortKey } from '../sql/plan/expression.js';
import type { Datum } from '../types/datum.js';
import type { TypeContext } from '../types/type-context.js';
import type { PositionOrder } from '../util/sort-indexes.js';
import type { Task } from '../util/task.js';
import { ChunkedList, type Pace } from './chunked-list.js';
import { isOrderedNumber, isText, keyComparator } from './row-order.js';

const SURROGATE = /[\ud800-\udfff]/;
/** Numbers that are copied between two looks at the clock. */
const VALUES_PER_CLOCK_READ = 8192;

export class SortColumn {
  private readonly values = new ChunkedList<Datum>();
  private readonly isText: boolean;
  /** No string has surrogates: texts order by their code units. */
  private plain: boolean;
  /** Nothing but numbers. */
  private numeric: boolean;

  constructor(
    private readonly types: TypeContext,
    private readonly key: SortKey,
  ) {
    this.isText = isText(key.expr.type);
    this.plain = this.isText;
    this.numeric = isOrderedNumber(key.expr.type);
  }

  push(value: Datum): void {
    this.values.push(value);
    if (this.plain) this.plain = value === null || !SURROGATE.test(String(value));
    if (this.numeric) this.numeric = typeof value === 'number';
  }

  /** The order of all values. They are copied: none is to be added any more. */
  *order(cx: Pace): Task<PositionOrder> {
    const { key } = this;
    if (this.numeric) return numberOrder(yield* this.numbers(cx), key.descending);
    const values = yield* this.values.flat(cx);
    this.values.clear();
    const compare = keyComparator(this.types, key, this.plain);
    return (a, b) => compare(values[a], values[b]);
  }

  private *numbers(cx: Pace): Task<Float64Array> {
    const { values } = this;
    const numbers = new Float64Array(values.length);
    for (let i = 0; i < numbers.length; i++) {
      if (i % VALUES_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
      numbers[i] = Number(values.at(i));
    }
    values.clear();
    return numbers;
  }
}

function numberOrder(numbers: Float64Array, descending: boolean): PositionOrder {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const x = numbers[a];
    const y = numbers[b];
    return x < y ? -sign : x > y ? sign : 0;
  };
}

/** The order by several columns, the first one first. */
export function* columnsOrder(cx: Pace, columns: readonly SortColumn[]): Task<PositionOrder> {
  const orders: PositionOrder[] = [];
  for (const column of columns) orders.push(yield* column.order(cx));
  const [first, second] = orders;
  if (orders.length === 1) return first;
  if (orders.length === 2) return (a, b) => first(a, b) || second(a, b);
  return (a, b) => {
    for (let k = 0; k < orders.length; k++) {
      const order = orders[k](a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}
