/**
 * From plan nodes to operators: one exhaustive switch. Nodes that write or lock are made by `WriteOperators`, which
 * whoever owns those operators passes in. Under EXPLAIN ANALYZE every operator is wrapped by `instrument`.
 */

import type { DeleteNode, InsertNode, LockRowsNode, MergeNode, PlanNode, UpdateNode } from '../sql/plan/plan-node.js';
import { assertNever } from '../util/assert-never.js';
import { Aggregate } from './aggregate.js';
import { Append } from './append.js';
import { BitmapScan } from './bitmap-scan.js';
import { CteScan } from './cte-scan.js';
import { Distinct } from './distinct.js';
import { Empty } from './empty.js';
import type { ExecContext, Instantiate } from './exec-context.js';
import { Filter } from './filter.js';
import { FunctionScan } from './function-scan.js';
import { HashJoin } from './hash-join.js';
import { IndexScan } from './index-scan.js';
import { Limit } from './limit.js';
import { MergeJoin } from './merge-join.js';
import { NestedLoop } from './nested-loop.js';
import { OneRow } from './one-row.js';
import type { Operator } from './operator.js';
import { Project } from './project.js';
import { ProjectSet } from './project-set.js';
import { RecursiveUnion } from './recursive-union.js';
import { RowSource } from './row-source.js';
import { RowStore } from './row-store.js';
import { SeqScan } from './seq-scan.js';
import { SequenceScan } from './sequence-scan.js';
import { SetOperation } from './set-operation.js';
import { Sort } from './sort.js';
import { Values } from './values.js';
import { Window } from './window.js';
import { With } from './with.js';
import { WorkTableScan } from './work-table-scan.js';

/** Makers of the operators for nodes that write or lock. `input` is instantiated already. */
export interface WriteOperators {
  insert(cx: ExecContext, node: InsertNode, input: Operator): Operator;
  update(cx: ExecContext, node: UpdateNode, input: Operator): Operator;
  delete(cx: ExecContext, node: DeleteNode, input: Operator): Operator;
  merge(cx: ExecContext, node: MergeNode, input: Operator): Operator;
  'lock rows'(cx: ExecContext, node: LockRowsNode, input: Operator): Operator;
}

/** Sees every operator once; what it gives is used instead. */
export type Instrument = (node: PlanNode, operator: Operator) => Operator;

export function instantiator(writes: WriteOperators, instrument?: Instrument): Instantiate {
  const make: Instantiate = (node, cx) => operatorFor(node, cx, make, writes);
  if (instrument === undefined) return make;
  const wrapped: Instantiate = (node, cx) => instrument(node, operatorFor(node, cx, wrapped, writes));
  return wrapped;
}

function operatorFor(node: PlanNode, cx: ExecContext, make: Instantiate, writes: WriteOperators): Operator {
  switch (node.kind) {
    case 'one row':
      return new OneRow(node.columns);
    case 'empty':
      return new Empty(node.columns);
    case 'values':
      return new Values(cx, node);
    case 'seq scan':
      return node.relation.kind === 'S' ? new SequenceScan(cx, node) : new SeqScan(cx, node);
    case 'index scan':
      return new IndexScan(cx, node);
    case 'bitmap scan':
      return new BitmapScan(cx, node);
    case 'function scan':
      return new FunctionScan(cx, node);
    case 'filter':
      return new Filter(cx, node, make(node.input, cx));
    case 'project':
      return new Project(cx, node, make(node.input, cx));
    case 'project set':
      return new ProjectSet(cx, node, make(node.input, cx));
    case 'join':
      throw new Error('a logical join has reached the executor');
    case 'nested loop':
      return new NestedLoop(cx, node, make(node.left, cx), make(node.right, cx));
    case 'hash join':
      return new HashJoin(cx, node, make(node.left, cx), make(node.right, cx));
    case 'merge join':
      return new MergeJoin(cx, node, make(node.left, cx), make(node.right, cx));
    case 'aggregate':
      return new Aggregate(cx, node, make(node.input, cx));
    case 'window':
      return new Window(cx, node, make(node.input, cx));
    case 'sort':
      return new Sort(cx, node, make(node.input, cx));
    case 'limit':
      return new Limit(cx, node, make(node.input, cx));
    case 'distinct':
      return new Distinct(cx, node, make(node.input, cx));
    case 'append':
      return new Append(
        node,
        node.inputs.map((input) => make(input, cx)),
      );
    case 'set operation':
      return new SetOperation(cx, node, make(node.left, cx), make(node.right, cx));
    case 'with':
      return instantiateWith(node, cx, make);
    case 'cte scan':
      return new CteScan(cx, node);
    case 'recursive union':
      return instantiateRecursiveUnion(node, cx, make);
    case 'work table scan':
      return new WorkTableScan(cx, node);
    case 'row source':
      return new RowSource(cx, node);
    case 'lock rows':
      return writes['lock rows'](cx, node, make(node.input, cx));
    case 'insert':
      return writes.insert(cx, node, make(node.input, cx));
    case 'update':
      return writes.update(cx, node, make(node.input, cx));
    case 'delete':
      return writes.delete(cx, node, make(node.input, cx));
    case 'merge':
      return writes.merge(cx, node, make(node.input, cx));
    default:
      return assertNever(node);
  }
}

/** The stores exist before the plans that read them are instantiated. */
function instantiateWith(node: PlanNode & { kind: 'with' }, cx: ExecContext, make: Instantiate): Operator {
  const stores = node.ctes.map((cte) => {
    const store = new RowStore(cx);
    cx.ctes.set(cte.id, store);
    cx.ctePlans.set(cte.id, cte.plan);
    return store;
  });
  for (const [i, cte] of node.ctes.entries()) stores[i].feedFrom(make(cte.plan, cx));
  return new With(node, stores, make(node.body, cx));
}

function instantiateRecursiveUnion(
  node: PlanNode & { kind: 'recursive union' },
  cx: ExecContext,
  make: Instantiate,
): Operator {
  const store = new RowStore(cx);
  cx.workTables.set(node.id, store);
  cx.ctePlans.set(node.id, node.seed);
  return new RecursiveUnion(cx, node, store, make(node.seed, cx), make(node.step, cx));
}
