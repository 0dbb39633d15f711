/**
 * What a hash join tells the scan on its left side while it builds the right one: which keys there are at all. Rows with
 * others cannot come through, and are dropped before anything is done with them.
 */
import type { ColumnId } from '../sql/plan/expression.js';
import type { HashJoinNode } from '../sql/plan/plan-node.js';
import * as oid from '../types/oids.js';
import type { Task } from '../util/task.js';
import { ColumnBatch } from './column-batch.js';
import type { ExecContext } from './exec-context.js';
import type { Compiler } from './expression/compile.js';
import type { HeldMemory } from './held-memory.js';
import { KeyFilter, KeyList } from './key-filter.js';
import type { Batch, Operator } from './operator.js';

/** Keys of these types are numbers that fit a typed array. */
export const SMALL_INTEGERS = new Set<number>([oid.INT2, oid.INT4]);

/** A left side of fewer rows (as expected) is not worth it. */
const WORTHWHILE_ROWS = 2000;

interface RestrictedKey {
  readonly column: ColumnId;
  /** Where a row of the right side has the key. */
  readonly slot: number;
  readonly keys: KeyList;
}

export class JoinRestriction {
  private readonly restricted: readonly RestrictedKey[];
  private readonly leftRows: number;
  private rows = 0;

  constructor(
    private readonly cx: ExecContext,
    node: HashJoinNode,
    right: Compiler,
  ) {
    const { joinType, leftKeys, rightKeys } = node;
    const dropsLeft = joinType !== 'left' && joinType !== 'full' && joinType !== 'anti';
    this.leftRows = node.left.rows;
    this.restricted = leftKeys.flatMap((left, i) => {
      const key = rightKeys[i];
      if (!dropsLeft || this.leftRows < WORTHWHILE_ROWS || left.kind !== 'column' || key.kind !== 'column') return [];
      if (!SMALL_INTEGERS.has(left.type) || !SMALL_INTEGERS.has(key.type)) return [];
      return [{ column: left.id, slot: right.slot(key.id), keys: new KeyList() }];
    });
  }

  clear(): void {
    this.rows = 0;
    for (const { keys } of this.restricted) keys.clear();
  }

  /** Rows of the right side. */
  take(batch: Batch): void {
    this.rows += batch.length;
    if (this.rows > this.leftRows) return;
    for (const { slot, keys } of this.restricted) {
      const column = batch instanceof ColumnBatch ? batch.numbers(slot, null) : null;
      if (column === null) addRows(keys, slot, batch);
      else for (let i = 0; i < batch.length; i++) if (!Number.isNaN(column[i])) keys.add(column[i]);
    }
  }

  /** To be called when all rows of the right side have been taken and nothing was read from `left`. */
  *apply(left: Operator, memory: HeldMemory): Task<void> {
    if (this.rows > this.leftRows) return;
    for (const { column, keys } of this.restricted) {
      const filter = yield* KeyFilter.of(this.cx, keys);
      memory.add(filter.bytes);
      left.restrict(column, filter);
      keys.clear();
    }
  }
}

function addRows(keys: KeyList, slot: number, { rows, length }: Batch): void {
  for (let i = 0; i < length; i++) {
    const key = rows[i][slot];
    if (typeof key === 'number') keys.add(key);
  }
}
