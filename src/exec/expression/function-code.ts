/** From a pg_proc row to callable code: the registry is asked once, NULL arguments of strict functions are left to callers. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import { notSupported, type SqlError } from '../../errors/sql-error.js';
import { collatedCode } from '../../sql/functions/collated-functions.js';
import type { FunctionEntry, LongCalls } from '../../sql/functions/registry.js';
import type { Datum } from '../../types/datum.js';
import { collatorOf, isBytewise } from '../../types/text/collator.js';
import type { ExecServices } from '../exec-context.js';
import { CallSite, type CallTypes } from './call-site.js';
import { routineCode, routinesFor } from './routine-call.js';

/** Code with its context bound. */
export type Code = (...args: Datum[]) => Datum;

const SQL_LANGUAGE = 14;

export function lookupFunction(services: ExecServices, proc: ProcDesc): FunctionEntry | undefined {
  // Bodies in other languages are no names of code.
  if (proc.language > SQL_LANGUAGE) return undefined;
  return services.functions.get(proc.language === SQL_LANGUAGE ? sqlFunctionKey(services, proc) : proc.source);
}

/** The code that a function in language internal names. */
export function lookupFunctionSource(services: ExecServices, source: string): FunctionEntry | undefined {
  return services.functions.get(source);
}

function sqlFunctionKey(services: ExecServices, proc: ProcDesc): string {
  const types = proc.argTypes.map((type) => services.catalog.type(type)?.name ?? String(type));
  return `${proc.name}(${types.join(',')})`;
}

/** 0A000, naming the function as PostgreSQL shows signatures. */
export function missingFunction(services: ExecServices, proc: ProcDesc): SqlError {
  const types = proc.argTypes.map((type) => services.types.catalog.formatType(type, -1));
  return notSupported(`function ${proc.name}(${types.join(', ')})`);
}

/** How the function is called where its arguments are large; undefined for those that never take long. */
export function longCalls(services: ExecServices, proc: ProcDesc, types: () => CallTypes): LongCalls | undefined {
  const entry = lookupFunction(services, proc);
  if (entry?.kind !== 'context') return entry?.long;
  const { long } = entry;
  if (long === undefined) return undefined;
  const site = new CallSite(services, types());
  return { isLong: (args) => long.isLong(args), run: (args) => long.run(site, args) };
}

export function hasLongCalls(services: ExecServices, proc: ProcDesc): boolean {
  return lookupFunction(services, proc)?.long !== undefined;
}

/** Code under a collation with an order of its own; null where there is none, or the function does not depend on it. */
function collatedFunction(services: ExecServices, proc: ProcDesc, collation: number | undefined): Code | null {
  if (collation === undefined || isBytewise(collation)) return null;
  const collator = collatorOf(services.types.catalog.collation(collation));
  return collator === null ? null : collatedCode(proc.source, collator);
}

/** Code that gives one value a call. When there is none, code that throws 0A000 once it is reached. */
export function functionCode(services: ExecServices, proc: ProcDesc, types: CallTypes): Code {
  const routines = routinesFor(services, proc);
  if (routines !== undefined) return routineCode(proc, types, routines);
  const collated = collatedFunction(services, proc, types.collation);
  if (collated !== null) return collated;
  const entry = lookupFunction(services, proc);
  if (entry === undefined || entry.kind === 'set') {
    return () => {
      throw missingFunction(services, proc);
    };
  }
  if (entry.kind === 'plain') return entry.call;
  const site = new CallSite(services, types);
  const { call } = entry;
  switch (proc.argTypes.length) {
    case 0:
      return () => call(site);
    case 1:
      if (proc.variadic === 0) return (a) => call(site, a);
      break;
    case 2:
      if (proc.variadic === 0) return (a, b) => call(site, a, b);
      break;
  }
  return (...args) => call(site, ...args);
}
