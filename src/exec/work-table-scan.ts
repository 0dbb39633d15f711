/** Reads the last round's rows of a recursive query. */
import type { WorkTableScanNode } from '../sql/plan/plan-node.js';
import type { ExecContext } from './exec-context.js';
import { StoreScan } from './store-scan.js';

export class WorkTableScan extends StoreScan {
  constructor(cx: ExecContext, node: WorkTableScanNode) {
    const store = cx.workTables.get(node.id);
    if (store === undefined) throw new Error(`work table ${node.name} is read outside of its recursive query`);
    super(cx, node.columns, store);
  }
}
