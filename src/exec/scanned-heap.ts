/** The rows of a relation that a query reads. */
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Heap } from '../storage/api.js';
import type { ExecContext } from './exec-context.js';

/** @throws SqlError 55000 for a materialized view without data */
export function scannedHeap(cx: ExecContext, relation: RelationDesc): Heap {
  if (relation.populated) return cx.heap(relation);
  throw sqlError('object_not_in_prerequisite_state', `materialized view "${relation.name}" has not been populated`, {
    hint: 'Use the REFRESH MATERIALIZED VIEW command.',
  });
}
