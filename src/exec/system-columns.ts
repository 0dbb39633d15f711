/**
 * Hidden columns of stored rows, appended to a copy of the row. Rows have no physical place: ctid is made from the row
 * id. Rows have no transaction ids either: xmin is a fingerprint of the row's values, so that a client that compares it
 * later sees whether the row was changed, which is what xmin is read for (optimistic locking).
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import { rowFingerprint } from '../encoding/row-codec.js';
import type { SystemColumn, TableScan } from '../sql/plan/plan-node.js';
import type { RowId } from '../storage/api.js';
import { rowPosition } from '../storage/lock-tag.js';
import type { Datum, Row } from '../types/datum.js';
import { assertNever } from '../util/assert-never.js';

/** The smallest xid that is not one of PostgreSQL's own. */
const FIRST_NORMAL_XID = 3;
const XIDS = 2 ** 32 - FIRST_NORMAL_XID;

export type SystemAppender = (row: Row, rowId: RowId) => Row;

/** For a scan with system columns. */
export function systemAppender({ system, relation }: TableScan): SystemAppender {
  if (system.length === 1 && system[0] === 'row id') {
    return (row, rowId) => {
      const copy = row.slice();
      copy.push(rowId);
      return copy;
    };
  }
  return (row, rowId) => withSystemColumns(row, system, rowId, relation, 0);
}

/** `xmax`: the transaction that has deleted or locked the row, 0 for none. */
export function withSystemColumns(
  row: Row,
  system: readonly SystemColumn[],
  rowId: RowId,
  relation: RelationDesc,
  xmax: number,
): Row {
  const copy = row.slice();
  for (const column of system) copy.push(systemValue(column, row, rowId, relation, xmax));
  return copy;
}

function systemValue(column: SystemColumn, row: Row, rowId: RowId, relation: RelationDesc, xmax: number): Datum {
  switch (column) {
    case 'row id':
      return rowId;
    case 'ctid':
      return ctid(rowId);
    case 'tableoid':
      return relation.oid;
    case 'xmin':
      return FIRST_NORMAL_XID + (rowFingerprint(row) % XIDS);
    case 'xmax':
      return xmax;
    case 'cmin':
    case 'cmax':
      return 0;
    default:
      return assertNever(column);
  }
}

function ctid(rowId: RowId): string {
  const { page, line } = rowPosition(rowId);
  return `(${page},${line})`;
}
