/**
 * Where the code of built-in functions is registered. A function is found by the `prosrc` of its pg_proc row (for
 * rows in language SQL, which have no C name: by `name(argtype,argtype)` with the type names of pg_type, e.g.
 * `lpad(text,int4)`). What has a row but no code here answers 0A000.
 *
 * NULL: when pg_proc.proisstrict is true the executor never calls a function with a NULL argument; otherwise
 * arguments may be null. Every function returns a datum of the form that types/datum.ts gives for its result type.
 *
 * Aggregates have no registration of their own: their transition, combine and final functions are ordinary functions
 * under their own prosrc (`int4_sum`, `numeric_avg_accum`, `int8_avg`, …). A transition function of type `internal`
 * keeps any mutable object as its state and is called with `null` the first time.
 */
import type { Datum, Row } from '../../types/datum.js';
import type { TypeContext } from '../../types/type-context.js';
import type { Task } from '../../util/task.js';

/** The parameter lists of implementations are narrower than `Datum`; the method form makes TypeScript accept that. */
type Implementation = { call(...args: Datum[]): Datum }['call'];
type ContextImplementation = { call(cx: CallContext, ...args: Datum[]): Datum }['call'];
type SetImplementation = { call(cx: CallContext, ...args: Datum[]): Iterable<Datum | Row> }['call'];

/** What one call site knows: the surroundings, and the types that the statement gave the call. */
export interface CallContext extends TypeContext {
  /** Types of the actual arguments, polymorphic ones resolved. */
  readonly argTypes: readonly number[];
  readonly argTypmods: readonly number[];
  readonly resultType: number;
  /** Whether the last argument was given as `VARIADIC array`. */
  readonly variadicArray: boolean;
  /** The collation that the call works with, where it has to know. */
  readonly collation?: number | undefined;
  readonly session: SessionServices;
}

/** What functions may ask of the session and the server. */
export interface SessionServices {
  readonly database: string;
  readonly currentUser: string;
  readonly sessionUser: string;
  readonly backendPid: number;
  /** Names of the schemas of the search path that exist; implicit ones included on request. */
  searchPath(includeImplicit: boolean): readonly string[];
  getSetting(name: string): string | undefined;
  /** Throws 42704 for an unknown parameter and 22023 for a bad value, as SET does. */
  setSetting(name: string, value: string, local: boolean): string;
  notice(severity: 'NOTICE' | 'WARNING' | 'INFO', message: string, detail?: string, hint?: string): void;
  /** `own`: for an identity column of the sequence. */
  nextval(sequence: number, own: boolean): number | bigint;
  currval(sequence: number): number | bigint;
  lastval(): number | bigint;
  setval(sequence: number, value: number | bigint, isCalled: boolean): void;
  /** 0 <= x < 1, from the session's generator. */
  random(): number;
  setSeed(seed: number): void;
  /** Wall clock: microseconds since 2000-01-01 UTC. */
  clockTimestamp(): number;
}

/**
 * How calls are made that would hold everybody up. Where such calls cannot wait (aggregates, index keys) the function is
 * called as usual. Otherwise its code runs as an attempt (util/effort.ts), which it may give up.
 */
export interface LongCalls {
  /** Whether a call with these arguments is known to take long. */
  isLong(args: readonly Datum[]): boolean;
  /** Makes the call, giving way to others. */
  run(args: readonly Datum[]): Task<Datum>;
}

/** The same for functions that need a context. */
export interface ContextLongCalls {
  isLong(args: readonly Datum[]): boolean;
  run(cx: CallContext, args: readonly Datum[]): Task<Datum>;
}

export type FunctionEntry =
  | { readonly kind: 'plain'; readonly call: Implementation; readonly long?: LongCalls }
  | { readonly kind: 'context'; readonly call: ContextImplementation; readonly long?: ContextLongCalls }
  /** Long calls give an object that can be iterated more than once. */
  | { readonly kind: 'set'; readonly call: SetImplementation; readonly long?: LongCalls };

/** A family of functions, as its file exports it. */
export type FunctionFamily = ReadonlyMap<string, FunctionEntry>;

/** Functions of their arguments alone. */
export function plainFunctions(functions: Record<string, Implementation>): FunctionFamily {
  return new Map(Object.entries(functions).map(([name, call]) => [name, { kind: 'plain', call }]));
}

/** Functions that need settings, catalogs, their argument types or the session. */
export function contextFunctions(functions: Record<string, ContextImplementation>): FunctionFamily {
  return new Map(Object.entries(functions).map(([name, call]) => [name, { kind: 'context', call }]));
}

/** Set-returning functions: they give scalars, or rows where the function has several result columns. */
export function setFunctions(functions: Record<string, SetImplementation>): FunctionFamily {
  return new Map(Object.entries(functions).map(([name, call]) => [name, { kind: 'set', call }]));
}

/** Joins families; the same name twice is a programming error. */
export function joinFamilies(...families: FunctionFamily[]): FunctionFamily {
  const all = new Map<string, FunctionEntry>();
  for (const family of families) {
    for (const [name, entry] of family) {
      if (all.has(name)) throw new Error(`function ${name} is registered twice`);
      all.set(name, entry);
    }
  }
  return all;
}
