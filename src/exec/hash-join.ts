/**
 * Hash join: builds a table of the right side, then looks every left row up. NULL keys never match; with `nullAware`
 * an anti join is NOT IN: a NULL key on either side means that nothing can be said to be absent.
 */
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { HashJoinNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import { ColumnBatch } from './column-batch.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import { isOwnKey, joinKeys, keyFunction } from './group-key.js';
import { HeldMemory } from './held-memory.js';
import { IntegerJoinTable } from './integer-join-table.js';
import { JoinRestriction, SMALL_INTEGERS } from './join-restriction.js';
import { JoinTable, NONE, type RowTable } from './join-table.js';
import type { KeyFilter } from './key-filter.js';
import { nullRow } from './null-rows.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { type RowJoiner, rowJoiner, slotsOf } from './row-joiner.js';
import { type BatchMeter, batchMeter } from './row-meter.js';
import { suspension } from './suspend.js';
import { KEY_BYTES } from './value-size.js';

/** So many rows of the right side are tried before the clock is read again. */
const STEPS_AT_ONCE = 8192;

type RowKey = (row: Row) => GroupKey | null;

/** A left row with more partners than this has them given out in several batches. */
const MANY_PARTNERS = 4 * BATCH_SIZE;

export class HashJoin extends Operator {
  private readonly leftKey: RowKey;
  private readonly rightKey: RowKey;
  private readonly residual: Predicate | null;
  private readonly out = new RowBuffer();
  private readonly leftNulls: Row;
  private readonly rightNulls: Row;
  private readonly keepsLeft: boolean;
  private readonly keepsRight: boolean;
  /** Left rows only mark right ones, which come out at the end. */
  private readonly marks: boolean;
  private table: RowTable | null = null;
  private readonly join: RowJoiner;
  /** What the residual is evaluated over: a joined row in which only the columns that it reads are filled. */
  private readonly scratch: Row;
  private readonly leftRead: readonly number[];
  private readonly rightRead: readonly number[];
  private readonly integerKeys: boolean;
  /** Where the right side has its only, integer key; -1 where it is not so simple. */
  private readonly builtSlot: number;
  private readonly restriction: JoinRestriction;
  private readonly rightBytes: BatchMeter;
  private matched: Uint8Array | null = null;
  private leftBatch: Batch | null = null;
  private leftPosition = 0;
  private leftMatched = false;
  /** Where the current left row's chain goes on; `fresh` before it was looked up. */
  private chain = NONE;
  private steps = 0;
  private fresh = true;
  private phase: 'probe' | 'right' | 'done' = 'done';
  private rightPosition = 0;
  private readonly memory: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: HashJoinNode,
    private readonly leftInput: Operator,
    private readonly rightInput: Operator,
  ) {
    super(node.columns);
    this.memory = new HeldMemory(cx);
    const keys = [...node.leftKeys, ...node.rightKeys];
    const small = keys.every((key) => SMALL_INTEGERS.has(key.type));
    this.integerKeys = small && node.leftKeys.length === 1;
    const [key] = node.rightKeys;
    this.builtSlot = this.integerKeys && key.kind === 'column' ? rightInput.columns.indexOf(key.id) : -1;
    const keyOf = small && node.leftKeys.length === 2 ? pairKey : rowKey;
    this.leftKey = keyOf(cx, new Compiler(cx, leftInput.columns), node.leftKeys);
    this.rightKey = keyOf(cx, new Compiler(cx, rightInput.columns), node.rightKeys);
    this.rightBytes = batchMeter(rightInput, KEY_BYTES);
    this.restriction = new JoinRestriction(cx, node, new Compiler(cx, rightInput.columns));
    const both = [...leftInput.columns, ...rightInput.columns];
    this.residual = node.residual === null ? null : new Compiler(cx, both).predicate(node.residual);
    this.scratch = nullRow(both.length);
    const read = node.residual === null ? new Set<number>() : exprColumns(node.residual);
    this.leftRead = slotsOf(leftInput.columns, read);
    this.rightRead = slotsOf(rightInput.columns, read);
    this.join = rowJoiner(leftInput.columns, rightInput.columns, node.columns);
    this.leftNulls = nullRow(leftInput.columns.length);
    this.rightNulls = nullRow(rightInput.columns.length);
    this.keepsLeft = node.joinType === 'left' || node.joinType === 'full' || node.joinType === 'anti';
    this.marks = node.joinType === 'right semi' || node.joinType === 'right anti';
    this.keepsRight = node.joinType === 'right' || node.joinType === 'full' || this.marks;
  }

  open(): void {
    this.memory.release();
    this.leftInput.open();
    this.rightInput.open();
    this.table = null;
    this.restriction.clear();
    this.leftBatch = null;
    this.leftPosition = 0;
    this.fresh = true;
    this.phase = 'probe';
    this.rightPosition = 0;
  }

  /** A row without its key could only come out with NULL in its place, which is none of the keys either. */
  override restrict(column: ColumnId, keys: KeyFilter): void {
    if (this.marks) this.rightInput.restrict(column, keys);
    if (this.keepsRight) return;
    if (this.leftInput.columns.includes(column)) this.leftInput.restrict(column, keys);
    else if (this.node.joinType === 'inner') this.rightInput.restrict(column, keys);
  }

  override boundedBytes(column: ColumnId): number | null {
    const input = !this.marks && this.leftInput.columns.includes(column) ? this.leftInput : this.rightInput;
    return input.boundedBytes(column);
  }

  *next(): Task<Batch | null> {
    const { out, cx } = this;
    out.length = 0;
    if (this.phase === 'done') return null;
    const table = this.table ?? (yield* this.build());
    while (out.length < BATCH_SIZE && this.phase === 'probe') {
      if (cx.overdue()) yield cx.giveWay();
      if (this.leftBatch === null || this.leftPosition >= this.leftBatch.length) {
        this.leftBatch = yield* this.leftInput.next();
        this.leftPosition = 0;
        if (this.leftBatch === null) {
          this.phase = this.keepsRight ? 'right' : 'done';
          break;
        }
      }
      this.steps = 0;
      try {
        this.probe(table, this.leftBatch);
      } catch (error) {
        yield suspension(error);
      }
    }
    if (this.phase === 'right') this.addRight(table);
    return out.length === 0 ? null : out;
  }

  private *build(): Task<RowTable> {
    const { rightInput, cx } = this;
    const table = this.integerKeys ? new IntegerJoinTable() : new JoinTable();
    for (;;) {
      const batch = yield* this.builtSlot >= 0 ? rightInput.nextColumns() : rightInput.next();
      if (batch === null) break;
      if (cx.overdue()) yield cx.giveWay();
      const keys = batch instanceof ColumnBatch ? batch.numbers(this.builtSlot, null) : null;
      if (keys === null) yield* this.addRows(table, batch);
      else this.addColumn(table, keys, batch);
      this.restriction.take(batch);
      this.memory.add(this.rightBytes(batch));
    }
    rightInput.close();
    yield* table.finish(cx);
    this.table = table;
    this.matched = this.keepsRight ? new Uint8Array(table.rows.length) : null;
    this.skipUselessProbe(table);
    if (this.phase === 'probe') yield* this.restriction.apply(this.leftInput, this.memory);
    return table;
  }

  private *addRows(table: RowTable, { rows, length }: Batch): Task<void> {
    const { rightKey } = this;
    let i = 0;
    while (i < length) {
      try {
        for (; i < length; i++) this.addBuilt(table, rightKey(rows[i]), rows[i]);
      } catch (error) {
        yield suspension(error);
      }
    }
  }

  /** The same where the keys stand in a column: the rows themselves are not looked at. */
  private addColumn(table: RowTable, keys: Float64Array, { rows, length }: Batch): void {
    for (let i = 0; i < length; i++) this.addBuilt(table, Number.isNaN(keys[i]) ? null : keys[i], rows[i]);
  }

  private addBuilt(table: RowTable, key: GroupKey | null, row: Row): void {
    if (key !== null || this.keepsRight) table.add(key, row);
    else table.hasNullKey = true;
  }

  /** Cases in which no left row can come through. */
  private skipUselessProbe(table: RowTable): void {
    const { joinType, nullAware } = this.node;
    const empty = table.rows.length === 0;
    const nothing =
      (empty && (joinType === 'inner' || joinType === 'semi' || this.marks)) || (nullAware && table.hasNullKey);
    if (nothing) {
      this.phase = 'done';
      this.leftInput.close();
    }
  }

  /** Probes with the rows of the batch until it is used up or the output is full. Restartable after a `Suspend`. */
  private probe(table: RowTable, batch: Batch): void {
    const { out } = this;
    if (this.residual === null && this.fresh) {
      this.probeKeys(table, batch);
      if (this.fresh) return;
    }
    while (this.leftPosition < batch.length) {
      const left = batch.rows[this.leftPosition];
      if (this.fresh) {
        const key = this.leftKey(left);
        this.chain = key === null ? NONE : table.first(key);
        // NOT IN: a NULL is not known to be absent, unless the right side is empty.
        this.leftMatched = key === null && this.node.nullAware && table.rows.length > 0;
        this.fresh = false;
      }
      if (!this.follow(table, left)) return;
      if (!this.leftMatched && this.keepsLeft) {
        out.push(this.node.joinType === 'anti' ? left : this.join(left, this.rightNulls));
      }
      this.fresh = true;
      this.leftPosition++;
      if (out.length >= BATCH_SIZE) return;
    }
  }

  /** The same where keys alone decide. Stops within a row, which is then no longer fresh, where it has many partners. */
  private probeKeys(table: RowTable, batch: Batch): void {
    const { out, leftKey, matched, keepsLeft, marks, join, rightNulls } = this;
    const { joinType, nullAware } = this.node;
    const { rows } = table;
    const pairs = joinType !== 'semi' && joinType !== 'anti';
    for (; this.leftPosition < batch.length && out.length < BATCH_SIZE; this.leftPosition++) {
      const left = batch.rows[this.leftPosition];
      const key = leftKey(left);
      let right = key === null ? NONE : table.first(key);
      if (right === NONE) {
        const unknown = key === null && nullAware && rows.length > 0;
        if (keepsLeft && !unknown) out.push(pairs ? join(left, rightNulls) : left);
        continue;
      }
      if (!pairs) {
        if (joinType === 'semi') out.push(left);
        continue;
      }
      if (marks) {
        this.markChain(table, right);
        continue;
      }
      for (; right !== NONE; right = table.after(right)) {
        if (out.length >= MANY_PARTNERS) {
          this.chain = right;
          this.leftMatched = true;
          this.fresh = false;
          return;
        }
        if (matched !== null) matched[right] = 1;
        out.push(join(left, rows[right]));
      }
    }
  }

  /** A key whose first row is marked has all of them marked. */
  private markChain(table: RowTable, first: number): void {
    const { matched } = this;
    if (matched === null || matched[first] === 1) return;
    for (let right = first; right !== NONE; right = table.after(right)) matched[right] = 1;
  }

  /** The chain of one left row; false when it stops before its end, because the output is full or for others' turn. */
  private follow(table: RowTable, left: Row): boolean {
    const { out, residual, matched, marks, scratch, leftRead, rightRead } = this;
    const { joinType } = this.node;
    const rightStart = this.leftNulls.length;
    if (this.chain === NONE) return true;
    for (let i = 0; i < leftRead.length; i++) scratch[leftRead[i]] = left[leftRead[i]];
    while (this.chain !== NONE) {
      if (out.length >= BATCH_SIZE || this.steps++ > STEPS_AT_ONCE) return false;
      if (marks && matched !== null && matched[this.chain] === 1) {
        this.chain = table.after(this.chain);
        continue;
      }
      const right = table.rows[this.chain];
      for (let i = 0; i < rightRead.length; i++) scratch[rightStart + rightRead[i]] = right[rightRead[i]];
      if (residual === null || residual(scratch)) {
        if (matched !== null) matched[this.chain] = 1;
        this.leftMatched = true;
        if (joinType === 'semi' || joinType === 'anti') {
          if (joinType === 'semi') out.push(left);
          this.chain = NONE;
          return true;
        }
        if (!marks) out.push(this.join(left, right));
      }
      this.chain = table.after(this.chain);
    }
    return true;
  }

  /** At the end: right rows without a partner; of a right semi join those with one. */
  private addRight({ rows }: RowTable): void {
    const { out, matched, marks } = this;
    const wanted = this.node.joinType === 'right semi' ? 1 : 0;
    for (; this.rightPosition < rows.length && out.length < BATCH_SIZE; this.rightPosition++) {
      const row = rows[this.rightPosition];
      if ((matched?.[this.rightPosition] ?? 0) === wanted) out.push(marks ? row : this.join(this.leftNulls, row));
    }
    if (this.rightPosition >= rows.length) this.phase = 'done';
  }

  close(): void {
    this.memory.release();
    this.phase = 'done';
    this.table = null;
    this.matched = null;
    this.restriction.clear();
    this.leftBatch = null;
    this.leftInput.close();
    this.rightInput.close();
  }
}

