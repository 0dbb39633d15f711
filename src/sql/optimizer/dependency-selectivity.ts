/** Equalities on several columns where, as a statistics object tells, the values of some tell those of others. */
import type { ExtendedStatistics, RelationDesc } from '../../catalog/descriptors.js';
import type { Expr } from '../plan/expression.js';
import { columnEquality, comparedColumn } from './comparison-selectivity.js';
import { type Clause, type Covered, clausesOf, type Product } from './object-clauses.js';
import type { Statistics } from './statistics.js';
import { clampProbability } from './variable.js';

/** Conditions that say that a member has one of some values, by member. */
function equalities(clauses: readonly Clause[], statistics: Statistics): Map<number, Expr[]> {
  const found = new Map<number, Expr[]>();
  for (const { part, subjects } of clauses) {
    const [{ member }] = subjects;
    if (subjects.some((subject) => subject.member !== member) || !isEquality(part, statistics)) continue;
    found.set(member, [...(found.get(member) ?? []), part]);
  }
  return found;
}

function isEquality(part: Expr, statistics: Statistics): boolean {
  switch (part.kind) {
    case 'or':
      return part.args.every((arg) => isEquality(arg, statistics));
    case 'not':
      return part.arg.kind === 'column';
    case 'column':
      return true;
    case 'function':
      return columnEquality(part, statistics) || comparedColumn(part, statistics) === null;
    case 'array comparison':
      return part.quantifier === 'any' && part.comparison.operator?.restrict === 'eqsel';
    default:
      return false;
  }
}

type Dependency = ExtendedStatistics['dependencies'][number];

/** Dependencies of all statistics objects of the table together. */
export function byDependencies(
  relation: RelationDesc,
  objects: readonly ExtendedStatistics[],
  { selectivity, rest }: Covered,
  statistics: Statistics,
  product: Product,
): Covered {
  const dependencies: Dependency[] = [];
  const found = new Map<number, Expr[]>();
  for (const object of objects) {
    if (object.dependencies.length === 0) continue;
    const common = (member: number): number => commonMember(objects, object, member);
    for (const [member, parts] of equalities(clausesOf(relation, object, rest, statistics), statistics))
      found.set(common(member), parts);
    for (const { from, to, degree } of object.dependencies)
      dependencies.push({ from: from.map(common), to: common(to), degree });
  }
  const applied = strongestDependencies(dependencies, new Set(found.keys()));
  if (applied.length === 0) return { selectivity, rest };
  const fractions = new Map<number, number>();
  for (const { from, to } of applied)
    for (const member of [...from, to]) fractions.set(member, product(found.get(member) ?? []));
  for (const { from, to, degree } of applied.toReversed()) {
    const implying = from.reduce((all, member) => all * (fractions.get(member) ?? 1), 1);
    const implied = fractions.get(to) ?? 1;
    const follows = implying <= implied ? degree : (degree * implied) / implying;
    fractions.set(to, follows + (1 - degree) * implied);
  }
  const parts = [...fractions.keys()].flatMap((member) => found.get(member) ?? []);
  const all = [...fractions.values()].reduce((total, one) => total * one, 1);
  return {
    selectivity: selectivity * clampProbability(all),
    rest: rest.filter((part) => !parts.includes(part)),
  };
}

/** The same number for the same expression in all objects. */
function commonMember(objects: readonly ExtendedStatistics[], object: ExtendedStatistics, member: number): number {
  if (member > 0) return member;
  const texts = [...new Set(objects.flatMap(({ expressions }) => expressions))];
  return -1 - texts.indexOf(object.expressions[-1 - member]);
}

/** Those with most columns first, then those that hold for most rows; each takes the column that it explains away. */
function strongestDependencies(dependencies: readonly Dependency[], members: ReadonlySet<number>): Dependency[] {
  const applied: Dependency[] = [];
  const left = new Set(members);
  for (;;) {
    let best: Dependency | null = null;
    for (const candidate of dependencies) {
      if (!left.has(candidate.to) || !candidate.from.every((member) => left.has(member))) continue;
      const more = best === null ? 1 : candidate.from.length - best.from.length;
      if (best === null || more > 0 || (more === 0 && candidate.degree > best.degree)) best = candidate;
    }
    if (best === null) return applied;
    applied.push(best);
    left.delete(best.to);
  }
}
