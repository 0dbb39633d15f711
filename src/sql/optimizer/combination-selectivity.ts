/** Conditions on several columns, tried on the common combinations of values that a statistics object has. */
import type { ExtendedStatistics, RelationDesc } from '../../catalog/descriptors.js';
import type { Row } from '../../types/datum.js';
import { rewriteExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { sameExpr } from '../plan/same-expr.js';
import { type Clause, type Covered, clausesOf, type Product } from './object-clauses.js';
import type { Statistics } from './statistics.js';
import { clampProbability } from './variable.js';

function differentMembers(clauses: readonly Clause[]): number {
  return new Set(clauses.flatMap(({ subjects }) => subjects.map(({ member }) => member))).size;
}

/** The list of common combinations of a statistics object, and the conditions that it can be asked about. */
interface Listed {
  readonly clauses: readonly Clause[];
  readonly frequencies: readonly number[];
  readonly baseFrequencies: readonly number[];
  /** For each condition, which combinations satisfy it. */
  readonly holds: readonly (readonly boolean[])[];
}

function listedClauses(
  relation: RelationDesc,
  object: ExtendedStatistics,
  parts: readonly Expr[],
  statistics: Statistics,
): Listed | null {
  const { common } = object;
  const clauses = common === null ? [] : clausesOf(relation, object, parts, statistics);
  if (common === null || differentMembers(clauses) < 2) return null;
  const holds = clauses.map((clause) => triedOnRows(clause, common.members, common.rows, statistics));
  if (holds.includes(null)) return null;
  return { clauses, ...common, holds: holds.flatMap((one) => (one === null ? [] : [one])) };
}

/** Fractions of the rows with combinations that are told by `test`: in truth, and if columns did not depend on each other. */
function sums({ frequencies, baseFrequencies }: Listed, test: (i: number) => boolean): { found: number; base: number } {
  const of = (values: readonly number[]): number =>
    values.reduce((total, value, i) => (test(i) ? total + value : total), 0);
  return { found: of(frequencies), base: of(baseFrequencies) };
}

/** What conditions let through by themselves (`simple`) is for the combinations that are not in the list. */
function combined(list: Listed, simple: number, test: (i: number) => boolean): number {
  const { found, base } = sums(list, test);
  const unlisted = 1 - sums(list, () => true).found;
  return clampProbability(found + Math.min(clampProbability(simple - base), unlisted));
}

function without(parts: readonly Expr[], { clauses }: Listed): Expr[] {
  const used = clauses.map(({ part }) => part);
  return parts.filter((part) => !used.includes(part));
}

export function byCombinations(
  relation: RelationDesc,
  object: ExtendedStatistics,
  { selectivity, rest }: Covered,
  statistics: Statistics,
  product: Product,
): Covered {
  const list = listedClauses(relation, object, rest, statistics);
  if (list === null) return { selectivity, rest };
  const simple = product(list.clauses.map(({ part }) => part));
  const fraction = combined(list, simple, (i) => list.holds.every((held) => held[i]));
  return { selectivity: selectivity * fraction, rest: without(rest, list) };
}

/** The same for conditions of which one has to hold. `alone`: of one by itself. */
export function extendedDisjunction(
  parts: readonly Expr[],
  statistics: Statistics,
  alone: (part: Expr) => number,
): Covered {
  const relation = parts.length < 2 ? null : statistics.tableOf(parts[0]);
  let selectivity = 0;
  let rest: readonly Expr[] = parts;
  for (const object of relation === null ? [] : statistics.tables.extended(relation)) {
    const list = relation === null ? null : listedClauses(relation, object, rest, statistics);
    if (list === null) continue;
    const any = anyOf(list, alone);
    selectivity += any - selectivity * any;
    rest = without(rest, list);
  }
  return { selectivity, rest };
}

/** P(A or B) is P(A) + P(B) - P(A and B), one condition after the other. */
function anyOf(list: Listed, alone: (part: Expr) => number): number {
  let simpleAny = 0;
  let any = 0;
  let before: readonly boolean[] = list.frequencies.map(() => false);
  list.clauses.forEach(({ part, subjects }, k) => {
    const held = list.holds[k];
    const seen = before;
    const simple = alone(part);
    const overlap = simpleAny * simple;
    simpleAny = clampProbability(simpleAny + simple - overlap);
    // Of a single column the column's own statistics tell best.
    const isPlain = subjects.every(({ member }) => member === subjects[0].member);
    const one = isPlain ? simple : combined(list, simple, (i) => held[i]);
    const both = combined(list, overlap, (i) => held[i] && seen[i]);
    any = clampProbability(any + one - both);
    before = seen.map((was, i) => was || held[i]);
  });
  return any;
}

/** Members of the statistics object as columns: no column of a statement has such a number. */
const memberColumn = (position: number): ColumnId => -2 - position;

function triedOnRows(
  { part, subjects }: Clause,
  members: readonly number[],
  rows: readonly Row[],
  statistics: Statistics,
): readonly boolean[] | null {
  const condition = rewriteExpr(part, (expr) => {
    const subject = subjects.find((candidate) => sameExpr(candidate.expr, expr));
    if (subject === undefined) return expr;
    const { type, typmod, collation } = expr;
    const id = memberColumn(members.indexOf(subject.member));
    return { kind: 'column', id, name: '', type, typmod, collation, location: -1 };
  });
  const columns = members.map((_, i) => memberColumn(i));
  return statistics.tables.holds(columns, condition, rows);
}
