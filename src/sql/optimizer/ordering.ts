/** Sorting: rows that an index gives in the wanted order are not sorted, and a limit above a sort makes it a top-N. */
import * as oid from '../../types/oids.js';
import type { Expr, SortKey } from '../plan/expression.js';
import { substituteColumns } from '../plan/free-columns.js';
import type { IndexScanNode, PlanNode, SeqScanNode } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import { type AccessContext, pathFor } from './access-path.js';
import { conjuncts } from './conjuncts.js';
import { estimate } from './estimates.js';

/** LIMIT over SORT: only so many rows are kept. */
export function limitSort(node: PlanNode & { kind: 'limit' }): PlanNode {
  const wanted = wantedRows(node);
  if (wanted === null || node.tiesKeys !== null) return node;
  const input = withTopN(node.input, wanted);
  return input === node.input ? node : { ...node, input };
}

function withTopN(node: PlanNode, limit: Expr): PlanNode {
  if (node.kind === 'sort') return { ...node, limit };
  if (node.kind === 'project') {
    const input = withTopN(node.input, limit);
    return input === node.input ? node : { ...node, input };
  }
  return node;
}

function wantedRows(node: PlanNode & { kind: 'limit' }): Expr | null {
  if (node.limit === null) return null;
  if (node.offset === null) return node.limit;
  if (node.limit.kind !== 'const' || node.offset.kind !== 'const') return null;
  const sum = Number(node.limit.value ?? 0) + Number(node.offset.value ?? 0);
  if (node.limit.value === null || !Number.isSafeInteger(sum)) return null;
  return { kind: 'const', value: sum, type: oid.INT8, typmod: -1, collation: 0, location: -1 };
}

/** A sort that an index scan below makes needless is dropped; `limited`: only few rows are wanted. */
export function avoidSort(cx: AccessContext, node: PlanNode & { kind: 'sort' }, limited: boolean): PlanNode {
  const ordered = orderedInput(cx, node.input, node.keys, limited);
  return ordered ?? node;
}

function orderedInput(cx: AccessContext, node: PlanNode, keys: readonly SortKey[], limited: boolean): PlanNode | null {
  // Indexes are in the order of the code points, whatever their collation.
  if (keys.some(({ expr }) => cx.catalog.collation(expr.collation)?.provider === 'i')) return null;
  switch (node.kind) {
    case 'project': {
      const replacement = new Map(node.columns.map((id, i) => [id, node.exprs[i]]));
      const below = keys.map((key) => ({ ...key, expr: substituteColumns(key.expr, replacement) }));
      const input = orderedInput(cx, node.input, below, limited);
      return input === null ? null : { ...node, input };
    }
    case 'filter': {
      const input = orderedInput(cx, node.input, keys, limited);
      return input === null ? null : { ...node, input };
    }
    case 'index scan': {
      const reordered = orderedScan(node, keys);
      if (reordered !== null) return reordered;
      return node.original === undefined || !limited ? null : fromScan(cx, node.original, keys, node);
    }
    case 'bitmap scan':
      return limited && node.rows >= WORTH_ORDERING ? fromScan(cx, node.original, keys, null) : null;
    case 'seq scan':
      return limited ? fromScan(cx, node, keys, null) : null;
    default:
      return null;
  }
}

/** Fewer rows are sorted, however few of them are asked for. */
const WORTH_ORDERING = 1000;

/** A scan by an index in the wanted order, where no selective index is used already. */
function fromScan(
  cx: AccessContext,
  scan: SeqScanNode,
  keys: readonly SortKey[],
  chosen: IndexScanNode | null,
): PlanNode | null {
  if (chosen !== null && chosen.rows < WORTH_ORDERING) return null;
  for (const index of scan.relation.indexes) {
    const path = pathFor(cx, scan, index, conjuncts(scan.filter));
    const ordered = path === null ? null : orderedScan(path, keys);
    if (ordered !== null) return estimate(ordered, cx.statistics);
  }
  return null;
}

/** The index scan in the direction that gives the keys' order; null when it cannot. */
function orderedScan(scan: IndexScanNode, keys: readonly SortKey[]): IndexScanNode | null {
  if (scan.prefix.some((condition) => condition.kind === 'any')) return null;
  let position = 0;
  let reversed: boolean | null = null;
  for (const key of keys) {
    while (position < scan.prefix.length && !sameExpr(scan.indexKeys[position], key.expr)) position++;
    if (position < scan.prefix.length) {
      continue;
    }
    if (position >= scan.index.keyColumns || !sameExpr(scan.indexKeys[position], key.expr)) return null;
    const flip = scan.index.descending[position] !== key.descending;
    const nulls = (scan.index.nullsFirst[position] !== key.nullsFirst) === flip;
    if (!nulls || (reversed !== null && reversed !== flip)) return null;
    reversed = flip;
    position++;
  }
  return { ...scan, descending: reversed === true };
}
