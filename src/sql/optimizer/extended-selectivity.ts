/**
 * Conditions on several columns of a table that a statistics object tells about: its common combinations are tried, and
 * dependencies make the value of one column follow from those of others. By PostgreSQL's rules.
 */
import type { Expr } from '../plan/expression.js';
import { byCombinations } from './combination-selectivity.js';
import { byDependencies } from './dependency-selectivity.js';
import type { Covered, Product } from './object-clauses.js';
import type { Statistics } from './statistics.js';

export function extendedSelectivity(parts: readonly Expr[], statistics: Statistics, product: Product): Covered {
  const none = { selectivity: 1, rest: parts };
  if (parts.length === 0) return none;
  const relation = statistics.tableOf(parts[0]);
  const objects = relation === null ? [] : statistics.tables.extended(relation);
  if (relation === null || objects.length === 0) return none;
  let covered: Covered = none;
  for (const object of objects) covered = byCombinations(relation, object, covered, statistics, product);
  return byDependencies(relation, objects, covered, statistics, product);
}
