/**
 * The order of inner joins: the cheapest one in which tables are added one by one. Few tables are tried in all connected
 * orders, more greedily from some tables on, and very many stay as written. Conditions with subqueries are dear, so they come last.
 */
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns, freeColumns } from '../plan/free-columns.js';
import type { LogicalJoinNode, PlanNode } from '../plan/plan-node.js';
import type { AccessContext } from './access-path.js';
import { conjunction, conjuncts, containsSubplan, withFilter } from './conjuncts.js';
import { estimate } from './estimates.js';
import { planJoin } from './joins.js';

/** So many tables are tried in all connected orders, unless these are too many. */
const MAX_EXHAUSTIVE = 12;
/** Joins that are tried for it; about a hundredth of a millisecond each. */
const MAX_TRIED = 1500;
/** The smallest tables, from each of which a greedy order begins. */
const GREEDY_STARTS = 4;
/** Sets of tables are bits of an integer. */
const MAX_REORDERED = 30;

/** Leaves and conditions of a tree of inner joins. */
function flatten(node: PlanNode, leaves: PlanNode[], conditions: Expr[]): void {
  if (node.kind === 'join' && node.joinType === 'inner') {
    flatten(node.left, leaves, conditions);
    flatten(node.right, leaves, conditions);
    conditions.push(...conjuncts(node.condition));
  } else leaves.push(node);
}

/** A planned table and the columns of other tables that it needs (LATERAL). */
interface Leaf {
  readonly plan: PlanNode;
  readonly needs: readonly ColumnId[];
}

interface Condition {
  readonly expr: Expr;
  /** The leaves that it reads: bit i for leaf i. */
  readonly leaves: number;
}

/** Some of the leaves, joined. */
interface Joined {
  readonly plan: PlanNode;
  /** Bit i for leaf i. */
  readonly leaves: number;
  readonly open: readonly Condition[];
  /** Pairs without a condition between them so far. */
  readonly crossed: number;
}

/** Orders and plans a tree of inner joins. `plan` makes the physical plan of a leaf, `planCondition` of a condition's subplans. */
export function planInnerJoins(
  cx: AccessContext,
  node: LogicalJoinNode,
  plan: (node: PlanNode) => PlanNode,
  planCondition: (condition: Expr) => Expr,
): PlanNode {
  const logical: PlanNode[] = [];
  const parts: Expr[] = [];
  flatten(node, logical, parts);
  const all = new Set(logical.flatMap((leaf) => leaf.columns));
  const leaves = logical.length > MAX_REORDERED ? [] : logical.map((leaf) => planLeaf(leaf, plan, all));
  if (!leaves.some((leaf) => leaf.needs.length === 0)) {
    const condition = node.condition === null ? null : planCondition(node.condition);
    return planJoin(cx, { ...node, condition, left: plan(node.left), right: plan(node.right) });
  }
  const late = parts.filter(containsSubplan).map(planCondition);
  const order = new JoinOrder(
    cx,
    leaves,
    parts.filter((part) => !containsSubplan(part)),
  );
  const joined = (leaves.length > MAX_EXHAUSTIVE ? null : order.exhaustive()) ?? order.greedy();
  return filtered(cx, joined.plan, [...joined.open.map(({ expr }) => expr), ...late]);
}

function planLeaf(leaf: PlanNode, plan: (node: PlanNode) => PlanNode, all: ReadonlySet<ColumnId>): Leaf {
  return { plan: plan(leaf), needs: [...freeColumns(leaf)].filter((id) => all.has(id)) };
}

function filtered(cx: AccessContext, node: PlanNode, conditions: readonly Expr[]): PlanNode {
  return conditions.length === 0 ? node : estimate(withFilter(node, conditions), cx.statistics);
}

class JoinOrder {
  private readonly conditions: readonly Condition[];

  constructor(
    private readonly cx: AccessContext,
    private readonly leaves: readonly Leaf[],
    conditions: readonly Expr[],
  ) {
    this.conditions = conditions.map((expr) => ({ expr, leaves: this.leavesOf(exprColumns(expr)) }));
  }

  /** The best plan for each set of leaves, from smaller to larger sets; null when that would take long. */
  exhaustive(): Joined | null {
    let tried = 0;
    let level = this.starts();
    for (let size = 1; size < this.leaves.length; size++) {
      const next = new Map<number, Joined>();
      for (const joined of level.values()) {
        const extensions = this.extensions(joined);
        tried += extensions.length;
        if (tried > MAX_TRIED) return null;
        for (const extended of extensions) {
          const known = next.get(extended.leaves);
          if (known === undefined || isBetter(extended, known)) next.set(extended.leaves, extended);
        }
      }
      level = next;
    }
    return best([...level.values()]);
  }

  /** From each of the smallest tables on, always what is cheapest to add; the best of these orders. */
  greedy(): Joined {
    const starts = [...this.starts().values()].sort((a, b) => a.plan.rows - b.plan.rows).slice(0, GREEDY_STARTS);
    return best(
      starts.map((start) => {
        let current = start;
        for (let size = 1; size < this.leaves.length; size++) current = best(this.extensions(current));
        return current;
      }),
    );
  }

  private starts(): Map<number, Joined> {
    const made = new Map<number, Joined>();
    this.leaves.forEach(({ plan, needs }, i) => {
      if (needs.length === 0) made.set(1 << i, { plan, leaves: 1 << i, open: this.conditions, crossed: 0 });
    });
    return made;
  }

  /** All ways to add one leaf; those without a join condition only where there is no other. */
  private extensions(joined: Joined): Joined[] {
    const connected: Joined[] = [];
    const crossed: Joined[] = [];
    this.leaves.forEach((leaf, i) => {
      const bit = 1 << i;
      if ((joined.leaves & bit) !== 0 || !leaf.needs.every((id) => joined.plan.columns.includes(id))) return;
      const leaves = joined.leaves | bit;
      const used = joined.open.filter((condition) => (condition.leaves & ~leaves) === 0);
      const isConnected = used.length > 0 || leaf.needs.length > 0;
      if (!isConnected && connected.length > 0) return;
      const extended = {
        plan: planJoin(this.cx, innerJoin(joined.plan, leaf, used)),
        leaves,
        open: joined.open.filter((condition) => !used.includes(condition)),
        crossed: joined.crossed + (isConnected ? 0 : 1),
      };
      (isConnected ? connected : crossed).push(extended);
    });
    return connected.length > 0 ? connected : crossed;
  }

  private leavesOf(columns: ReadonlySet<ColumnId>): number {
    return this.leaves.reduce(
      (mask, { plan }, i) => (plan.columns.some((id) => columns.has(id)) ? mask | (1 << i) : mask),
      0,
    );
  }
}

function isBetter(a: Joined, b: Joined): boolean {
  return a.crossed === b.crossed ? a.plan.cost + a.plan.rows < b.plan.cost + b.plan.rows : a.crossed < b.crossed;
}

function best(candidates: readonly Joined[]): Joined {
  if (candidates.length === 0) throw new Error('no join order satisfies the lateral references');
  return candidates.reduce((a, b) => (isBetter(b, a) ? b : a));
}

function innerJoin(left: PlanNode, leaf: Leaf, conditions: readonly Condition[]): LogicalJoinNode {
  const right = leaf.plan;
  return {
    kind: 'join',
    joinType: 'inner',
    left,
    right,
    condition: conjunction(conditions.map(({ expr }) => expr)),
    lateral: leaf.needs.length === 0 ? [] : left.columns.filter((id) => leaf.needs.includes(id)),
    columns: [...left.columns, ...right.columns],
    rows: 0,
    cost: 0,
  };
}
