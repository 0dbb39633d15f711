/**
 * Whether a cursor that says neither SCROLL nor NO SCROLL may go back. PostgreSQL allows it where its plan can run
 * backwards, which clients see in pg_cursors and in 55000, so the same plans are told apart here.
 */
import type { Expr } from '../sql/plan/expression.js';
import { childNodes } from '../sql/plan/node-children.js';
import type { PlanNode } from '../sql/plan/plan-node.js';

export function supportsBackwardScan(node: PlanNode): boolean {
  switch (node.kind) {
    case 'seq scan':
    case 'index scan':
    case 'bitmap scan':
      return !isFalse(node.filter);
    case 'function scan':
    case 'cte scan':
    case 'sort':
      return true;
    case 'values':
      return node.tuples.length > 1;
    case 'filter':
      return !isFalse(node.predicate) && supportsBackwardScan(node.input);
    case 'project':
    case 'limit':
      return supportsBackwardScan(node.input);
    case 'append':
      return node.inputs.every(supportsBackwardScan);
    case 'with':
      return supportsBackwardScan(node.body);
    default:
      return false;
  }
}

/** A condition that never holds: PostgreSQL has no scan then. */
function isFalse(condition: Expr | null): boolean {
  return condition !== null && condition.kind === 'const' && condition.value !== true;
}

export function locksRows(node: PlanNode): boolean {
  return node.kind === 'lock rows' || childNodes(node).some(locksRows);
}
