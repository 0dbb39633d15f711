/** What of a table's indexes a statement locks because it plans with them: all, as PostgreSQL's planner does. */
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { PlannedIndexes } from '../../storage/api.js';

type Mode = PlannedIndexes['mode'];

const byRelation = new WeakMap<RelationDesc, Map<Mode, PlannedIndexes>>();

/** One object for a table (as it is now) and mode; null when the table has no indexes. */
export function plannedIndexes(relation: RelationDesc, mode: Mode): PlannedIndexes | null {
  if (relation.indexes.length === 0) return null;
  let byMode = byRelation.get(relation);
  if (byMode === undefined) {
    byMode = new Map();
    byRelation.set(relation, byMode);
  }
  let planned = byMode.get(mode);
  if (planned === undefined) {
    planned = { indexes: relation.indexes.map(({ oid }) => oid), mode };
    byMode.set(mode, planned);
  }
  return planned;
}
