/** Walking and rewriting trees of plan nodes, exhaustively by kind: a new kind is a compile error here. */
import { assertNever } from '../../util/assert-never.js';
import type { PlanNode } from './plan-node.js';

export function childNodes(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'values':
    case 'seq scan':
    case 'index scan':
    case 'bitmap scan':
    case 'function scan':
    case 'cte scan':
    case 'work table scan':
    case 'row source':
      return [];
    case 'filter':
    case 'project':
    case 'project set':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock rows':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return [node.input];
    case 'join':
    case 'nested loop':
    case 'hash join':
    case 'merge join':
    case 'set operation':
      return [node.left, node.right];
    case 'append':
      return node.inputs;
    case 'with':
      return [...node.ctes.map((cte) => cte.plan), node.body];
    case 'recursive union':
      return [node.seed, node.step];
    default:
      return assertNever(node);
  }
}

export function mapChildNodes(node: PlanNode, f: (node: PlanNode) => PlanNode): PlanNode {
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'values':
    case 'seq scan':
    case 'index scan':
    case 'bitmap scan':
    case 'function scan':
    case 'cte scan':
    case 'work table scan':
    case 'row source':
      return node;
    case 'filter':
    case 'project':
    case 'project set':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock rows':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return { ...node, input: f(node.input) };
    case 'join':
    case 'nested loop':
    case 'hash join':
    case 'merge join':
    case 'set operation':
      return { ...node, left: f(node.left), right: f(node.right) };
    case 'append':
      return { ...node, inputs: node.inputs.map(f) };
    case 'with':
      return { ...node, ctes: node.ctes.map((cte) => ({ ...cte, plan: f(cte.plan) })), body: f(node.body) };
    case 'recursive union':
      return { ...node, seed: f(node.seed), step: f(node.step) };
    default:
      return assertNever(node);
  }
}

export function walkPlan(node: PlanNode, visit: (node: PlanNode) => void): void {
  visit(node);
  for (const child of childNodes(node)) walkPlan(child, visit);
}
