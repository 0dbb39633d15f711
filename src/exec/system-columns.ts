/**
 * Hidden columns of stored rows, appended to a copy of the row. Rows have no physical place: ctid is made from the row
 * id, and the transaction columns say what is true of every committed row (xmin frozen).
 */
import type { SystemColumn } from '../sql/plan/plan-node.js';
import { assertNever } from '../sql/plan/traverse.js';
import type { RowId } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';

const FROZEN_XID = 2;
/** Line pointers of an invented page. */
const ROWS_PER_PAGE = 256;

export type SystemAppender = (row: Row, rowId: RowId) => Row;

export function systemAppender(system: readonly SystemColumn[], relation: number): SystemAppender {
  if (system.length === 1 && system[0] === 'row id') {
    return (row, rowId) => {
      const copy = row.slice();
      copy.push(rowId);
      return copy;
    };
  }
  return (row, rowId) => {
    const copy = row.slice();
    for (const column of system) copy.push(systemValue(column, rowId, relation));
    return copy;
  };
}

function systemValue(column: SystemColumn, rowId: RowId, relation: number): Datum {
  switch (column) {
    case 'row id':
      return rowId;
    case 'ctid':
      return `(${Math.floor((rowId - 1) / ROWS_PER_PAGE)},${((rowId - 1) % ROWS_PER_PAGE) + 1})`;
    case 'tableoid':
      return relation;
    case 'xmin':
      return FROZEN_XID;
    case 'xmax':
    case 'cmin':
    case 'cmax':
      return 0;
    default:
      return assertNever(column);
  }
}
