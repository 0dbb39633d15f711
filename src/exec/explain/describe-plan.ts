/**
 * From a plan to what EXPLAIN shows. PostgreSQL has no nodes for projections and filters: they are shown as part of the
 * node below, and the hash table of a join is shown as a node of its own.
 */

import type { SubplanExpr } from '../../sql/plan/expression.js';
import { walkPlan } from '../../sql/plan/node-children.js';
import type { PlanNode } from '../../sql/plan/plan-node.js';
import { printSortKey } from '../../sql/plan/print-expression.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { ExecServices } from '../exec-context.js';
import { DescribeContext, type Entry, rowWidth } from './describe-context.js';
import { describeAggregate, describeDistinct, describeWindow } from './describe-grouping.js';
import { describeJoin } from './describe-join.js';
import { describeFunctionScan, describeScan, describeStoreScan } from './describe-scan.js';
import type { ExplainNode } from './explain-node.js';

const SCANS: readonly PlanNode['kind'][] = [
  'seq scan',
  'index scan',
  'bitmap scan',
  'function scan',
  'values',
  'cte scan',
  'work table scan',
];

const OPERATIONS = { insert: 'Insert', update: 'Update', delete: 'Delete', merge: 'Merge' } as const;

export class PlanDescriber {
  private subplanCount = 0;
  private initParams = 0;
  /** Subplans met while the expressions of one node are printed. */
  private met: { initPlans: ExplainNode[]; subplans: ExplainNode[] } = { initPlans: [], subplans: [] };
  private readonly printed = new Map<SubplanExpr, string>();
  private readonly cx: DescribeContext;

  constructor(services: ExecServices, root: PlanNode, verbose: boolean) {
    let scans = 0;
    walkPlan(root, (node) => {
      if (SCANS.includes(node.kind)) scans++;
    });
    this.cx = new DescribeContext(services, verbose, verbose || scans > 1, (expr) => this.subplanText(expr));
  }

  describe(node: PlanNode): ExplainNode {
    const outer = this.met;
    this.met = { initPlans: [], subplans: [] };
    const made = this.dispatch(node);
    made.initPlans.push(...this.met.initPlans);
    made.subplans.push(...this.met.subplans);
    this.met = outer;
    return made;
  }

  private dispatch(node: PlanNode): ExplainNode {
    switch (node.kind) {
      case 'project':
        return this.describeProject(node);
      case 'filter':
        return this.describeFilter(node);
      case 'with':
        return this.describeWith(node);
      case 'one row':
        return this.cx.make(node, 'Result', 'Result', []);
      case 'empty':
        return this.cx.make(node, 'Result', 'Result', [], [['One-Time Filter', 'false']]);
      case 'values':
        return node.tuples.length === 1 && node.further === undefined
          ? this.cx.make(node, 'Result', 'Result', [])
          : this.cx.make(node, 'Values Scan on "*VALUES*"', 'Values Scan', [['Alias', '*VALUES*']]);
      case 'row source':
        return this.cx.make(node, 'Row Source', 'Row Source', []);
      case 'seq scan':
      case 'index scan':
      case 'bitmap scan':
        return describeScan(this.cx, node);
      case 'function scan':
        return describeFunctionScan(this.cx, node);
      case 'project set':
        return this.cx.make(node, 'ProjectSet', 'ProjectSet', [], [], [this.child(node.input, 'Outer')]);
      case 'join':
      case 'nested loop':
      case 'hash join':
      case 'merge join':
        return describeJoin(this.cx, node, this.child(node.left, 'Outer'), this.child(node.right, 'Inner'));
      case 'aggregate':
        return describeAggregate(this.cx, node, this.child(node.input, 'Outer'));
      case 'window':
        return describeWindow(this.cx, node, this.child(node.input, 'Outer'));
      case 'sort': {
        const input = this.child(node.input, 'Outer');
        return this.cx.make(
          node,
          'Sort',
          'Sort',
          [],
          [['Sort Key', node.keys.map((key) => printSortKey(key, this.cx.print))]],
          [input],
        );
      }
      case 'limit':
        return this.cx.make(node, 'Limit', 'Limit', [], [], [this.child(node.input, 'Outer')]);
      case 'distinct':
        return describeDistinct(this.cx, node, this.child(node.input, 'Outer'));
      case 'append': {
        const members = node.inputs.map((input) => this.child(input, 'Member'));
        this.cx.renameLike(node.columns, node.inputs[0]?.columns ?? []);
        return this.cx.make(node, 'Append', 'Append', [], [], members);
      }
      case 'set operation': {
        const inputs = [this.child(node.left, 'Outer'), this.child(node.right, 'Inner')];
        this.cx.renameLike(node.columns, node.left.columns);
        const command = `${node.operation === 'intersect' ? 'Intersect' : 'Except'}${node.all ? ' All' : ''}`;
        return this.cx.make(node, `HashSetOp ${command}`, 'SetOp', [['Command', command]], [], inputs);
      }
      case 'cte scan':
      case 'work table scan':
        return describeStoreScan(this.cx, node);
      case 'recursive union':
        return this.cx.make(
          node,
          'Recursive Union',
          'Recursive Union',
          [],
          [],
          [this.child(node.seed, 'Outer'), this.child(node.step, 'Inner')],
        );
      case 'lock rows':
        return this.cx.make(node, 'LockRows', 'LockRows', [], [], [this.child(node.input, 'Outer')]);
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
        return this.describeWrite(node);
    }
  }

