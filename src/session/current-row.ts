/** WHERE CURRENT OF: the table's row on which a cursor stands. */
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { cursorForm } from './plan-prepared.js';
import type { Portal } from './portal.js';

/** The row id; 0 when the cursor's row is none of the table's. @throws SqlError 34000, 24000 */
export function currentRow(portal: Portal | undefined, name: string, relation: RelationDesc): number {
  if (portal === undefined) throw sqlError('invalid_cursor_name', `cursor "${name}" does not exist`);
  if (!portal.isQuery) throw invalid(`cursor "${name}" is not a SELECT query`);
  const row = portal.cursor?.rows.current ?? null;
  if (portal.held || portal.status === 'failed') throw invalid(`cursor "${name}" is held from a previous transaction`);
  const all = cursorForm(portal.session, portal.prepared).planned?.currentRows ?? [];
  const found = all.filter((one) => one.relation === relation.oid);
  if (found.length === 0) {
    throw invalid(
      all.some((one) => one.locked)
        ? `cursor "${name}" does not have a FOR UPDATE/SHARE reference to table "${relation.name}"`
        : `cursor "${name}" is not a simply updatable scan of table "${relation.name}"`,
    );
  }
  if (found.length > 1)
    throw invalid(`cursor "${name}" has multiple FOR UPDATE/SHARE references to table "${relation.name}"`);
  if (row === null || portal.cursor?.onRow !== true) throw invalid(`cursor "${name}" is not positioned on a row`);
  const rowId = row[found[0].slot];
  return typeof rowId === 'number' ? rowId : 0;
}

function invalid(message: string): Error {
  return sqlError('invalid_cursor_state', message);
}
