/** Reads the rows of a common table expression. */
import type { CteScanNode } from '../sql/plan/plan-node.js';
import type { ExecContext } from './exec-context.js';
import { StoreScan } from './store-scan.js';

export class CteScan extends StoreScan {
  constructor(cx: ExecContext, node: CteScanNode) {
    const store = cx.ctes.get(node.cte);
    if (store === undefined) throw new Error(`CTE ${node.name} is not defined above its scan`);
    super(cx, node.columns, store);
  }
}
