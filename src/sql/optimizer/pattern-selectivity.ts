/** LIKE, regular expressions and the like on an analysed column: tried on its common values and on its histogram. */
import type { OperatorDesc } from '../../catalog/descriptors.js';
import type { Datum } from '../../types/datum.js';
import type { Expr, FunctionExpr } from '../plan/expression.js';
import { histogramFraction } from './histogram.js';
import type { Statistics } from './statistics.js';
import { clampProbability, equalToValue, holdsFor, uncommonFraction, type Variable } from './variable.js';

/** Estimators of operators whose conditions are tried on values; below, those that say that something does not match. */
export const PATTERN_OPERATORS = new Set([
  'likesel',
  'iclikesel',
  'prefixsel',
  'regexeqsel',
  'icregexeqsel',
  'matchingsel',
  'nlikesel',
  'icnlikesel',
  'regexnesel',
  'icregexnesel',
]);
const NEGATIVE = new Set(['nlikesel', 'icnlikesel', 'regexnesel', 'icregexnesel']);

/** Of a pattern that is not known yet, or that tells nothing. */
const UNKNOWN = 0.005;
const MATCHING = 0.01;
const LEAST = 0.0001;
/** With so many bounds they tell all; with fewer than the second number nothing. */
const MANY_BOUNDS = 100;
const FEW_BOUNDS = 10;
/** What each part of a pattern behind the beginning lets through. */
const FIXED_CHARACTER = 0.2;
const ANY_CHARACTER = 0.9;
const ANY_TEXT = 5;

export function patternSelectivity(
  expr: FunctionExpr,
  { restrict }: OperatorDesc,
  variable: Variable,
  other: Expr,
  statistics: Statistics,
): number {
  const estimator = restrict ?? '';
  const known = other.kind === 'const' ? matches(expr, estimator, variable, other.value, statistics) : null;
  const positive = known ?? UNKNOWN;
  return clampProbability(NEGATIVE.has(estimator) ? 1 - positive - variable.figures.nullFraction : positive);
}

/** The fraction of rows that match; null where the condition cannot be tried. */
function matches(
  expr: FunctionExpr,
  estimator: string,
  variable: Variable,
  pattern: Datum,
  statistics: Statistics,
): number | null {
  const { figures, compare } = variable;
  const isNegative = NEGATIVE.has(estimator);
  const isLike = estimator === 'likesel' || estimator === 'nlikesel';
  const like = isLike && typeof pattern === 'string' ? likePattern(pattern) : null;
  if (like?.isExact === true && compare !== null)
    return equalToValue(variable, (common) => compare(common, like.prefix) === 0);
  const tried = (values: readonly Datum[] | undefined): readonly boolean[] | null =>
    values === undefined ? [] : holdsFor(expr, variable, values, statistics);
  const bounds = tried(figures.histogram?.slice(1, -1));
  const common = tried(figures.common?.values);
  if (bounds === null || common === null) return null;
  const counts = (held: boolean): boolean => held !== isNegative;
  const found = bounds.length === 0 ? 0 : bounds.filter(counts).length / bounds.length;
  const guess = guessed(estimator, variable, like);
  const size = figures.histogram?.length ?? 0;
  const weight = size >= MANY_BOUNDS ? 1 : size >= FEW_BOUNDS ? size / MANY_BOUNDS : 0;
  const rest = Math.min(1 - LEAST, Math.max(LEAST, found * weight + guess * (1 - weight)));
  const frequent = figures.common?.frequencies.reduce((sum, each, i) => (counts(common[i]) ? sum + each : sum), 0) ?? 0;
  return rest * uncommonFraction(variable) + frequent;
}

function guessed(estimator: string, variable: Variable, like: LikePattern | null): number {
  if (estimator === 'matchingsel') return MATCHING;
  if (like === null) return UNKNOWN;
  return like.rest * (like.prefix === '' ? 1 : prefixFraction(variable, like.prefix));
}

/** Values from the prefix up to the first text that comes behind all that begin with it. */
function prefixFraction(variable: Variable, prefix: string): number {
  const from = histogramFraction(variable, { greater: true, orEqual: true }, prefix);
  if (from === null) return UNKNOWN;
  const last = prefix.charCodeAt(prefix.length - 1);
  const end = prefix.slice(0, -1) + String.fromCharCode(Math.min(last + 1, 0xffff));
  const below = histogramFraction(variable, { greater: false, orEqual: false }, end) ?? 1;
  const range = from + below - 1;
  const one = 1 / Math.max(1, variable.distinct);
  return Math.max(range <= 0 ? 0 : range, one);
}

interface LikePattern {
  /** Up to the first wildcard. */
  readonly prefix: string;
  readonly isExact: boolean;
  /** What the pattern behind the prefix lets through. */
  readonly rest: number;
}

export function likePattern(pattern: string): LikePattern {
  let prefix = '';
  let i = 0;
  for (; i < pattern.length && pattern[i] !== '%' && pattern[i] !== '_'; i++) {
    if (pattern[i] === '\\' && i + 1 < pattern.length) i++;
    prefix += pattern[i];
  }
  if (i === pattern.length) return { prefix, isExact: true, rest: 1 };
  while (pattern[i] === '%') i++;
  let rest = 1;
  for (; i < pattern.length; i++) {
    if (pattern[i] === '%') rest *= ANY_TEXT;
    else if (pattern[i] === '_') rest *= ANY_CHARACTER;
    else {
      if (pattern[i] === '\\' && i + 1 < pattern.length) i++;
      rest *= FIXED_CHARACTER;
    }
  }
  return { prefix, isExact: false, rest: Math.min(1, rest) };
}
