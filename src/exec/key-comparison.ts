/** Whether versions of a row agree in the columns to which foreign keys may refer: those of plain unique indexes. */
import { isReferableKey, type RelationDesc } from '../catalog/descriptors.js';
import type { SameKey } from '../storage/api.js';
import type { ExecContext } from './exec-context.js';

export function keyComparison(cx: ExecContext, relation: RelationDesc): SameKey {
  let columns: ReturnType<typeof keyColumns> | null = null;
  return (before, after) => {
    columns ??= keyColumns(cx, relation);
    return columns.every(({ slot, codec }) => {
      const [a, b] = [before[slot], after[slot]];
      return a === b || (a !== null && b !== null && codec.compare(a, b) === 0);
    });
  };
}

function keyColumns(cx: ExecContext, relation: RelationDesc) {
  const numbers = relation.indexes
    .filter(isReferableKey)
    .flatMap(({ attributes, keyColumns }) => attributes.slice(0, keyColumns));
  return [...new Set(numbers)].map((number) => {
    const slot = number - 1;
    return { slot, codec: cx.services.types.codec(relation.attributes[slot].type) };
  });
}
