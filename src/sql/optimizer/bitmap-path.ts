/** Access paths through gin indexes: conditions that say something about the items of an indexed column. */
import type { IndexDesc } from '../../catalog/descriptors.js';
import type { Expr } from '../plan/expression.js';
import { isItemIndex } from '../plan/item-index.js';
import type { BitmapScanNode, ItemCondition, SeqScanNode } from '../plan/plan-node.js';
import { type AccessContext, isBound, isKey, predicateHolds } from './access-path.js';
import { conjuncts } from './conjuncts.js';

/** A scan by each gin index that serves at least one condition of the filter. */
export function bitmapPaths(cx: AccessContext, scan: SeqScanNode): BitmapScanNode[] {
  const parts = conjuncts(scan.filter);
  return scan.relation.indexes.flatMap((index) => {
    if (!index.valid || !isItemIndex(cx.catalog, index)) return [];
    return bitmapPath(cx, scan, index, parts) ?? [];
  });
}

function bitmapPath(
  cx: AccessContext,
  scan: SeqScanNode,
  index: IndexDesc,
  parts: readonly Expr[],
): BitmapScanNode | null {
  const { keys, predicate } = cx.indexes.keys(scan, index);
  if (!predicateHolds(predicate, parts)) return null;
  const own = new Set(scan.columns);
  const conditions: ItemCondition[] = [];
  const served: Expr[] = [];
  for (const part of parts) {
    if (part.kind !== 'function' || part.operator === null || part.args.length !== 2) continue;
    const { oid } = part.operator;
    const [left, value] = part.args;
    if (!isBound(value, own)) continue;
    for (let column = 0; column < index.keyColumns; column++) {
      const family = cx.catalog.opclass(index.opclasses[column])?.family;
      const entry = cx.catalog.ginStrategies(oid).find((candidate) => candidate.family === family);
      if (entry === undefined || !isKey(left, keys[column])) continue;
      conditions.push({ column, strategy: entry.strategy, value });
      served.push(part);
      break;
    }
  }
  if (conditions.length === 0) return null;
  const { relation, alias, system, filter, columns } = scan;
  const types = keys.map(({ type }) => type);
  return {
    kind: 'bitmap scan',
    relation,
    alias,
    system,
    filter,
    index,
    types,
    conditions,
    columns,
    original: scan,
    served,
    ofPredicate: conjuncts(predicate),
    rows: 0,
    cost: 0,
  };
}
