/** CREATE [OR REPLACE] AGGREGATE: the functions it is made of, and the rules that tie their types together. */
import type { DefineStmt, Node } from '@pgsql/types';
import { type AggregateSpec, createAggregate } from '../catalog/ddl/create-aggregate.js';
import { findFunction } from '../catalog/ddl/create-function.js';
import type { ProcDesc } from '../catalog/descriptors.js';
import { INTERNAL_LANGUAGE } from '../catalog/known-oids.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { isBinaryCoercible } from '../sql/binder/coercion-pathway.js';
import { isPolymorphic, resolvePolymorphic } from '../sql/binder/polymorphism.js';
import { findOperator } from '../sql/binder/resolve-operator.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { chooseFunction, DefinitionList } from './definition-list.js';
import { type ParameterList, parameterList } from './function-parameters.js';
import { checkReplacement, requireInputForResult } from './function-result.js';
import { creationNamespace } from './relation-names.js';

const ATTRIBUTES =
  `sfunc sfunc1 finalfunc combinefunc serialfunc deserialfunc msfunc minvfunc mfinalfunc finalfunc_extra
  mfinalfunc_extra finalfunc_modify mfinalfunc_modify sortop basetype hypothetical stype stype1 sspace mstype msspace
  initcond initcond1 minitcond parallel`.split(/\s+/);

function invalid(message: string): SqlError {
  return sqlError('invalid_function_definition', message);
}

export function* createAggregateStatement(cx: DdlContext, statement: DefineStmt): Task<string> {
  const { schema, name } = splitName(nameParts(statement.defnames));
  const namespace = yield* creationNamespace(cx, schema, name);
  const list = new DefinitionList(cx, statement.definition, ATTRIBUTES, 'aggregate');
  if (!list.has('stype') && !list.has('stype1')) throw invalid('aggregate stype must be specified');
  const { parameters, directArgs } = argumentsOf(cx, statement, list);
  const sfunc = list.name('sfunc', 'sfunc1');
  if (sfunc === undefined) throw invalid('aggregate sfunc must be specified');
  const kind = directArgs < 0 ? 'n' : list.flag('hypothetical') ? 'h' : 'o';
  const parts = partsOf(cx, list, parameters, kind === 'n' ? 0 : directArgs, kind, sfunc);
  const spec = {
    name,
    namespace,
    owner: cx.role,
    language: INTERNAL_LANGUAGE,
    strict: false,
    returnsSet: false,
    securityDefiner: false,
    leakproof: false,
    volatility: 'i' as const,
    parallel: parallelOf(list),
    cost: 1,
    rows: 0,
    variadic: parameters.variadic,
    resultType: parts.result,
    argTypes: parameters.argTypes,
    allArgTypes: parameters.allArgTypes,
    argModes: parameters.argModes,
    argNames: parameters.argNames,
    defaults: [],
  };
  requireInputForResult(cx, parameters, parts.result);
  const replaced = findFunction(cx.writer, name, parameters.argTypes, namespace);
  if (replaced !== undefined && statement.replace === true) checkReplacement(cx, replaced, spec, 'a');
  yield* createAggregate(
    cx.writer,
    { ...spec, kind: 'a', source: 'aggregate_dummy' },
    {
      kind,
      directArgs: Math.max(directArgs, 0),
      ...parts,
      transitionSpace: Number(list.text('sspace') ?? 0),
      initial: list.text('initcond', 'initcond1') ?? null,
      finalExtra: list.flag('finalfunc_extra'),
      finalModify: modifyOf(list, 'finalfunc_modify', kind),
    },
    statement.replace === true,
  );
  return 'CREATE AGGREGATE';
}

function parallelOf(list: DefinitionList): 's' | 'r' | 'u' {
  const given = list.text('parallel');
  if (given === undefined || given === 'unsafe') return 'u';
  if (given === 'safe') return 's';
  if (given === 'restricted') return 'r';
  throw sqlError('syntax_error', 'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE');
}

function modifyOf(list: DefinitionList, name: string, kind: string): 'r' | 's' | 'w' {
  const given = list.text(name);
  if (given === undefined) return kind === 'n' ? 'r' : 'w';
  if (given === 'read_only') return 'r';
  if (given === 'shareable') return 's';
  if (given === 'read_write') return 'w';
  throw sqlError('syntax_error', `parameter "${name}" must be READ_ONLY, SHAREABLE, or READ_WRITE`);
}

