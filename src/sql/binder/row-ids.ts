/**
 * Row ids in the rows of a cursor's query, behind its own columns, so that WHERE CURRENT OF can find the table's row. As
 * in PostgreSQL that takes either a locking clause, whose tables are then meant, or a query that is no more than a scan.
 */
import * as oid from '../../types/oids.js';
import { makeColumn } from '../plan/column-expr.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import type { PlanNode } from '../plan/plan-node.js';
import type { CurrentRow, PlannedStatement } from '../plan/planned-statement.js';
import type { BindContext } from './bind-context.js';

interface Exposed {
  readonly node: PlanNode;
  readonly ids: readonly { readonly relation: number; readonly id: ColumnId; readonly locked: boolean }[];
}

/** The bound query with the row ids that it can give; `currentRows` says where they stand. */
export function exposeRowIds(cx: BindContext, bound: PlannedStatement): PlannedStatement {
  const { node, ids } = expose(cx, bound.root);
  const first = bound.root.columns.length;
  const currentRows = ids.map(({ relation, locked }, i): CurrentRow => ({ relation, locked, slot: first + i }));
  return { ...bound, root: node, currentRows };
}

/** Whether the optimized plan of the query still is a scan, with nothing but projections and limits above. */
export function isPlainScan(node: PlanNode): boolean {
  switch (node.kind) {
    case 'seq scan':
    case 'index scan':
    case 'bitmap scan':
      return true;
    case 'filter':
    case 'project':
    case 'limit':
      return isPlainScan(node.input);
    case 'with':
      return isPlainScan(node.body);
    default:
      return false;
  }
}

function expose(cx: BindContext, node: PlanNode): Exposed {
  switch (node.kind) {
    case 'seq scan': {
      const known = node.system.indexOf('row id');
      const relation = node.relation.oid;
      if (known >= 0)
        return { node, ids: [{ relation, id: node.columns[node.relation.attributes.length + known], locked: false }] };
      const id = cx.newColumn('row id');
      const scan = { ...node, system: [...node.system, 'row id' as const], columns: [...node.columns, id] };
      return { node: scan, ids: [{ relation, id, locked: false }] };
    }
    case 'lock rows':
      return {
        node,
        ids: node.locks.map(({ relation, rowId }) => ({ relation: relation.oid, id: rowId, locked: true })),
      };
    case 'filter':
    case 'sort':
    case 'limit': {
      const { node: input, ids } = expose(cx, node.input);
      return { node: { ...node, input, columns: input.columns }, ids };
    }
    case 'project': {
      const { node: input, ids } = expose(cx, node.input);
      const added = ids.filter(({ id }) => !node.columns.includes(id));
      const exprs = [...node.exprs, ...added.map(({ id }) => rowIdColumn(id))];
      return { node: { ...node, input, exprs, columns: [...node.columns, ...added.map(({ id }) => id)] }, ids };
    }
    case 'with': {
      const { node: body, ids } = expose(cx, node.body);
      return { node: { ...node, body, columns: body.columns }, ids };
    }
    default:
      return { node, ids: [] };
  }
}

/** Reads a table's row ids. */
export function rowIdColumn(id: ColumnId): Expr {
  return makeColumn(id, 'row id', { type: oid.INT8, typmod: -1, collation: 0 });
}
