/**
 * Which collation an expression has, and which one the functions in it work with (PostgreSQL's documentation, 24.2): a
 * COLLATE clause goes before everything else, a column's own collation before the default one, and two of the same rank that
 * differ are a conflict, which is an error where a function needs to know.
 */
import { sqlError } from '../../errors/sql-error.js';
import { isBytewise } from '../../types/text/collator.js';
import { childExprs } from '../plan/expr-children.js';
import type { Expr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';

const DEFAULT_COLLATION = 100;
/** The collation of expressions whose parts disagree. */
export const INDETERMINATE = -1;

type Rank = 'none' | 'implicit' | 'conflict' | 'explicit';
const RANKS: readonly Rank[] = ['none', 'implicit', 'conflict', 'explicit'];

export interface Derivation {
  readonly rank: Rank;
  /** 0 for none, -1 for a conflict. */
  readonly collation: number;
  /** The two collations of a conflict where these are known, and where the second one is. */
  readonly conflict: { readonly pair: readonly [number, number]; readonly location: number } | null;
}

const NONE: Derivation = { rank: 'none', collation: 0, conflict: null };
const PLAIN: Derivation = { rank: 'implicit', collation: DEFAULT_COLLATION, conflict: null };
const UNSETTLED: Derivation = { rank: 'conflict', collation: INDETERMINATE, conflict: null };
const known = new WeakMap<Expr, Derivation>();

/** Kinds of expressions whose collation comes from their parts. */
const BUBBLING: ReadonlySet<Expr['kind']> = new Set([
  'function',
  'relabel',
  'coerce via io',
  'array coerce',
  'coerce to domain',
  'case',
  'coalesce',
  'greatest',
  'least',
  'nullif',
  'array',
]);

/** `x COLLATE c` is a change of nothing but the collation. */
function isCollate(expr: Expr): boolean {
  return expr.kind === 'relabel' && expr.explicit && expr.type === expr.arg.type && expr.typmod === expr.arg.typmod;
}

function derivationOf(cx: BindContext, expr: Expr): Derivation {
  const found = known.get(expr);
  if (found !== undefined) return found;
  const made = derive(cx, expr);
  known.set(expr, made);
  return made;
}

function derive(cx: BindContext, expr: Expr): Derivation {
  const own = cx.collationOf(expr.type);
  if (own === 0) return NONE;
  if (isCollate(expr)) return { rank: 'explicit', collation: expr.collation, conflict: null };
  if (!BUBBLING.has(expr.kind) && expr.collation === INDETERMINATE) return UNSETTLED;
  if (!BUBBLING.has(expr.kind)) return { rank: 'implicit', collation: expr.collation || own, conflict: null };
  const parts = merge(cx, resultParts(expr));
  return parts.rank === 'none' ? { rank: 'implicit', collation: own, conflict: null } : parts;
}

/** The parts that a value is made of: conditions of a CASE are not. */
function resultParts(expr: Expr): readonly Expr[] {
  if (expr.kind === 'case') return [...expr.branches.map((branch) => branch.result), expr.otherwise];
  if (expr.kind === 'nullif') return [expr.left, expr.right];
  if (expr.kind === 'array coerce' || expr.kind === 'coerce to domain') return [expr.arg];
  return childExprs(expr);
}

function merge(cx: BindContext, exprs: readonly Expr[]): Derivation {
  let merged = NONE;
  for (const expr of exprs) merged = join(cx, merged, derivationOf(cx, expr), expr.location);
  return merged;
}

/** @throws SqlError 42P21 for two different COLLATE clauses */
function join(cx: BindContext, a: Derivation, b: Derivation, location: number): Derivation {
  if (a.rank !== b.rank) return RANKS.indexOf(a.rank) > RANKS.indexOf(b.rank) ? a : b;
  if (a.rank === 'none' || a.rank === 'conflict' || a.collation === b.collation) return a;
  if (a.rank === 'explicit') {
    const names = `"${nameOf(cx, a.collation)}" and "${nameOf(cx, b.collation)}"`;
    throw cx.error('collation_mismatch', `collation mismatch between explicit collations ${names}`, location);
  }
  if (a.collation === DEFAULT_COLLATION) return b;
  if (b.collation === DEFAULT_COLLATION) return a;
  return { ...UNSETTLED, conflict: { pair: [a.collation, b.collation], location } };
}

function nameOf(cx: BindContext, collation: number): string {
  return cx.catalog.collation(collation)?.name ?? String(collation);
}

/** Nearly all expressions have the default collation or none, which takes no derivation. */
function isPlain(exprs: readonly Expr[]): boolean {
  return exprs.every(
    ({ collation, kind }) => collation === DEFAULT_COLLATION || (collation === 0 && kind !== 'function'),
  );
}

/** What functions over these arguments work with. */
export function inputDerivation(cx: BindContext, args: readonly Expr[]): Derivation {
  return isPlain(args) ? PLAIN : merge(cx, args);
}

/** The collation of a value of the type that is made of the parts, -1 where they are in conflict. */
export function commonCollation(cx: BindContext, parts: readonly Expr[], type: number): number {
  const own = cx.collationOf(type);
  if (own === 0 || isPlain(parts)) return own;
  const merged = merge(cx, parts);
  return merged.rank === 'none' ? own : merged.collation;
}

/** For places that have to know at once, such as sort keys. @throws SqlError 42P21, 42P22 */
export function requireCollation(cx: BindContext, expr: Expr): void {
  if (isPlain([expr])) return;
  const derived = derivationOf(cx, expr);
  if (derived.rank === 'conflict') throw mismatch(cx, derived);
}

/** As `commonCollation`, for results that are compared. @throws SqlError 42P21 */
export function requireCommonCollation(cx: BindContext, parts: readonly Expr[], type: number): number {
  if (cx.collationOf(type) !== 0 && !isPlain(parts)) {
    const merged = merge(cx, parts);
    if (merged.rank === 'conflict') throw mismatch(cx, merged);
  }
  return commonCollation(cx, parts, type);
}

function mismatch(cx: BindContext, { conflict }: Derivation): Error {
  if (conflict === null) return indeterminate('string comparison');
  const { pair, location } = conflict;
  const names = `"${nameOf(cx, pair[0])}" and "${nameOf(cx, pair[1])}"`;
  return cx.error('collation_mismatch', `collation mismatch between implicit collations ${names}`, location, {
    hint: 'You can choose the collation by applying the COLLATE clause to one or both expressions.',
  });
}

function indeterminate(use: string): Error {
  return sqlError('indeterminate_collation', `could not determine which collation to use for ${use}`, {
    hint: 'Use the COLLATE clause to set the collation explicitly.',
  });
}

/** Functions whose result depends on a collation, by source; what PostgreSQL says it is used for. */
const USES: ReadonlyMap<string, string> = new Map([
  ...['text_lt', 'text_le', 'text_gt', 'text_ge', 'texteq', 'textne', 'bttextcmp', 'text_larger', 'text_smaller'].map(
    (source): [string, string] => [source, 'string comparison'],
  ),
  ...['bpcharlt', 'bpcharle', 'bpchargt', 'bpcharge', 'bpchareq', 'bpcharne', 'bpcharcmp'].map(
    (source): [string, string] => [source, 'string comparison'],
  ),
  ...['bpchar_larger', 'bpchar_smaller'].map((source): [string, string] => [source, 'string comparison']),
  ...['upper', 'lower', 'initcap'].map((source): [string, string] => [source, `${source}() function`]),
]);

/**
 * The collation that a call has to be told: undefined when its function does not care, or compares by code points.
 * @throws SqlError 42P22 when the arguments leave open which one it is
 */
export function inputCollation(cx: BindContext, source: string, args: readonly Expr[]): number | undefined {
  if (source === 'pg_collation_for') return derivationOf(cx, args[0]).collation;
  if (isPlain(args)) return undefined;
  const use = USES.get(source);
  if (use === undefined) return undefined;
  const { rank, collation } = merge(cx, args);
  if (rank === 'conflict') throw indeterminate(use);
  return isBytewise(collation) || cx.catalog.collation(collation)?.provider !== 'i' ? undefined : collation;
}
