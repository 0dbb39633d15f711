/**
 * Hidden columns of stored rows, appended to a copy of the row. Rows have no physical place: ctid is made from the row
 * id, xmin is the running transaction for rows that it has written and frozen for those of others.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { SystemColumn, TableScan } from '../sql/plan/plan-node.js';
import type { RowId, StorageId } from '../storage/api.js';
import { rowPosition } from '../storage/lock-tag.js';
import type { Datum, Row } from '../types/datum.js';
import { assertNever } from '../util/assert-never.js';
import type { ExecContext } from './exec-context.js';

const FROZEN_XID = 2;

export type SystemAppender = (row: Row, rowId: RowId) => Row;

/** For a scan with system columns. */
export function systemAppender(cx: ExecContext, { system, relation }: TableScan): SystemAppender {
  if (system.length === 1 && system[0] === 'row id') {
    return (row, rowId) => {
      const copy = row.slice();
      copy.push(rowId);
      return copy;
    };
  }
  return (row, rowId) => {
    const copy = row.slice();
    for (const column of system) copy.push(systemValue(cx, column, rowId, relation));
    return copy;
  };
}

function systemValue(cx: ExecContext, column: SystemColumn, rowId: RowId, relation: RelationDesc): Datum {
  switch (column) {
    case 'row id':
      return rowId;
    case 'ctid':
      return ctid(rowId);
    case 'tableoid':
      return relation.oid;
    case 'xmin':
      return writer(cx, relation.storage, rowId);
    case 'xmax':
    case 'cmin':
    case 'cmax':
      return 0;
    default:
      return assertNever(column);
  }
}

function writer({ transaction }: ExecContext, storage: StorageId, rowId: RowId): number {
  return transaction.hasWritten(storage, rowId) ? transaction.xid : FROZEN_XID;
}

function ctid(rowId: RowId): string {
  const { page, line } = rowPosition(rowId);
  return `(${page},${line})`;
}
