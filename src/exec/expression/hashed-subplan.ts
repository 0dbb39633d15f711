/**
 * `(a, b) IN (SELECT …)` through a hash table. NULLs follow the comparison row by row: a row with a NULL that could
 * match, on either side, makes "not found" unknown.
 */
import type { SubplanExpr } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import type { GroupKey } from '../../types/type-codec.js';
import type { Task } from '../../util/task.js';
import { joinKeys, keyFunction } from '../group-key.js';
import { HeldMemory } from '../held-memory.js';
import { KeyNumbers } from '../key-numbers.js';
import type { Operator } from '../operator.js';
import { batchBytes, KEY_BYTES } from '../value-size.js';
import type { ExpressionCompiler } from './evaluator.js';

type Keys = readonly (GroupKey | null)[];

interface Members {
  readonly complete: KeyNumbers;
  /** The keys of complete rows, kept for outer rows with NULLs; only when there are several columns. */
  readonly rows: Keys[];
  readonly withNulls: Keys[];
  any: boolean;
}

export function hashedMembership(
  compiler: ExpressionCompiler,
  expr: SubplanExpr,
  pairs: NonNullable<SubplanExpr['hash']>,
) {
  const { cx } = compiler;
  const memory = new HeldMemory(cx);
  const { types } = cx.services;
  const outer = pairs.map((pair) => compiler.compile(pair.outer));
  const keys = pairs.map((pair) => keyFunction(types, pair.outer.type));
  const slots = pairs.map((pair) => expr.plan.columns.indexOf(pair.inner));
  const single = pairs.length === 1;

  function* build(plan: Operator): Task<Members> {
    const members: Members = { complete: new KeyNumbers(), rows: [], withNulls: [], any: false };
    memory.release();
    for (let batch = yield* plan.next(); batch !== null; batch = yield* plan.next()) {
      members.any = true;
      if (cx.overdue()) yield cx.giveWay();
      for (let i = 0; i < batch.length; i++) addMember(members, batch.rows[i]);
      memory.add(batchBytes(batch, KEY_BYTES));
    }
    return members;
  }

  function addMember(members: Members, row: Row): void {
    const values = slots.map((slot, k) => {
      const value = row[slot];
      return value === null ? null : keys[k](value);
    });
    if (values.includes(null)) {
      // One is enough where there is only one column.
      if (!single || members.withNulls.length === 0) members.withNulls.push(values);
      return;
    }
    members.complete.number(joinKeys(values));
    if (!single) members.rows.push(values);
  }

  function test(members: Members, row: Row): Datum {
    if (!members.any) return false;
    const values = outer.map((evaluate, k) => {
      const value = evaluate(row);
      return value === null ? null : keys[k](value);
    });
    const incomplete = values.includes(null);
    if (!incomplete && members.complete.find(joinKeys(values)) >= 0) return true;
    if (single) return incomplete || members.withNulls.length > 0 ? null : false;
    if (members.withNulls.some((candidate) => mayMatch(values, candidate))) return null;
    return incomplete && members.rows.some((candidate) => mayMatch(values, candidate)) ? null : false;
  }

  return { build, test };
}

function mayMatch(a: Keys, b: Keys): boolean {
  return a.every((key, i) => key === null || b[i] === null || key === b[i]);
}
