/**
 * Aggregation: collects the aggregate calls of a query level, builds the Aggregate node, and rewrites expressions
 * above it so that they read its output. What is neither grouped nor aggregated is 42803.
 */
import type { ConstraintDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import { makeColumn } from '../plan/column-expr.js';
import { mapChildExprs, walkExpr } from '../plan/expr-children.js';
import type { AggregateCall, ColumnExpr, ColumnId, Expr } from '../plan/expression.js';
import { freeOfSubplan, substituteInPlan, withPlan } from '../plan/free-columns.js';
import { walkPlan } from '../plan/node-children.js';
import { nodeExprs } from '../plan/node-exprs.js';
import type { PlanNode } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import type { BindContext } from './bind-context.js';
import { type AggregateCollector, columnExpr, type Scope, type ScopeColumn } from './scope.js';

interface CollectedCall {
  readonly call: AggregateCall;
  readonly column: ColumnExpr;
}

interface CollectedGrouping {
  readonly args: readonly Expr[];
  readonly column: ColumnExpr;
  readonly location: number;
}

export class Grouping implements AggregateCollector {
  forbidden: string | null = null;
  inside = false;
  readonly calls: CollectedCall[] = [];
  readonly groupings: CollectedGrouping[] = [];
  private groupExprs: Expr[] = [];
  private groupColumns: ColumnExpr[] = [];
  private sets: number[][] | null = null;
  private input: ReadonlySet<ColumnId> = new Set();
  private inDirectArgs = false;

  constructor(
    private readonly cx: BindContext,
    private readonly scope: Scope,
  ) {}

  add(call: AggregateCall): ColumnExpr {
    const known = this.calls.find((entry) => sameCall(entry.call, call));
    if (known !== undefined) return known.column;
    for (const arg of [...call.args, ...call.directArgs]) this.rejectNested(arg);
    const column = this.newColumn(call.proc.name, call.type, call.typmod, call.collation, call.location);
    this.calls.push({ call, column });
    this.cx.recorder?.aggregates.set(column.id, call);
    return column;
  }

  private rejectNested(arg: Expr): void {
    const own = new Set(this.calls.map((entry) => entry.column.id));
    const { windows } = this.scope;
    walkExpr(
      arg,
      (part) => {
        if (part.kind !== 'column') return;
        if (own.has(part.id))
          throw this.cx.error('grouping_error', 'aggregate function calls cannot be nested', part.location);
        if (windows?.owns(part.id) === true) {
          throw this.cx.error(
            'grouping_error',
            'aggregate function calls cannot contain window function calls',
            part.location,
          );
        }
      },
      true,
    );
  }

  addGrouping(args: readonly Expr[], location: number): ColumnExpr {
    const column = this.newColumn('grouping', oid.INT4, -1, 0, location);
    this.groupings.push({ args, column, location });
    this.cx.recorder?.groupings.set(column.id, args);
    return column;
  }

  private newColumn(name: string, type: number, typmod: number, collation: number, location: number): ColumnExpr {
    return makeColumn(this.cx.newColumn(name), name, { type, typmod, collation }, location);
  }

  /** Whether the level aggregates at all. */
  get used(): boolean {
    return this.calls.length > 0 || this.groupings.length > 0;
  }

  /** Whether the groups depend on rows: otherwise each grouping set is one row. Valid once everything is rewritten. */
  get needsInput(): boolean {
    return this.calls.length > 0 || this.groupExprs.length > 0;
  }

  /** Settles GROUP BY: `exprs` without duplicates and, for grouping sets, the indexes of each set. */
  setGroups(exprs: readonly Expr[], sets: number[][] | null, inputColumns: readonly ColumnId[]): void {
    this.groupExprs = [...exprs];
    this.sets = sets;
    this.input = new Set(inputColumns);
    this.groupColumns = exprs.map((expr) =>
      this.newColumn(
        expr.kind === 'column' ? expr.name : 'group',
        expr.type,
        expr.typmod,
        expr.collation,
        expr.location,
      ),
    );
  }

  /** Reads a group column of the Aggregate node. */
  groupColumn(index: number): Expr {
    return { ...this.groupColumns[index], location: this.groupExprs[index].location };
  }

  /** Rewrites an expression of the select list, HAVING or ORDER BY to read the Aggregate node's output. */
  rewrite(expr: Expr): Expr {
    const index = this.groupExprs.findIndex((group) => sameExpr(group, expr));
    if (index >= 0 && (expr.kind !== 'const' || this.sets !== null))
      return { ...this.groupColumns[index], location: expr.location };
    if (expr.kind === 'column') return this.input.has(expr.id) ? this.dependentColumn(expr) : expr;
    return mapChildExprs(
      expr,
      (child) => this.rewrite(child),
      (subplan) => withPlan(subplan, this.rewritePlan(subplan.plan)),
    );
  }

  /** Correlated subqueries read grouped columns through the Aggregate's output as well. */
  private rewritePlan(plan: PlanNode): PlanNode {
    const replacement = new Map<ColumnId, Expr>();
    this.groupExprs.forEach((group, i) => {
      if (group.kind === 'column') replacement.set(group.id, this.groupColumns[i]);
    });
    const rewritten = substituteInPlan(plan, replacement);
    for (const column of this.scope.tables.flatMap((table) => table.columns)) {
      if (this.input.has(column.id) && !replacement.has(column.id) && freeOfSubplan(rewritten).has(column.id)) {
        const dependent = this.dependentColumn(columnReadIn(rewritten, column.id) ?? columnExpr(column), true);
        return this.rewritePlan(substituteInPlan(rewritten, new Map([[column.id, dependent]])));
      }
    }
    return rewritten;
  }

  /** A column that is not grouped: allowed when the group columns hold its table's primary key. */
  private dependentColumn(expr: ColumnExpr, inSubquery = false): Expr {
    const table = this.scope.tables.find((candidate) => candidate.columns.some((column) => column.id === expr.id));
    const shown = table === undefined ? expr.name : `${table.alias}.${expr.name}`;
    if (table?.relation != null && this.hasPrimaryKey(table.relation.constraints, table.columns)) {
      // It has one value in each group of every set, so that it may be one more group of all of them.
      for (const set of this.sets ?? []) set.push(this.groupExprs.length);
      this.groupExprs.push(expr);
      const column = this.newColumn(expr.name, expr.type, expr.typmod, expr.collation, expr.location);
      this.groupColumns.push(column);
      return column;
    }
    throw this.cx.error(
      'grouping_error',
      inSubquery
        ? `subquery uses ungrouped column "${shown}" from outer query`
        : `column "${shown}" must appear in the GROUP BY clause or be used in an aggregate function`,
      expr.location,
      this.inDirectArgs
        ? { detail: 'Direct arguments of an ordered-set aggregate must use only grouped columns.' }
        : {},
    );
  }

  private hasPrimaryKey(constraints: readonly ConstraintDesc[], columns: readonly ScopeColumn[]): boolean {
    const primary = constraints.find((constraint) => constraint.kind === 'p');
    if (primary === undefined) return false;
    const holds = primary.key.every((number) => {
      const column = columns.find((candidate) => candidate.columnNumber === number);
      const group = this.groupExprs.findIndex((expr) => expr.kind === 'column' && expr.id === column?.id);
      return group >= 0 && (this.sets === null || this.sets.every((set) => set.includes(group)));
    });
    if (holds) this.cx.recorder?.primaryKeys.add(primary.oid);
    return holds;
  }

  /** The node; call it after everything above has been rewritten. */
  build(input: PlanNode): PlanNode {
    const calls = this.calls.map(({ call }) => ({ ...call, directArgs: this.rewriteDirect(call.directArgs) }));
    const grouping = this.groupings.map((entry) => entry.args.map((arg) => this.groupIndex(arg, entry.location)));
    return {
      kind: 'aggregate',
      input,
      groupBy: this.groupExprs,
      sets: this.sets,
      calls,
      grouping,
      strategy: this.groupExprs.length === 0 && this.sets === null ? 'plain' : 'hash',
      columns: [
        ...this.groupColumns.map((column) => column.id),
        ...this.calls.map((entry) => entry.column.id),
        ...this.groupings.map((entry) => entry.column.id),
      ],
      rows: 0,
      cost: 0,
    };
  }

  /** Arguments before WITHIN GROUP have one value for a group, so they read its columns. @throws SqlError 42803 */
  private rewriteDirect(args: readonly Expr[]): Expr[] {
    this.inDirectArgs = true;
    const rewritten = args.map((arg) => this.rewrite(arg));
    this.inDirectArgs = false;
    return rewritten;
  }

  private groupIndex(arg: Expr, location: number): number {
    const index = this.groupExprs.findIndex((group) => sameExpr(group, arg));
    if (index < 0)
      throw this.cx.error(
        'grouping_error',
        'arguments to GROUPING must be grouping expressions of the associated query level',
        arg.location >= 0 ? arg.location : location,
      );
    return index;
  }
}

/** The first place where a plan reads the column. */
function columnReadIn(plan: PlanNode, id: ColumnId): ColumnExpr | null {
  let found: ColumnExpr | null = null;
  walkPlan(plan, (node) => {
    for (const expr of nodeExprs(node)) {
      walkExpr(
        expr,
        (part) => {
          if (part.kind === 'column' && part.id === id && found === null) found = part;
        },
        true,
      );
    }
  });
  return found;
}

function sameCall(a: AggregateCall, b: AggregateCall): boolean {
  const same = (x: readonly Expr[], y: readonly Expr[]): boolean =>
    x.length === y.length && x.every((expr, i) => sameExpr(expr, y[i]));
  return (
    a.proc.oid === b.proc.oid &&
    a.distinct === b.distinct &&
    a.variadicArray === b.variadicArray &&
    same(a.args, b.args) &&
    same(a.directArgs, b.directArgs) &&
    a.orderBy.length === b.orderBy.length &&
    a.orderBy.every(
      (key, i) =>
        key.descending === b.orderBy[i].descending &&
        key.nullsFirst === b.orderBy[i].nullsFirst &&
        sameExpr(key.expr, b.orderBy[i].expr),
    ) &&
    (a.filter === null ? b.filter === null : b.filter !== null && sameExpr(a.filter, b.filter))
  );
}
