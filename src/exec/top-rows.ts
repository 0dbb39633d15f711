/** The first N rows of an order, kept in a heap with the last of them at the root. Ties go to the earlier row. */
import type { Datum, Row } from '../types/datum.js';
import { sortIndexes } from '../util/sort-indexes.js';
import type { Task } from '../util/task.js';
import { ChunkedList, type Pace } from './chunked-list.js';
import type { Evaluator } from './expression/evaluator.js';
import type { KeyComparator } from './row-order.js';
import { rowBytes } from './value-size.js';

interface Entry {
  readonly row: Row;
  readonly keys: Datum[];
  readonly sequence: number;
}

export class TopRows {
  private readonly heap: Entry[] = [];
  private offered = 0;
  /** What the kept rows take, roughly. */
  bytes = 0;

  constructor(
    private readonly wanted: number,
    private readonly comparators: readonly KeyComparator[],
  ) {}

  /** May throw a `Suspend`, before anything has changed. */
  offer(row: Row, keys: readonly Evaluator[]): void {
    const { heap } = this;
    if (this.wanted === 0) return;
    if (heap.length < this.wanted) {
      heap.push({ row, keys: keys.map((key) => key(row)), sequence: this.offered++ });
      this.bytes += 2 * rowBytes(row);
      this.up(heap.length - 1);
      return;
    }
    // Most rows lose on their first key: evaluate no more than that decides.
    const worst = heap[0];
    const values: Datum[] = [];
    let order = 0;
    for (let k = 0; k < keys.length; k++) {
      values.push(keys[k](row));
      if (order === 0) order = this.comparators[k](values[k], worst.keys[k]);
      if (order > 0) return;
    }
    if (order === 0) return;
    this.bytes += 2 * (rowBytes(row) - rowBytes(worst.row));
    heap[0] = { row, keys: values, sequence: this.offered++ };
    this.down(0);
  }

  /** All rows that are kept; no more are to be offered. */
  *inOrder(cx: Pace): Task<ChunkedList<Row>> {
    const { heap } = this;
    const order = yield* sortIndexes(cx, heap.length, (a, b) => this.compare(heap[a], heap[b]));
    const rows = new ChunkedList<Row>();
    for (const i of order) rows.push(heap[i].row);
    return rows;
  }

  private compare(a: Entry, b: Entry): number {
    for (let k = 0; k < this.comparators.length; k++) {
      const order = this.comparators[k](a.keys[k], b.keys[k]);
      if (order !== 0) return order;
    }
    return a.sequence - b.sequence;
  }

  private up(start: number): void {
    const { heap } = this;
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.compare(heap[parent], heap[i]) >= 0) return;
      [heap[parent], heap[i]] = [heap[i], heap[parent]];
      i = parent;
    }
  }

  private down(start: number): void {
    const { heap } = this;
    let i = start;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.compare(heap[child + 1], heap[child]) > 0) child++;
      if (this.compare(heap[i], heap[child]) >= 0) return;
      [heap[i], heap[child]] = [heap[child], heap[i]];
      i = child;
    }
  }
}