/** Numbers of which one may be multiplied by twice the limit of the other and stay a safe integer. */
const PAIR_LIMIT = 2 ** 20;

/** Two int4 or int2 as one number where the second one is not too large; always the same key for the same values. */
function pairKey(_cx: ExecContext, compiler: Compiler, exprs: readonly Expr[]): RowKey {
  const [first, second] = compiler.compileAll(exprs);
  return (row) => {
    const a = first(row);
    const b = second(row);
    if (typeof a !== 'number' || typeof b !== 'number') return null;
    return b >= -PAIR_LIMIT && b < PAIR_LIMIT ? a * (2 * PAIR_LIMIT) + b : joinKeys([a, b]);
  };
}

/** The key of a row, null when one of its parts is NULL. */
export function rowKey(cx: ExecContext, compiler: Compiler, exprs: readonly Expr[]): RowKey {
  const parts = compiler.compileAll(exprs);
  const keys = exprs.map((expr) => keyFunction(cx.services.types, expr.type));
  const [part] = parts;
  const [key] = keys;
  if (parts.length === 1) {
    if (isOwnKey(exprs[0].type)) return (row) => part(row) as GroupKey | null;
    return (row) => {
      const value = part(row);
      return value === null ? null : key(value);
    };
  }
  return (row) => {
    const values: GroupKey[] = [];
    for (let i = 0; i < parts.length; i++) {
      const value = parts[i](row);
      if (value === null) return null;
      values.push(keys[i](value));
    }
    return joinKeys(values);
  };
}
