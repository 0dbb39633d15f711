/** Reads a function as pg_proc has it: its parameters' types settled for one call site, its body parsed. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import { SqlError, sqlError } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { BindContext, type BinderServices } from '../binder/bind-context.js';
import { resolvePolymorphic } from '../binder/polymorphism.js';
import type { Routine } from '../binder/routine-body.js';
import { CatalogTypes } from './catalog-types.js';
import type { ExtraCheck, Parameter, Signature } from './function-parser.js';
import { CompilationFault, parseFunction } from './parse-function.js';
import type { PlFunction } from './syntax.js';

/** OID of the language. */
export const PLPGSQL = 13563;
const TRIGGER = 2279;
const EVENT_TRIGGER = 3838;

/** What decides how a function is compiled. */
export type FunctionUse = Routine;

/**
 * `checks`: the SQL inside is parsed as well.
 * @throws SqlError 42601 and others; an internal position is one in the body, and where there is none the context tells the line
 */
export function readFunction(
  services: BinderServices,
  use: FunctionUse,
  checks: boolean,
  types = new CatalogTypes(services),
): PlFunction {
  const { proc } = use;
  try {
    return parseFunction(proc.source, signatureOf(services, use), types, checks);
  } catch (fault) {
    throw placedInBody(fault instanceof CompilationFault ? fault : new CompilationFault(fault, 1), proc);
  }
}

/** What an extra check gives where it finds something, by the settings; null: it is not made. */
export function extraCheckIn(
  setting: (name: string) => string | undefined,
  check: ExtraCheck,
): 'error' | 'warning' | null {
  const has = (name: string): boolean => {
    const value = setting(name);
    if (value === undefined || value === 'none' || value === '') return false;
    return value === 'all' || value.split(',').some((item) => item.trim() === check);
  };
  if (has('plpgsql.extra_errors')) return 'error';
  return has('plpgsql.extra_warnings') ? 'warning' : null;
}

/** A fault with a position shows the body; any other tells the line. */
function placedInBody({ error, line }: CompilationFault, proc: ProcDesc): unknown {
  if (!(error instanceof SqlError)) return error;
  const { position, ...fields } = error.fields;
  if (position === undefined)
    error.fields = { ...fields, where: `compilation of PL/pgSQL function "${proc.name}" near line ${line}` };
  else error.fields = { ...fields, internalPosition: position, internalQuery: proc.source };
  return error;
}

function signatureOf(services: BinderServices, use: FunctionUse): Signature {
  const { proc, resultType } = use;
  const types = new CatalogTypes(services);
  checkTypes(services, use);
  if (resultType === TRIGGER && proc.argTypes.length > 0)
    throw sqlError('invalid_function_definition', 'trigger functions cannot have declared arguments', {
      hint: 'The arguments of the trigger can be accessed through TG_NARGS and TG_ARGV instead.',
    });
  const polymorphic = types.isPolymorphic(proc.resultType);
  return {
    name: proc.name,
    parameters: parametersOf(services, use, types),
    returnsSet: proc.returnsSet,
    result: resultKind(services, resultType),
    procedure: proc.kind === 'p',
    ownResult: polymorphic ? types.of(resultType) : null,
  };
}

function parametersOf(services: BinderServices, use: FunctionUse, types: CatalogTypes): Parameter[] {
  const { proc, argTypes } = use;
  const all = proc.allArgTypes ?? proc.argTypes;
  const cx = new BindContext(services, '');
  return all.map((declared, i) => {
    const mode = proc.argModes?.[i] ?? 'i';
    const type = types.isPolymorphic(declared)
      ? resolvePolymorphic(cx, argTypes, proc.argTypes, declared).result
      : declared;
    if (types.isPolymorphic(type)) throw refusedType(services, type);
    return { name: proc.argNames?.[i] ?? '', mode, type: types.of(type) };
  });
}

/** @throws SqlError 0A000 for pseudo-types that functions cannot work with */
function checkTypes(services: BinderServices, { proc }: FunctionUse): void {
  const types = new CatalogTypes(services);
  const pseudo = (type: number): boolean =>
    services.catalog.type(type)?.kind === 'p' && type !== oid.RECORD && !types.isPolymorphic(type);
  const shown = (type: number): string => services.types.catalog.formatType(type, -1);
  const { resultType } = proc;
  if (pseudo(resultType) && ![oid.VOID, TRIGGER, EVENT_TRIGGER].includes(resultType))
    throw sqlError('feature_not_supported', `PL/pgSQL functions cannot return type ${shown(resultType)}`);
  for (const type of proc.argTypes) if (pseudo(type)) throw refusedType(services, type);
}

function refusedType(services: BinderServices, type: number): SqlError {
  const shown = services.types.catalog.formatType(type, -1);
  return sqlError('feature_not_supported', `PL/pgSQL functions cannot accept type ${shown}`);
}

function resultKind(services: BinderServices, type: number): Signature['result'] {
  if (type === oid.VOID) return 'void';
  if (type === TRIGGER) return 'trigger';
  if (type === EVENT_TRIGGER) return 'event trigger';
  return new CatalogTypes(services).of(type).composite ? 'record' : 'scalar';
}

/** `name(type, …)` of the input parameters. */
export function signatureText(services: BinderServices, proc: ProcDesc): string {
  const types = proc.argTypes.map((type) => services.types.catalog.formatType(type, -1));
  return `${proc.name}(${types.join(',')})`;
}
