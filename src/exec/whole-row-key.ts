/**
 * Keys over all columns of a plan's rows. Nodes do not say the types of their columns, so they are found by following
 * each column down to the expression or attribute that gives it.
 */
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import { childNodes } from '../sql/plan/node-children.js';
import type { PlanNode } from '../sql/plan/plan-node.js';
import * as oid from '../types/oids.js';
import type { ExecContext } from './exec-context.js';
import { isOwnKey, keyFunction } from './group-key.js';
import type { KeyPart } from './key-table.js';

export function rowKeyParts(cx: ExecContext, node: PlanNode): KeyPart[] {
  return node.columns.map((id, i): KeyPart => {
    const type = columnType(cx, node, id);
    if (type === null || isOwnKey(type)) return ((row) => row[i]) as KeyPart;
    const key = keyFunction(cx.services.types, type);
    return (row) => {
      const value = row[i];
      return value === null ? null : key(value);
    };
  });
}

/** Type of column `id` of a node's rows; null when only plain values can be there or nothing says it. */
export function columnType(cx: ExecContext, node: PlanNode, id: ColumnId): number | null {
  const at = node.columns.indexOf(id);
  const own = at < 0 ? null : definedType(cx, node, at);
  if (own !== null) return own;
  for (const child of childNodes(node)) {
    const found = child.columns.includes(id) ? columnType(cx, child, id) : null;
    if (found !== null) return found;
  }
  return null;
}

function definedType(cx: ExecContext, node: PlanNode, at: number): number | null {
  switch (node.kind) {
    case 'project':
    case 'project set':
      return exprType(cx, node, node.exprs[at]);
    case 'values':
      return node.tuples[0]?.[at].type ?? null;
    case 'seq scan':
    case 'index scan':
    case 'bitmap scan':
      return node.relation.attributes[at]?.type ?? oid.INT8;
    case 'aggregate':
      return aggregateType(node.groupBy, node.calls, at);
    case 'window':
      return at < node.input.columns.length ? null : node.calls[at - node.input.columns.length].type;
    case 'append':
      return columnType(cx, node.inputs[0], node.inputs[0].columns[at]);
    case 'set operation':
      return columnType(cx, node.left, node.left.columns[at]);
    case 'recursive union':
      return columnType(cx, node.seed, node.seed.columns[at]);
    case 'with':
      return columnType(cx, node.body, node.body.columns[at]);
    case 'function scan':
      return functionColumnType(cx, node, at);
    case 'insert':
    case 'update':
    case 'delete':
      return node.returning?.exprs[at]?.type ?? null;
    case 'cte scan': {
      const plan = cx.ctePlans.get(node.cte);
      return plan === undefined ? null : columnType(cx, plan, plan.columns[at]);
    }
    case 'work table scan': {
      const plan = cx.ctePlans.get(node.id);
      return plan === undefined ? null : columnType(cx, plan, plan.columns[at]);
    }
    default:
      return null;
  }
}

/** A projection that only reorders columns does not know their types (0). */
function exprType(cx: ExecContext, node: PlanNode & { kind: 'project' | 'project set' }, expr: Expr): number | null {
  if (expr.type !== 0) return expr.type;
  return expr.kind === 'column' && node.input.columns.includes(expr.id) ? columnType(cx, node.input, expr.id) : null;
}

function aggregateType(groupBy: readonly Expr[], calls: readonly { readonly type: number }[], at: number): number {
  if (at < groupBy.length) return groupBy[at].type;
  return calls[at - groupBy.length]?.type ?? oid.INT4;
}

function functionColumnType(cx: ExecContext, node: PlanNode & { kind: 'function scan' }, at: number): number {
  let first = 0;
  for (let i = 0; i < node.functions.length; i++) {
    const count = node.columnCounts[i];
    if (at < first + count) return oneColumnType(cx, node, i, at - first);
    first += count;
  }
  return oid.INT8;
}

function oneColumnType(cx: ExecContext, node: PlanNode & { kind: 'function scan' }, i: number, at: number): number {
  const definition = node.columnDefinitions[i];
  if (definition !== null) return definition[at].type;
  const expr = node.functions[i];
  const fields = cx.services.types.catalog.compositeFields(expr.type);
  if (fields !== undefined) return fields[at].type;
  if (expr.kind === 'function' && expr.proc.allArgTypes !== null && expr.proc.argModes !== null) {
    const { argModes, allArgTypes } = expr.proc;
    const outputs = allArgTypes.filter((_, k) => argModes[k] !== 'i' && argModes[k] !== 'v');
    if (outputs.length > at) return outputs[at];
  }
  return expr.type;
}
