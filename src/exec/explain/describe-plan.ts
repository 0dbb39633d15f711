/**
 * From a plan to what EXPLAIN shows. PostgreSQL has no nodes for projections and filters: they are shown as part of the
 * node below, and the hash table of a join is shown as a node of its own.
 */
import { quoteIdentifier } from '../../catalog/quote-identifier.js';
import type { Expr, SubplanExpr } from '../../sql/plan/expression.js';
import { walkPlan } from '../../sql/plan/node-children.js';
import type { JoinType, PlanNode } from '../../sql/plan/plan-node.js';
import {
  type PrintContext,
  printAggregate,
  printExpr,
  printSortKey,
  printWindowCall,
} from '../../sql/plan/print-expression.js';
import type { ExecServices } from '../exec-context.js';
import type { Detail, ExplainNode } from './explain-node.js';

const JOIN_WORDS: Record<JoinType, string> = {
  inner: 'Inner',
  left: 'Left',
  right: 'Right',
  full: 'Full',
  semi: 'Semi',
  anti: 'Anti',
};

const BYTES_A_COLUMN = 8;

type Entry = readonly [string, Detail];

export class PlanDescriber {
  private readonly texts = new Map<number, { readonly text: string; readonly simple: boolean }>();
  private readonly qualify: boolean;
  private subplanCount = 0;
  private initParams = 0;
  /** Subplans met while the expressions of one node are printed. */
  private met: { initPlans: ExplainNode[]; subplans: ExplainNode[] } = { initPlans: [], subplans: [] };
  private readonly printed = new Map<SubplanExpr, string>();
  private bare: ReadonlySet<number> = new Set();
  private readonly cx: PrintContext;

