/**
 * What estimates are made from: the figures of tables, and which column of which table a column of the plan comes from.
 * One object lives as long as the planning of one statement and learns the plans that it is shown.
 */
import type { ColumnStatistics, ExtendedStatistics, RelationDesc } from '../../catalog/descriptors.js';
import type { Datum, Row } from '../../types/datum.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import { childNodes } from '../plan/node-children.js';
import type { PlanNode, SeqScanNode } from '../plan/plan-node.js';
import { conjunction } from './conjuncts.js';
import { knownSelectivity } from './known-selectivity.js';

/** For how many rows of a sample a condition holds. */
export interface Trial {
  readonly matched: number;
  readonly of: number;
}

/** What the optimizer asks about the content of tables. */
export interface TableStatistics {
  /** Live rows of a relation. */
  rowCount(relation: RelationDesc): number;
  /** Whether the columns of a relation (attribute numbers) are unique together. */
  isUnique(relation: RelationDesc, attributes: readonly number[]): boolean;
  /** About how many different values a column has; null when nothing is known. */
  distinct(relation: RelationDesc, attribute: number): number | null;
  /** What ANALYZE has stored of a column; null when that is nothing, or too old. */
  column(relation: RelationDesc, attribute: number): ColumnStatistics | null;
  /** What ANALYZE has stored of several columns of a table together. */
  extended(relation: RelationDesc): readonly ExtendedStatistics[];
  /** What ANALYZE has stored of an expression (of an index, or a statistics object) over columns of a table. */
  expression(relation: RelationDesc, expr: Expr, attributeOf: AttributeOf): ColumnStatistics | null;
  /** The number (-1, -2, …) of an expression in a statistics object; null when it is none of them. */
  member(relation: RelationDesc, object: ExtendedStatistics, expr: Expr, attributeOf: AttributeOf): number | null;
  /** The order of a type's values under a collation; null for types that have none. */
  compare(type: number, collation: number): ((a: Datum, b: Datum) => number) | null;
  /** For which rows of the columns a condition on nothing else holds; null when that cannot be tried. */
  holds(columns: readonly ColumnId[], condition: Expr, rows: readonly Row[]): readonly boolean[] | null;
  /** Tries a condition that reads nothing but the scan's columns on some rows; null when that cannot be done. */
  tried(scan: SeqScanNode, condition: Expr): Trial | null;
}

/** The number of a table's column. */
export type AttributeOf = (column: ColumnId) => number | undefined;

export interface ColumnOrigin {
  readonly relation: RelationDesc;
  readonly attribute: number;
}

export class Statistics {
  private readonly origins = new Map<ColumnId, ColumnOrigin>();
  private readonly ctes = new Map<number, PlanNode>();

  /** By scan and conditions: join orders ask for the same ones many times. */
  private readonly trials = new Map<string, Trial | null>();
  private readonly fractions = new WeakMap<Expr, number | null>();
  private readonly conditionNumbers = new WeakMap<Expr, number>();
  private conditionCount = 0;

  constructor(readonly tables: TableStatistics) {}

  /** As `TableStatistics.tried`, for all of the conditions. Each set of them is tried once. */
  tried(scan: SeqScanNode, conditions: readonly Expr[]): Trial | null {
    const key = `${scan.columns[0] ?? 0}:${this.conditionKey(conditions)}`;
    let trial = this.trials.get(key);
    if (trial === undefined) {
      const condition = conjunction(conditions);
      trial = condition === null ? null : this.tables.tried(scan, condition);
      this.trials.set(key, trial);
    }
    return trial;
  }

  /** What the stored statistics say of a condition; see `knownSelectivity`. */
  known(condition: Expr): number | null {
    let fraction = this.fractions.get(condition);
    if (fraction === undefined) {
      fraction = knownSelectivity(condition, this);
      this.fractions.set(condition, fraction);
    }
    return fraction;
  }

  /** Whether the expression reads no column of the relation. */
  isOutside(expr: Expr, relation: number): boolean {
    for (const id of exprColumns(expr)) if (this.origins.get(id)?.relation.oid === relation) return false;
    return true;
  }

  /** The table whose columns the expression reads; null where it reads none, or others too. */
  tableOf(expr: Expr): RelationDesc | null {
    let found: RelationDesc | null = null;
    for (const id of exprColumns(expr)) {
      const relation = this.origins.get(id)?.relation;
      if (relation === undefined || (found !== null && found.oid !== relation.oid)) return null;
      found = relation;
    }
    return found;
  }

  readonly attributeOf: AttributeOf = (column) => this.origins.get(column)?.attribute;

  /** The same text for the same set of conditions of the statement. */
  conditionKey(conditions: readonly Expr[]): string {
    return conditions
      .map((condition) => this.conditionNumber(condition))
      .sort((x, y) => x - y)
      .join();
  }

  private conditionNumber(condition: Expr): number {
    let number = this.conditionNumbers.get(condition);
    if (number === undefined) {
      number = this.conditionCount++;
      this.conditionNumbers.set(condition, number);
    }
    return number;
  }

  /** Follows the columns of a plan to the tables. */
  learn(node: PlanNode): void {
    if (node.kind === 'with') for (const cte of node.ctes) this.ctes.set(cte.id, cte.plan);
    for (const child of childNodes(node)) this.learn(child);
    switch (node.kind) {
      case 'seq scan':
        node.columns.forEach((id, i) => {
          if (i < node.relation.attributes.length) this.origins.set(id, { relation: node.relation, attribute: i + 1 });
        });
        break;
      case 'project':
        node.exprs.forEach((expr, i) => {
          this.alias(node.columns[i], expr);
        });
        break;
      case 'aggregate':
        if (node.sets === null)
          node.groupBy.forEach((expr, i) => {
            this.alias(node.columns[i], expr);
          });
        break;
      case 'cte scan':
        this.ctes.get(node.cte)?.columns.forEach((id, i) => {
          this.copy(node.columns[i], id);
        });
        break;
      default:
        break;
    }
  }

  private alias(id: ColumnId, expr: Expr): void {
    const source = expr.kind === 'relabel' ? expr.arg : expr;
    if (source.kind === 'column') this.copy(id, source.id);
  }

  private copy(id: ColumnId, from: ColumnId): void {
    const origin = this.origins.get(from);
    if (origin !== undefined) this.origins.set(id, origin);
  }

  /** The plan of a WITH query has been made: its figures count for the scans of it. */
  planned(cte: number, plan: PlanNode): void {
    this.ctes.set(cte, plan);
  }

  cte(id: number): PlanNode | undefined {
    return this.ctes.get(id);
  }

  origin(expr: Expr): ColumnOrigin | null {
    const column = expr.kind === 'relabel' ? expr.arg : expr;
    return column.kind === 'column' ? this.originOf(column.id) : null;
  }

  originOf(column: ColumnId): ColumnOrigin | null {
    return this.origins.get(column) ?? null;
  }

  /** About how many different values an expression has in its whole table; null when nothing is known. */
  distinct(expr: Expr): number | null {
    const origin = this.origin(expr);
    return origin === null ? null : this.tables.distinct(origin.relation, origin.attribute);
  }
}
