/** The system columns of a table that expressions ask for while they are bound. */
import type { ColumnId } from '../plan/expression.js';
import type { SystemColumn } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';

export interface SystemColumns {
  /** Those asked for so far, and their ids. */
  readonly system: readonly SystemColumn[];
  readonly systemIds: readonly ColumnId[];
  systemColumn(column: SystemColumn): ColumnId;
}

export function systemColumns(cx: BindContext): SystemColumns {
  const system: SystemColumn[] = [];
  const systemIds: ColumnId[] = [];
  const systemColumn = (column: SystemColumn): ColumnId => {
    const known = system.indexOf(column);
    if (known >= 0) return systemIds[known];
    const id = cx.newColumn(column);
    system.push(column);
    systemIds.push(id);
    return id;
  };
  return { system, systemIds, systemColumn };
}