  private child(node: PlanNode, relationship: ExplainNode['relationship']): ExplainNode {
    const made = this.describe(node);
    made.relationship = relationship;
    return made;
  }

  private subplanText(expr: SubplanExpr): string {
    const known = this.printed.get(expr);
    if (known !== undefined) return known;
    const number = ++this.subplanCount;
    const described = this.describe(expr.plan);
    const init = expr.correlation.length === 0 && expr.test === null;
    const parameter = init ? `$${this.initParams++}` : '';
    described.relationship = init ? 'InitPlan' : 'SubPlan';
    described.label = init ? `InitPlan ${number} (returns ${parameter})` : `SubPlan ${number}`;
    (init ? this.met.initPlans : this.met.subplans).push(described);
    const text = init ? parameter : `(${expr.hash !== null ? 'hashed ' : ''}SubPlan ${number})`;
    this.printed.set(expr, text);
    return text;
  }

  private describeProject(node: PlanNode & { kind: 'project' }): ExplainNode {
    const made = this.describe(node.input);
    node.exprs.forEach((expr, i) => {
      if (expr.kind === 'column' && expr.id === node.columns[i]) return;
      const text = this.cx.text(expr);
      this.cx.name(node.columns[i], text, expr.kind === 'column' || expr.kind === 'const');
    });
    const output = made.details.findIndex(([label]) => label === 'Output');
    if (output >= 0) {
      made.details[output] = ['Output', node.exprs.map((expr) => this.cx.text(expr))];
    }
    made.plan = node;
    made.width = rowWidth(node);
    return made;
  }

  private describeFilter(node: PlanNode & { kind: 'filter' }): ExplainNode {
    const made = this.describe(node.input);
    const text = (): string => this.cx.text(node.predicate);
    const shown = node.input.kind === 'aggregate' ? this.cx.bareWhile(node.input.columns, text) : text();
    made.details.push([made.type === 'Result' ? 'One-Time Filter' : 'Filter', shown]);
    made.plan = node;
    made.filtering = node;
    return made;
  }

  private describeWith(node: PlanNode & { kind: 'with' }): ExplainNode {
    const ctes = node.ctes.map((cte) => {
      const made = this.child(cte.plan, 'InitPlan');
      made.label = `CTE ${cte.name}`;
      return made;
    });
    const body = this.describe(node.body);
    body.initPlans.unshift(...ctes);
    return body;
  }

  private describeWrite(node: PlanNode & { kind: keyof typeof OPERATIONS }): ExplainNode {
    const input = this.child(node.input, 'Outer');
    const operation = OPERATIONS[node.kind];
    const { relation } = node.target;
    const facts: Entry[] = [
      ['Relation Name', relation.name],
      ...this.cx.schemaOf(relation.namespace),
      ['Alias', relation.name],
    ];
    return this.cx.make(
      node,
      `${operation} on ${quoteIdentifier(relation.name)}`,
      'ModifyTable',
      facts,
      [],
      [input],
      [['Operation', operation]],
    );
  }
}
