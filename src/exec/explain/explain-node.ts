/** A plan as EXPLAIN shows it, before it is written in one of the formats. */
import type { PlanNode } from '../../sql/plan/plan-node.js';

export type Detail = string | number | boolean | readonly string[];

export interface ExplainNode {
  /** First line in text format, without costs: `Seq Scan on t`. */
  readonly heading: string;
  /** "Node Type" of the structured formats. */
  readonly type: string;
  /** Structured formats only, right behind the type (strategy, operation). */
  readonly kind: readonly (readonly [string, Detail])[];
  /** Structured formats only: relation, alias, join type, … */
  readonly facts: readonly (readonly [string, Detail])[];
  /** Both: conditions, keys, output. */
  readonly details: (readonly [string, Detail])[];
  /** The outermost of the plan nodes that this one stands for: its estimates and measurements are shown. */
  plan: PlanNode;
  /** The node whose own filter removes rows, when it has one. */
  filtering: PlanNode | null;
  readonly children: ExplainNode[];
  /** Plans of expressions and CTEs: shown before (`initPlans`) and behind (`subplans`) the inputs. */
  readonly initPlans: ExplainNode[];
  readonly subplans: ExplainNode[];
  relationship: 'Outer' | 'Inner' | 'Member' | 'InitPlan' | 'SubPlan' | null;
  /** `SubPlan 1`, `CTE x`, `InitPlan 2 (returns $1)`. */
  label: string | null;
  width: number;
}
