/**
 * Choosing among overloaded functions and operators when no exact match exists (documentation, 10.2 and 10.3:
 * the steps that both share).
 */
import * as oid from '../../types/oids.js';
import type { BindContext } from './bind-context.js';
import { baseType, canCoerce } from './coercion-pathway.js';
import { polymorphicConsistent } from './polymorphism.js';

export interface Candidate {
  /** Declared types, one for each actual argument. */
  readonly argTypes: readonly number[];
}

/** Keeps the candidates that the arguments can be converted to implicitly. */
export function matchingCandidates<C extends Candidate>(
  cx: BindContext,
  actual: readonly number[],
  candidates: readonly C[],
): C[] {
  return candidates.filter(
    (candidate) =>
      canCoerce(cx, actual, candidate.argTypes, 'implicit') && polymorphicConsistent(cx, actual, candidate.argTypes),
  );
}

/**
 * Narrows several matching candidates to one.
 * @returns null when the call stays ambiguous
 */
export function selectCandidate<C extends Candidate>(
  cx: BindContext,
  actual: readonly number[],
  matching: readonly C[],
): C | null {
  const bases = actual.map((type) => (type === oid.UNKNOWN ? type : baseType(cx, type)));
  let rest = mostExact(bases, matching);
  if (rest.length === 1) return rest[0];
  rest = mostPreferred(cx, bases, rest);
  if (rest.length === 1) return rest[0];
  if (!bases.includes(oid.UNKNOWN)) return null;
  rest = byUnknownCategories(cx, bases, rest);
  if (rest.length === 1) return rest[0];
  return byAssumedKnownType(cx, bases, rest);
}

function best<C>(candidates: readonly C[], score: (candidate: C) => number): C[] {
  let top = 0;
  let kept: C[] = [];
  for (const candidate of candidates) {
    const value = score(candidate);
    if (value > top || kept.length === 0) {
      top = value;
      kept = [candidate];
    } else if (value === top) kept.push(candidate);
  }
  return kept;
}

function mostExact<C extends Candidate>(bases: readonly number[], candidates: readonly C[]): C[] {
  return best(candidates, (candidate) =>
    bases.reduce((sum, type, i) => sum + (type !== oid.UNKNOWN && candidate.argTypes[i] === type ? 1 : 0), 0),
  );
}

function mostPreferred<C extends Candidate>(cx: BindContext, bases: readonly number[], candidates: readonly C[]): C[] {
  return best(candidates, (candidate) =>
    bases.reduce((sum, type, i) => {
      if (type === oid.UNKNOWN) return sum;
      const declared = candidate.argTypes[i];
      const desc = cx.catalog.type(declared);
      const preferred = desc?.preferred === true && desc.category === cx.catalog.type(type)?.category;
      return sum + (declared === type || preferred ? 1 : 0);
    }, 0),
  );
}

/** Settles a type category for each unknown argument: string if any candidate takes one, else the common category. */
function byUnknownCategories<C extends Candidate>(
  cx: BindContext,
  bases: readonly number[],
  candidates: readonly C[],
): C[] {
  const categories: { category: string; preferred: boolean }[] = [];
  for (let i = 0; i < bases.length; i++) {
    if (bases[i] !== oid.UNKNOWN) {
      categories.push({ category: '', preferred: false });
      continue;
    }
    const slot = categoryOfPosition(cx, candidates, i);
    if (slot === null) return [...candidates];
    categories.push(slot);
  }
  const kept = candidates.filter((candidate) =>
    categories.every(({ category, preferred }, i) => {
      if (category === '') return true;
      const desc = cx.catalog.type(candidate.argTypes[i]);
      return desc?.category === category && (!preferred || desc.preferred);
    }),
  );
  return kept.length > 0 ? kept : [...candidates];
}

function categoryOfPosition<C extends Candidate>(
  cx: BindContext,
  candidates: readonly C[],
  i: number,
): { category: string; preferred: boolean } | null {
  let category = '';
  let preferred = false;
  let conflict = false;
  for (const candidate of candidates) {
    const desc = cx.catalog.type(candidate.argTypes[i]);
    if (desc === undefined) return null;
    if (category === '') {
      category = desc.category;
      preferred = desc.preferred;
    } else if (desc.category === category) preferred ||= desc.preferred;
    else if (desc.category === 'S') {
      category = 'S';
      preferred = desc.preferred;
    } else if (category !== 'S') conflict = true;
  }
  return conflict && category !== 'S' ? null : { category, preferred };
}

/** When all known arguments have one type, tries the unknown ones as that type too. */
function byAssumedKnownType<C extends Candidate>(
  cx: BindContext,
  bases: readonly number[],
  candidates: readonly C[],
): C | null {
  const known = new Set(bases.filter((type) => type !== oid.UNKNOWN));
  if (known.size !== 1) return null;
  const assumed = bases.map(() => [...known][0]);
  const kept = matchingCandidates(cx, assumed, candidates);
  return kept.length === 1 ? kept[0] : null;
}
