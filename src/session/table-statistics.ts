/**
 * What the planner knows of a table's content: what ANALYZE has stored, and for tables that were not analysed figures from a
 * sample of rows in memory (`Heap.sampleRows`), on which conditions are simply tried.
 */
import type { ColumnStatistics, ExtendedStatistics, IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { storedTextIn } from '../ddl/stored-expression.js';
import type { ExecServices } from '../exec/exec-context.js';
import { Compiler } from '../exec/expression/compile.js';
import type { Predicate } from '../exec/expression/evaluator.js';
import { keyFunction } from '../exec/group-key.js';
import { valueComparator } from '../exec/row-order.js';
import { standaloneContext } from '../exec/standalone-expression.js';
import type { AttributeOf, TableStatistics, Trial } from '../sql/optimizer/statistics.js';
import { distinctValues } from '../sql/optimizer/variable.js';
import { someExpr } from '../sql/plan/expr-children.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { SeqScanNode } from '../sql/plan/plan-node.js';
import type { PlanBasis } from '../sql/plan/planned-statement.js';
import type { Datum, Row } from '../types/datum.js';
import { TAKES_LONG } from '../util/effort.js';

/** Estimates by attribute number, for each sample. Samples are replaced as the tables change. */
const distinctOfSample = new WeakMap<readonly Row[], Map<number, number>>();

/** So many rows that satisfy a condition tell its fraction well. */
const ENOUGH_MATCHES = 50;
const TRIAL_MS = 2;
/** For values of stored statistics, which are few and short: only a hostile pattern takes as long. */
const VALUES_MS = 50;
/** A table that has become so many times larger or smaller is looked at anew; small ones need not be. */
const OUTGROWN = 2;
const SMALL = 100;

export function sampleOf({ store }: Pick<ExecServices, 'store'>, relation: RelationDesc): readonly Row[] {
  return store.heap(relation.storage, { columns: relation.attributes.length }).sampleRows();
}

export class SampledStatistics implements TableStatistics {
  /** By relation. */
  private readonly asked = new Map<number, PlanBasis>();

  constructor(
    private readonly services: ExecServices,
    private readonly countRows: (relation: RelationDesc) => number,
    /** An expression of the catalog over a relation as it reads when constants in it are worked out. */
    private readonly folded: (relation: RelationDesc, text: string) => string,
  ) {}

  rowCount(relation: RelationDesc): number {
    const rows = this.countRows(relation);
    if (!this.asked.has(relation.oid)) this.asked.set(relation.oid, { relation, rows, untried: false });
    return rows;
  }

  /** Everything that was asked so far. */
  get basis(): readonly PlanBasis[] {
    return [...this.asked.values()];
  }

  isUnique(relation: RelationDesc, attributes: readonly number[]): boolean {
    return relation.indexes.some((index) => coversUnique(index, attributes));
  }

  distinct(relation: RelationDesc, attribute: number): number | null {
    const total = this.rowCount(relation);
    if (this.isUnique(relation, [attribute])) return Math.max(1, total);
    const stored = this.column(relation, attribute);
    if (stored !== null) return Math.max(1, Math.min(distinctValues(stored, total), total));
    const sample = this.sample(relation);
    if (sample.length === 0) return null;
    let known = distinctOfSample.get(sample);
    if (known === undefined) {
      known = new Map();
      distinctOfSample.set(sample, known);
    }
    let estimate = known.get(attribute);
    if (estimate === undefined) {
      estimate = this.estimateDistinct(relation, attribute, sample, total);
      known.set(attribute, estimate);
    }
    return estimate;
  }

  column(relation: RelationDesc, attribute: number): ColumnStatistics | null {
    const stored = this.services.catalog.columnStatistics(relation.oid, attribute);
    return stored === null || this.isOutgrown(relation) ? null : stored;
  }

  /** The table is of quite another size than when it was analysed, and there are rows to look at. */
  private isOutgrown(relation: RelationDesc): boolean {
    const rows = this.rowCount(relation);
    const like = rows <= relation.tuples * OUTGROWN && relation.tuples <= rows * OUTGROWN;
    return !like && Math.max(rows, relation.tuples) > SMALL && this.sample(relation).length > 0;
  }

  compare(type: number, collation: number): ((a: Datum, b: Datum) => number) | null {
    const { catalog, types } = this.services;
    return catalog.type(type)?.codec === undefined ? null : valueComparator(types, { type, collation });
  }

  extended(relation: RelationDesc): readonly ExtendedStatistics[] {
    return this.isOutgrown(relation) ? [] : this.services.catalog.extendedStatistics(relation.oid);
  }

  expression(relation: RelationDesc, expr: Expr, attributeOf: AttributeOf): ColumnStatistics | null {
    const { catalog } = this.services;
    const objects = this.extended(relation).filter(({ expressions }) => expressions.length > 0);
    const indexes = relation.indexes.filter(({ expressionTexts }) => expressionTexts.length > 0);
    if (objects.length === 0 && indexes.length === 0) return null;
    const text = this.textOf(relation, expr, attributeOf);
    if (text === null) return null;
    for (const index of indexes) {
      let next = 0;
      for (const [i, number] of index.attributes.entries()) {
        if (number !== 0 || this.folded(relation, index.expressionTexts[next++]) !== text) continue;
        const figures = catalog.columnStatistics(index.oid, i + 1);
        if (figures !== null) return figures;
      }
    }
    for (const { expressions, figures } of objects) {
      const found = figures[expressions.findIndex((stored) => this.folded(relation, stored) === text)];
      if (found !== undefined) return found;
    }
    return null;
  }

  member(
    relation: RelationDesc,
    { expressions }: ExtendedStatistics,
    expr: Expr,
    attributeOf: AttributeOf,
  ): number | null {
    const text = this.textOf(relation, expr, attributeOf);
    if (text === null) return null;
    const position = expressions.findIndex((stored) => this.folded(relation, stored) === text);
    return position < 0 ? null : -1 - position;
  }

  /** An expression as the catalog keeps it; null where it cannot, because of a subquery. */
  private textOf({ attributes }: RelationDesc, expr: Expr, attributeOf: AttributeOf): string | null {
    if (someExpr(expr, (part) => part.kind === 'subplan')) return null;
    return storedTextIn(this.services, expr, (id) => {
      const attribute = attributeOf(id);
      return attribute === undefined ? undefined : attributes[attribute - 1].name;
    });
  }

  holds(columns: readonly ColumnId[], condition: Expr, rows: readonly Row[]): readonly boolean[] | null {
    return this.trying(columns, condition, (predicate) => {
      const deadline = performance.now() + VALUES_MS;
      return rows.map((row, i) => {
        if ((i & 15) === 15 && performance.now() > deadline) throw TAKES_LONG;
        return predicate(row);
      });
    });
  }

  tried(scan: SeqScanNode, condition: Expr): Trial | null {
    const sample = this.sample(scan.relation);
    if (sample.length === 0) return null;
    return this.trying(scan.columns, condition, (predicate) => count(sample, predicate));
  }

  /** What `evaluate` makes of the condition over rows of the columns; null where that fails, or would have to wait. */
  private trying<T>(columns: readonly ColumnId[], condition: Expr, evaluate: (predicate: Predicate) => T): T | null {
    const cx = standaloneContext(this.services);
    cx.mayWait = true;
    try {
      return evaluate(new Compiler(cx, columns).predicate(condition));
    } catch {
      // A condition that fails for a row that is tried will say so when the query meets that row; one that would have
      // to wait (Suspend) takes too long to be tried.
      return null;
    } finally {
      cx.end();
    }
  }

  private sample(relation: RelationDesc): readonly Row[] {
    if (relation.storage === 0) return [];
    const sample = sampleOf(this.services, relation);
    const rows = this.rowCount(relation);
    if (sample.length === 0 && rows > 0) this.asked.set(relation.oid, { relation, rows, untried: true });
    return sample;
  }

  /** Haas and Stokes' estimator (Duj1): values that occur once in the sample tell how many were never seen. */
  private estimateDistinct(relation: RelationDesc, attribute: number, sample: readonly Row[], total: number): number {
    const column = relation.attributes[attribute - 1];
    const key = keyFunction(this.services.types, column.type);
    const counts = new Map<unknown, number>();
    let values = 0;
    for (const row of sample) {
      const value = row[attribute - 1] ?? null;
      if (value === null) continue;
      values++;
      const id = key(value);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    if (values === 0) return 1;
    let once = 0;
    for (const count of counts.values()) if (count === 1) once++;
    const all = Math.max(values, (total * values) / sample.length);
    return Math.max(1, (values * counts.size) / (values - once + (once * values) / all));
  }
}

/** Enough rows are enough, and so is enough time. */
function count(sample: readonly Row[], predicate: Predicate): Trial {
  const deadline = performance.now() + TRIAL_MS;
  let matched = 0;
  let of = 0;
  for (const row of sample) {
    if (predicate(row)) matched++;
    of++;
    if ((of & 63) === 0 && (matched >= ENOUGH_MATCHES || performance.now() > deadline)) break;
  }
  return { matched, of };
}

function coversUnique(index: IndexDesc, attributes: readonly number[]): boolean {
  return (
    index.unique &&
    index.predicateText === null &&
    index.attributes.slice(0, index.keyColumns).every((number) => number !== 0 && attributes.includes(number))
  );
}