/** The parameters, and how many of them are direct ones (-1 for plain aggregates). */
function argumentsOf(
  cx: DdlContext,
  statement: DefineStmt,
  list: DefinitionList,
): { readonly parameters: ParameterList; readonly directArgs: number } {
  if (statement.oldstyle === true) {
    const base = list.typeName('basetype');
    if (base === undefined) throw invalid('aggregate input type must be specified');
    const any = nameParts(base.names).join('.').toUpperCase() === 'ANY';
    const node: Node = { FunctionParameter: { argType: base, mode: 'FUNC_PARAM_DEFAULT' } };
    return { parameters: parameterList(cx, any ? [] : [node], 'aggregate'), directArgs: -1 };
  }
  if (list.has('basetype')) throw invalid('basetype is redundant with aggregate input type specification');
  const [types, count] = statement.args ?? [];
  const nodes = types !== undefined && 'List' in types ? types.List.items : [];
  const directArgs = count !== undefined && 'Integer' in count ? (count.Integer.ival ?? 0) : -1;
  return { parameters: parameterList(cx, nodes, 'aggregate'), directArgs };
}

interface Parts
  extends Pick<
    AggregateSpec,
    'transitionType' | 'transition' | 'final' | 'combine' | 'serialize' | 'deserialize' | 'sortOperator'
  > {
  readonly result: number;
}

function partsOf(
  cx: DdlContext,
  list: DefinitionList,
  parameters: ParameterList,
  direct: number,
  kind: string,
  sfunc: readonly string[],
): Parts {
  const transitionType = list.type('stype', 'stype1');
  checkTransitionType(cx, transitionType, parameters);
  const aggregated = kind === 'n' ? parameters.argTypes : parameters.argTypes.slice(direct);
  const transition = lookUp(cx, sfunc, [transitionType, ...aggregated], parameters.variadic);
  if (!sameOrBinary(cx, transition.returned, transitionType))
    throw wrongReturn(cx, 'transition', sfunc, transitionType);
  checkInitial(cx, list, transition.proc, transitionType, aggregated);
  const combine = combineOf(cx, list, transitionType);
  const final = finalOf(cx, list, transitionType, parameters, direct, kind);
  return {
    result: final?.returned ?? transitionType,
    transitionType,
    transition: transition.proc.oid,
    final: final?.proc.oid ?? 0,
    combine,
    serialize: optional(cx, list, 'serialfunc', [oids.INTERNAL], oids.BYTEA, 'serialization'),
    deserialize: optional(cx, list, 'deserialfunc', [oids.BYTEA, oids.INTERNAL], oids.INTERNAL, 'deserialization'),
    sortOperator: sortOperator(cx, list, parameters),
  };
}

function checkTransitionType(cx: DdlContext, type: number, parameters: ParameterList): void {
  if (isPolymorphic(type)) {
    try {
      requireInputForResult(cx, parameters, type);
    } catch {
      const detail = `A result of type ${cx.bindContext().formatType(type)} requires at least one input of the same family.`;
      throw sqlError('invalid_function_definition', 'cannot determine transition data type', { detail });
    }
    return;
  }
  const kind = cx.view().type(type)?.kind;
  if (kind === 'p' && type !== oids.INTERNAL)
    throw invalid(`aggregate transition data type cannot be ${cx.bindContext().formatType(type)}`);
}

/** A function of the aggregate, and what it returns for these types. */
function lookUp(
  cx: DdlContext,
  parts: readonly string[],
  types: readonly number[],
  variadic = 0,
): { readonly proc: ProcDesc; readonly returned: number } {
  const proc = chooseFunction(cx, parts, variadic === oids.ANY ? types.slice(0, -1).concat(oids.ANY) : types);
  if (proc.returnsSet) throw sqlError('datatype_mismatch', `function ${signature(cx, parts, types)} returns a set`);
  const concrete = !types.some(isPolymorphic);
  const returned = concrete
    ? resolvePolymorphic(cx.bindContext(), types, proc.argTypes, proc.resultType).result
    : proc.resultType;
  proc.argTypes.forEach((declared, i) => {
    const given = types[i];
    if (given === undefined || isPolymorphic(declared) || declared === oids.ANY || isPolymorphic(given)) return;
    if (isBinaryCoercible(cx.bindContext(), given, declared)) return;
    throw sqlError('datatype_mismatch', `function ${signature(cx, parts, types)} requires run-time type coercion`);
  });
  return { proc, returned };
}

