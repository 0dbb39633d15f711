/**
 * ORDER BY. Keys are evaluated once a row and kept column by column. With a limit only the best rows so far are kept
 * (a heap whose root is the worst of them); equal rows keep their input order either way.
 */
import type { SortNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import { sortIndexes } from '../util/sort-indexes.js';
import type { Task } from '../util/task.js';
import { evaluateWithoutRow, ROWS_PER_CLOCK_READ } from './batch-loops.js';
import { ChunkedList, type Pace } from './chunked-list.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { HeldMemory } from './held-memory.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { type BatchMeter, batchMeter } from './row-meter.js';
import { keyComparator } from './row-order.js';
import { columnsOrder, SortColumn } from './sort-keys.js';
import { suspension } from './suspend.js';
import { TopRows } from './top-rows.js';
import { SLOT_BYTES } from './value-size.js';

/** Beyond this many rows a full sort costs less than a heap of that size is worth. */
const MAX_TOP = 100_000;

export class Sort extends Operator {
  private readonly keys: readonly Evaluator[];
  private readonly limit: Evaluator | null;
  private readonly out = new RowBuffer();
  private sorted: ChunkedList<Row> | null = null;
  private order: Uint32Array | null = null;
  private position = 0;
  private readonly memory: HeldMemory;
  private readonly inputBytes: BatchMeter;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: SortNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    this.memory = new HeldMemory(cx);
    this.inputBytes = batchMeter(input, SLOT_BYTES * node.keys.length);
    const compiler = new Compiler(cx, input.columns);
    this.keys = compiler.compileAll(node.keys.map((key) => key.expr));
    this.limit = node.limit === null ? null : new Compiler(cx, []).compile(node.limit);
  }

  open(): void {
    this.memory.release();
    this.input.open();
    this.sorted = null;
    this.order = null;
    this.position = 0;
  }

  *next(): Task<Batch | null> {
    if (this.sorted === null) yield* this.run();
    const { sorted, order, out } = this;
    out.length = 0;
    if (sorted === null) return null;
    // Whoever reads on without giving rows itself gets no other chance.
    if (this.cx.overdue()) yield this.cx.giveWay();
    const end = Math.min(sorted.length, this.position + BATCH_SIZE);
    for (let i = this.position; i < end; i++) out.push(sorted.at(order === null ? i : order[i]));
    this.position = end;
    return out.length === 0 ? null : out;
  }

  private *run(): Task<void> {
    const limit = this.limit === null ? null : yield* evaluateWithoutRow(this.limit);
    const wanted = limit === null ? Number.POSITIVE_INFINITY : Number(limit);
    if (wanted >= 0 && wanted <= MAX_TOP) yield* this.runTop(wanted);
    else yield* this.runFull();
    this.input.close();
  }

  private *runFull(): Task<void> {
    const { input, keys, cx } = this;
    const rows = new ChunkedList<Row>();
    const columns = this.node.keys.map((key) => new SortColumn(cx.services.types, key));
    for (let batch = yield* input.next(); batch !== null; batch = yield* input.next()) {
      rows.pushAll(batch.rows, batch.length);
      for (let k = 0; k < keys.length; k++) yield* extract(cx, keys[k], batch, columns[k]);
      this.memory.add(this.inputBytes(batch));
    }
    this.order = yield* sortIndexes(cx, rows.length, yield* columnsOrder(cx, columns));
    this.sorted = rows;
  }

  private *runTop(wanted: number): Task<void> {
    const { input, keys, cx } = this;
    const compare = this.node.keys.map((key) => keyComparator(cx.services.types, key));
    const top = new TopRows(wanted, compare);
    let counted = 0;
    for (let batch = yield* input.next(); batch !== null; batch = yield* input.next()) {
      let i = 0;
      while (i < batch.length) {
        if (cx.overdue()) yield cx.giveWay();
        const end = Math.min(batch.length, i + ROWS_PER_CLOCK_READ);
        try {
          for (; i < end; i++) top.offer(batch.rows[i], keys);
        } catch (error) {
          yield suspension(error);
        }
      }
      this.memory.add(top.bytes - counted);
      counted = top.bytes;
    }
    this.sorted = yield* top.inOrder(cx);
  }

  close(): void {
    this.memory.release();
    this.sorted = null;
    this.order = null;
    this.input.close();
  }
}

/** A page may have thousands of rows, and keys may take long. */
function* extract(cx: Pace, key: Evaluator, batch: Batch, into: SortColumn): Task<void> {
  let i = 0;
  while (i < batch.length) {
    if (i > 0 && cx.overdue()) yield cx.giveWay();
    const end = Math.min(batch.length, i + KEYS_PER_CLOCK_READ);
    try {
      for (; i < end; i++) into.push(key(batch.rows[i]));
    } catch (error) {
      yield suspension(error);
    }
  }
}

const KEYS_PER_CLOCK_READ = 256;
