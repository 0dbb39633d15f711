/** Functions: lookup by name and arguments (documentation, 10.3), defaults, VARIADIC and named notation. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { BindContext } from './bind-context.js';
import { type Candidate, matchingCandidates, selectCandidate } from './candidates.js';

/** A way to call a function with the given arguments. */
export interface FunctionMatch extends Candidate {
  readonly proc: ProcDesc;
  /** For each declared input argument the index of the actual one, -1 where the default is used. */
  readonly order: readonly number[];
  /** Declared types in the order of the actual arguments (VARIADIC expanded). */
  readonly argTypes: readonly number[];
  /** The trailing actual arguments from this index on are collected into the VARIADIC array; -1 for none. */
  readonly variadicFrom: number;
  readonly defaultsUsed: number;
  /** Position of the function's schema in the search path, for hiding. */
  readonly pathPosition: number;
}

/** Arguments as written: types, the names of named ones (null when positional), and whether VARIADIC was given. */
export interface ActualArguments {
  readonly types: readonly number[];
  readonly names: readonly (string | null)[];
  readonly variadic: boolean;
}

/** All ways that functions of the name can take so many arguments. */
function collect(cx: BindContext, procs: readonly ProcDesc[], actual: ActualArguments): FunctionMatch[] {
  const matches: FunctionMatch[] = [];
  for (const proc of procs) {
    const match = matchArguments(cx, proc, actual, false);
    if (match !== null) matches.push(match);
    if (proc.variadic !== 0 && !actual.variadic) {
      const expanded = matchArguments(cx, proc, actual, true);
      if (expanded !== null) matches.push(expanded);
    }
  }
  return dropHidden(matches);
}

/** Of two matches with equal types the nearer schema wins; then fewer defaults, then no VARIADIC expansion. */
function dropHidden(matches: readonly FunctionMatch[]): FunctionMatch[] {
  const bySignature = new Map<string, FunctionMatch>();
  for (const match of matches) {
    const key = match.argTypes.join(',');
    const known = bySignature.get(key);
    if (known === undefined || better(match, known)) bySignature.set(key, match);
  }
  return [...bySignature.values()];
}

function better(a: FunctionMatch, b: FunctionMatch): boolean {
  if (a.pathPosition !== b.pathPosition) return a.pathPosition < b.pathPosition;
  if (a.variadicFrom >= 0 !== b.variadicFrom >= 0) return a.variadicFrom < 0;
  return a.defaultsUsed < b.defaultsUsed;
}

function matchArguments(
  cx: BindContext,
  proc: ProcDesc,
  actual: ActualArguments,
  expand: boolean,
): FunctionMatch | null {
  const declared = proc.argTypes.length;
  const given = actual.types.length;
  const pathPosition = Math.max(0, cx.catalog.searchPath.indexOf(proc.namespace));
  if (actual.variadic && proc.variadic === 0) return null;
  if (expand) {
    if (given < declared || actual.names.some((name) => name !== null)) return null;
    const argTypes = actual.types.map((_, i) => (i < declared - 1 ? proc.argTypes[i] : proc.variadic));
    const order = proc.argTypes.map((_, i) => i);
    return { proc, order, argTypes, variadicFrom: declared - 1, defaultsUsed: 0, pathPosition };
  }
  if (given > declared || given < declared - proc.argDefaults) return null;
  const order = argumentOrder(proc, actual);
  if (order === null) return null;
  const argTypes: number[] = new Array(given);
  order.forEach((actualIndex, i) => {
    if (actualIndex >= 0) argTypes[actualIndex] = proc.argTypes[i];
  });
  return { proc, order, argTypes, variadicFrom: -1, defaultsUsed: declared - given, pathPosition };
}

/** Where each declared argument comes from; null when names do not fit or a needed argument is missing. */
function argumentOrder(proc: ProcDesc, actual: ActualArguments): number[] | null {
  const declared = proc.argTypes.length;
  const order: number[] = new Array(declared).fill(-1);
  const inputNames = inputArgumentNames(proc);
  for (let i = 0; i < actual.types.length; i++) {
    const name = actual.names[i];
    const target = name === null ? i : inputNames.indexOf(name);
    if (target < 0 || target >= declared || order[target] !== -1) return null;
    order[target] = i;
  }
  const firstDefault = declared - proc.argDefaults;
  return order.every((source, i) => source >= 0 || i >= firstDefault) ? order : null;
}

function inputArgumentNames(proc: ProcDesc): (string | null)[] {
  const names = proc.argNames;
  if (names === null) return [];
  if (proc.argModes === null) return [...names];
  return names.filter((_, i) => proc.argModes !== null && 'ibv'.includes(proc.argModes[i]));
}

export type FunctionResolution =
  /** `exact`: the arguments have the declared types as they are. */
  | { readonly kind: 'found'; readonly match: FunctionMatch; readonly exact: boolean }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'none' };

/** Picks the function for a call. `kinds` restricts prokind (e.g. procedures for CALL). */
export function resolveFunction(
  cx: BindContext,
  name: string,
  namespace: number | null,
  actual: ActualArguments,
  kinds = 'fawp',
): FunctionResolution {
  const named = cx.catalog.procsByName(name, namespace).filter((proc) => kinds.includes(proc.kind));
  const procs = kinds === 'p' ? named.map(withOutputs) : named;
  const matches = collect(cx, procs, actual);
  const exact = matches.find((match) => match.argTypes.every((type, i) => type === actual.types[i]));
  if (exact !== undefined) return { kind: 'found', match: exact, exact: true };
  const matching = matchingCandidates(cx, actual.types, matches);
  if (matching.length === 1) return { kind: 'found', match: matching[0], exact: false };
  if (matching.length === 0) return { kind: 'none' };
  const chosen = selectCandidate(cx, actual.types, matching);
  return chosen === null ? { kind: 'ambiguous' } : { kind: 'found', match: chosen, exact: false };
}

/** A procedure as CALL sees it, which gives arguments for OUT parameters too. */
function withOutputs(proc: ProcDesc): ProcDesc {
  if (proc.allArgTypes === null) return proc;
  return {
    ...proc,
    argTypes: proc.allArgTypes,
    argModes: proc.argModes?.map((mode) => (mode === 'v' ? mode : 'b')) ?? null,
  };
}

/** `name(integer, unknown)` for messages. */
export function callSignature(cx: BindContext, name: string, actual: ActualArguments): string {
  const args = actual.types.map((type, i) => {
    const label = actual.names[i];
    const text = type === oid.UNKNOWN ? 'unknown' : cx.formatType(type);
    return label === null ? text : `${label} => ${text}`;
  });
  return `${name}(${args.join(', ')})`;
}