function signature(cx: DdlContext, parts: readonly string[], types: readonly number[]): string {
  return `${parts.join('.')}(${types.map((type) => cx.bindContext().formatType(type)).join(', ')})`;
}

function sameOrBinary(cx: DdlContext, returned: number, wanted: number): boolean {
  return returned === wanted || isBinaryCoercible(cx.bindContext(), returned, wanted);
}

function wrongReturn(cx: DdlContext, what: string, parts: readonly string[], type: number): SqlError {
  const message = `return type of ${what} function ${parts.join('.')} is not ${cx.bindContext().formatType(type)}`;
  return sqlError('datatype_mismatch', message);
}

/** @throws SqlError 42P13, or what reading the initial value throws */
function checkInitial(
  cx: DdlContext,
  list: DefinitionList,
  transition: ProcDesc,
  type: number,
  aggregated: readonly number[],
): void {
  const initial = list.text('initcond', 'initcond1');
  if (initial !== undefined && cx.view().type(type)?.kind !== 'p')
    cx.exec.types.codec(type).parse(initial, cx.exec.types, -1);
  if (!transition.strict || initial !== undefined) return;
  const [first] = aggregated;
  if (first === undefined || !sameOrBinary(cx, first, type)) {
    throw invalid(
      'must not omit initial value when transition function is strict and transition type is not compatible with input type',
    );
  }
}

function combineOf(cx: DdlContext, list: DefinitionList, type: number): number {
  const parts = list.name('combinefunc');
  if (parts === undefined) return 0;
  const { proc, returned } = lookUp(cx, parts, [type, type]);
  if (returned !== type) throw wrongReturn(cx, 'combine', parts, type);
  if (type === oids.INTERNAL && proc.strict) {
    const shown = cx.bindContext().formatType(type);
    throw invalid(`combine function with transition type ${shown} must not be declared STRICT`);
  }
  return proc.oid;
}

function optional(
  cx: DdlContext,
  list: DefinitionList,
  attribute: string,
  types: readonly number[],
  result: number,
  what: string,
): number {
  const parts = list.name(attribute);
  if (parts === undefined) return 0;
  if (list.type('stype', 'stype1') !== oids.INTERNAL) {
    throw invalid(
      `serialization functions may be specified only when the aggregate transition data type is ${cx.bindContext().formatType(oids.INTERNAL)}`,
    );
  }
  const { proc, returned } = lookUp(cx, parts, types);
  if (returned !== result) throw wrongReturn(cx, what, parts, result);
  return proc.oid;
}

function finalOf(
  cx: DdlContext,
  list: DefinitionList,
  transitionType: number,
  { argTypes }: ParameterList,
  direct: number,
  kind: string,
): { readonly proc: ProcDesc; readonly returned: number } | null {
  const parts = list.name('finalfunc');
  if (parts === undefined) return null;
  const before = kind === 'n' ? [] : argTypes.slice(0, direct);
  const more = list.flag('finalfunc_extra') ? argTypes.slice(before.length) : [];
  const found = lookUp(cx, parts, [transitionType, ...before, ...more]);
  if (more.length > 0 && found.proc.strict)
    throw invalid('final function with extra arguments must not be declared STRICT');
  return found;
}

function sortOperator(cx: DdlContext, list: DefinitionList, { argTypes }: ParameterList): number {
  const parts = list.name('sortop');
  if (parts === undefined) return 0;
  if (argTypes.length !== 1) throw invalid('sort operator can only be specified for single-argument aggregates');
  const { schema, name } = splitName(parts);
  const found = findOperator(cx.bindContext(), name, schema, argTypes[0], argTypes[0]);
  if (found !== null && found !== 'ambiguous') return found.oid;
  const type = cx.bindContext().formatType(argTypes[0]);
  throw sqlError('undefined_function', `operator does not exist: ${type} ${name} ${type}`);
}