  constructor(
    private readonly services: ExecServices,
    root: PlanNode,
    private readonly verbose: boolean,
  ) {
    let scans = 0;
    walkPlan(root, (node) => {
      if (['seq scan', 'index scan', 'function scan', 'values', 'cte scan', 'work table scan'].includes(node.kind))
        scans++;
    });
    this.qualify = verbose || scans > 1;
    this.cx = {
      types: services.types,
      quote: quoteIdentifier,
      column: (id) => this.columnText(id),
      subplan: (expr) => this.subplanText(expr),
    };
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
        return this.make(node, 'Result', 'Result', []);
      case 'empty':
        return this.make(node, 'Result', 'Result', [], [['One-Time Filter', 'false']]);
      case 'values':
        return node.tuples.length === 1
          ? this.make(node, 'Result', 'Result', [])
          : this.make(node, 'Values Scan on "*VALUES*"', 'Values Scan', [['Alias', '*VALUES*']]);
      case 'row source':
        return this.make(node, 'Row Source', 'Row Source', []);
      case 'seq scan':
      case 'index scan':
        return this.describeScan(node);
      case 'function scan':
        return this.describeFunctionScan(node);
      case 'project set':
        return this.make(node, 'ProjectSet', 'ProjectSet', [], [], [this.child(node.input, 'Outer')]);
      case 'join':
      case 'nested loop':
      case 'hash join':
      case 'merge join':
        return this.describeJoin(node);
      case 'aggregate':
        return this.describeAggregate(node);
      case 'window':
        return this.describeWindow(node);
      case 'sort': {
        const input = this.child(node.input, 'Outer');
        return this.make(
          node,
          'Sort',
          'Sort',
          [],
          [['Sort Key', node.keys.map((key) => printSortKey(key, this.cx))]],
          [input],
        );
      }
      case 'limit':
        return this.make(node, 'Limit', 'Limit', [], [], [this.child(node.input, 'Outer')]);
      case 'distinct':
        return this.describeDistinct(node);
      case 'append': {
        const members = node.inputs.map((input) => this.child(input, 'Member'));
        this.renameLike(node.columns, node.inputs[0]?.columns ?? []);
        return this.make(node, 'Append', 'Append', [], [], members);
      }
      case 'set operation': {
        const inputs = [this.child(node.left, 'Outer'), this.child(node.right, 'Inner')];
        this.renameLike(node.columns, node.left.columns);
        const command = `${node.operation === 'intersect' ? 'Intersect' : 'Except'}${node.all ? ' All' : ''}`;
        return this.make(node, `HashSetOp ${command}`, 'SetOp', [['Command', command]], [], inputs);
      }
      case 'cte scan':
      case 'work table scan':
        return this.describeStoreScan(node);
      case 'recursive union':
        return this.make(
          node,
          'Recursive Union',
          'Recursive Union',
          [],
          [],
          [this.child(node.seed, 'Outer'), this.child(node.step, 'Inner')],
        );
      case 'lock rows':
        return this.make(node, 'LockRows', 'LockRows', [], [], [this.child(node.input, 'Outer')]);
      case 'insert':
      case 'update':
      case 'delete':
        return this.describeWrite(node);
    }
  }

  private make(
    plan: PlanNode,
    heading: string,
    type: string,
    facts: readonly Entry[],
    details: readonly Entry[] = [],
    children: ExplainNode[] = [],
    kind: readonly Entry[] = [],
  ): ExplainNode {
    const output: Entry[] = this.verbose
      ? [['Output', plan.columns.map((id) => this.columnText(id) ?? `column${id}`)]]
      : [];
    return {
      heading,
      type,
      kind,
      facts,
      details: [...output, ...details],
      plan,
      filtering: null,
      children,
      initPlans: [],
      subplans: [],
      relationship: null,
      label: null,
      width: plan.columns.length * BYTES_A_COLUMN,
    };
  }

  private child(node: PlanNode, relationship: ExplainNode['relationship']): ExplainNode {
    const made = this.describe(node);
    made.relationship = relationship;
    return made;
  }

  private columnText(id: number): string | undefined {
    const known = this.texts.get(id);
    if (known === undefined) return undefined;
    return known.simple || this.bare.has(id) ? known.text : `(${known.text})`;
  }

  private name(id: number, text: string, simple: boolean): void {
    this.texts.set(id, { text, simple });
  }

  /** Columns that stand for others by position. */
  private renameLike(ids: readonly number[], like: readonly number[]): void {
    ids.forEach((id, i) => {
      const known = like[i] === undefined ? undefined : this.texts.get(like[i]);
      if (known !== undefined && !this.texts.has(id)) this.texts.set(id, known);
    });
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
      const text = printExpr(expr, this.cx);
      this.name(node.columns[i], text, expr.kind === 'column' || expr.kind === 'const');
    });
    const output = made.details.findIndex(([label]) => label === 'Output');
    if (output >= 0) {
      made.details[output] = ['Output', node.exprs.map((expr) => printExpr(expr, this.cx))];
    }
    made.plan = node;
    made.width = node.columns.length * BYTES_A_COLUMN;
    return made;
  }

  private describeFilter(node: PlanNode & { kind: 'filter' }): ExplainNode {
    const made = this.describe(node.input);
    if (node.input.kind === 'aggregate') this.bare = new Set(node.input.columns);
    made.details.push([made.type === 'Result' ? 'One-Time Filter' : 'Filter', printExpr(node.predicate, this.cx)]);
    this.bare = new Set();
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

  private schemaOf(namespace: number): Entry[] {
    const name = this.services.catalog.namespace(namespace)?.name;
    return this.verbose && name !== undefined ? [['Schema', name]] : [];
  }

  private describeScan(node: PlanNode & { kind: 'seq scan' | 'index scan' }): ExplainNode {
    const { relation, alias, filter } = node;
    relation.attributes.forEach((attribute, i) => {
      this.name(node.columns[i], this.qualified(alias, attribute.name), true);
    });
    node.system.forEach((column, i) => {
      this.name(
        node.columns[relation.attributes.length + i],
        this.qualified(alias, column === 'row id' ? 'ctid' : column),
        true,
      );
    });
    const schema = this.schemaOf(relation.namespace);
    const shown = `${schema.map(([, name]) => `${quoteIdentifier(String(name))}.`).join('')}${quoteIdentifier(relation.name)}`;
    const target = alias === relation.name || alias === '' ? shown : `${shown} ${quoteIdentifier(alias)}`;
    const facts: Entry[] = [
      ['Relation Name', relation.name],
      ...schema,
      ['Alias', alias === '' ? relation.name : alias],
    ];
    const details: Entry[] = [];
    let type = 'Seq Scan';
    let heading = `Seq Scan on ${target}`;
    if (node.kind === 'index scan') {
      const direction = node.descending ? 'Backward' : 'Forward';
      type = 'Index Scan';
      heading = `Index Scan ${node.descending ? 'Backward ' : ''}using ${quoteIdentifier(node.index.name)} on ${target}`;
      facts.unshift(['Scan Direction', direction], ['Index Name', node.index.name]);
      const condition = this.indexCondition(node);
      if (condition !== null) details.push(['Index Cond', condition]);
    }
    if (node.kind === 'seq scan' && node.currentOf !== undefined) {
      type = 'Tid Scan';
      heading = `Tid Scan on ${target}`;
      details.push(['TID Cond', `CURRENT OF ${node.currentOf}`]);
    }
    if (filter !== null) details.push(['Filter', printExpr(filter, this.cx)]);
    const made = this.make(node, heading, type, facts, details);
    if (filter !== null) made.filtering = node;
    return made;
  }

  private qualified(alias: string, name: string): string {
    return this.qualify && alias !== '' ? `${quoteIdentifier(alias)}.${quoteIdentifier(name)}` : quoteIdentifier(name);
  }

  private indexCondition(node: PlanNode & { kind: 'index scan' }): string | null {
    const key = (i: number): string => printExpr(node.indexKeys[i], this.cx);
    const parts = node.prefix.map((condition, i) => {
      if (condition.kind === 'is null') return `(${key(i)} IS NULL)`;
      if (condition.kind === 'any') return `(${key(i)} = ANY (${printExpr(condition.array, this.cx)}))`;
      return `(${key(i)} = ${printExpr(condition.value, this.cx)})`;
    });
    const next = node.prefix.length;
    const { lower, upper } = node;
    if (lower !== null) parts.push(`(${key(next)} ${lower.inclusive ? '>=' : '>'} ${printExpr(lower.value, this.cx)})`);
    if (upper !== null) parts.push(`(${key(next)} ${upper.inclusive ? '<=' : '<'} ${printExpr(upper.value, this.cx)})`);
    if (lower === null && upper === null && node.notNull) parts.push(`(${key(next)} IS NOT NULL)`);
    if (parts.length === 0) return null;
    return parts.length === 1 ? parts[0] : `(${parts.join(' AND ')})`;
  }

  private describeFunctionScan(node: PlanNode & { kind: 'function scan' }): ExplainNode {
    const [first] = node.functions;
    const name = first?.kind === 'function' && node.functions.length === 1 ? quoteIdentifier(first.proc.name) : null;
    const alias = quoteIdentifier(node.alias);
    node.columns.forEach((id) => {
      this.name(id, this.qualify ? alias : alias, true);
    });
    const details: Entry[] = this.verbose
      ? [['Function Call', node.functions.map((expr) => printExpr(expr, this.cx))]]
      : [];
    const target = name === null || name === alias ? alias : `${name} ${alias}`;
    const facts: Entry[] =
      name === null
        ? [['Alias', node.alias]]
        : [
            ['Function Name', name],
            ['Alias', node.alias],
          ];
    return this.make(node, `Function Scan on ${target}`, 'Function Scan', facts, details);
  }

  private describeJoin(node: PlanNode & { kind: 'join' | 'nested loop' | 'hash join' | 'merge join' }): ExplainNode {
    const left = this.child(node.left, 'Outer');
    const right = this.child(node.right, 'Inner');
    const word = JOIN_WORDS[node.joinType];
    const facts: Entry[] = [['Join Type', word]];
    const suffix = node.joinType === 'inner' ? '' : ` ${word} Join`;
    if (node.kind === 'nested loop' || node.kind === 'join') {
      const details = this.condition('Join Filter', node.condition);
      return this.make(node, `Nested Loop${suffix}`, 'Nested Loop', facts, details, [left, right]);
    }
    const keys = node.leftKeys.map(
      (key, i) => `(${printExpr(key, this.cx)} = ${printExpr(node.rightKeys[i], this.cx)})`,
    );
    const joined = keys.length === 1 ? keys[0] : `(${keys.join(' AND ')})`;
    const residual = this.condition('Join Filter', node.residual);
    const heading = suffix === '' ? ' Join' : suffix;
    if (node.kind === 'merge join') {
      return this.make(
        node,
        `Merge${heading}`,
        'Merge Join',
        facts,
        [['Merge Cond', joined], ...residual],
        [left, right],
      );
    }
    const hash = this.make(node.right, 'Hash', 'Hash', [], [], [right]);
    right.relationship = 'Outer';
    hash.relationship = 'Inner';
    hash.width = right.width;
    return this.make(node, `Hash${heading}`, 'Hash Join', facts, [['Hash Cond', joined], ...residual], [left, hash]);
  }

  private condition(label: string, expr: Expr | null): Entry[] {
    return expr === null ? [] : [[label, printExpr(expr, this.cx)]];
  }

  private describeAggregate(node: PlanNode & { kind: 'aggregate' }): ExplainNode {
    const input = this.child(node.input, 'Outer');
    const keys = node.groupBy.map((expr) => printExpr(expr, this.cx));
    node.groupBy.forEach((expr, i) => {
      this.name(node.columns[i], keys[i], expr.kind === 'column');
    });
    node.calls.forEach((call, i) => {
      this.name(node.columns[keys.length + i], printAggregate(call, this.cx), false);
    });
    node.grouping.forEach((args, i) => {
      this.name(
        node.columns[keys.length + node.calls.length + i],
        `GROUPING(${args.map((arg) => keys[arg]).join(', ')})`,
        false,
      );
    });
    const plain = node.groupBy.length === 0 && node.sets === null;
    const strategy = plain ? 'Plain' : node.strategy === 'sorted' ? 'Sorted' : 'Hashed';
    const heading = plain ? 'Aggregate' : strategy === 'Sorted' ? 'GroupAggregate' : 'HashAggregate';
    const details: Entry[] =
      node.sets === null
        ? keys.length === 0
          ? []
          : [['Group Key', keys]]
        : node.sets.map(
            (set): Entry => (set.length === 0 ? ['Group Key', ['()']] : ['Hash Key', set.map((i) => keys[i])]),
          );
    this.bare = new Set(node.columns);
    const made = this.make(
      node,
      heading,
      'Aggregate',
      [],
      details,
      [input],
      [
        ['Strategy', strategy],
        ['Partial Mode', 'Simple'],
      ],
    );
    this.bare = new Set();
    return made;
  }

  private describeWindow(node: PlanNode & { kind: 'window' }): ExplainNode {
    const input = this.child(node.input, 'Outer');
    node.calls.forEach((call, i) => {
      this.name(node.columns[node.input.columns.length + i], printWindowCall(call, this.cx), false);
    });
    return this.make(node, 'WindowAgg', 'WindowAgg', [], [], [input]);
  }

  private describeDistinct(node: PlanNode & { kind: 'distinct' }): ExplainNode {
    const input = this.child(node.input, 'Outer');
    if (node.sorted) return this.make(node, 'Unique', 'Unique', [], [], [input]);
    const keys: Entry = ['Group Key', node.keys.map((key) => printExpr(key, this.cx))];
    return this.make(
      node,
      'HashAggregate',
      'Aggregate',
      [],
      [keys],
      [input],
      [
        ['Strategy', 'Hashed'],
        ['Partial Mode', 'Simple'],
      ],
    );
  }

  private describeStoreScan(node: PlanNode & { kind: 'cte scan' | 'work table scan' }): ExplainNode {
    const type = node.kind === 'cte scan' ? 'CTE Scan' : 'WorkTable Scan';
    const alias = node.kind === 'cte scan' ? node.alias : node.name;
    const name = quoteIdentifier(node.name);
    const target = alias === '' || alias === node.name ? name : `${name} ${quoteIdentifier(alias)}`;
    return this.make(node, `${type} on ${target}`, type, [
      ['CTE Name', node.name],
      ['Alias', alias],
    ]);
  }

  private describeWrite(node: PlanNode & { kind: 'insert' | 'update' | 'delete' }): ExplainNode {
    const input = this.child(node.input, 'Outer');
    const operation = node.kind === 'insert' ? 'Insert' : node.kind === 'update' ? 'Update' : 'Delete';
    const { relation } = node.target;
    const facts: Entry[] = [
      ['Relation Name', relation.name],
      ...this.schemaOf(relation.namespace),
      ['Alias', relation.name],
    ];
    return this.make(
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
