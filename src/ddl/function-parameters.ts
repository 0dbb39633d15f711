/** The parameter list of CREATE FUNCTION: types, modes, names and defaults, with PostgreSQL's rules for them. */
import type { FunctionParameter, Node, TypeName } from '@pgsql/types';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import { sqlError } from '../errors/sql-error.js';
import { coerce } from '../sql/binder/coercion.js';
import { resolveTypeName, typeNameText } from '../sql/binder/type-name.js';
import * as oids from '../types/oids.js';
import type { DdlContext } from './ddl-context.js';
import { positionOf } from './relation-names.js';
import { bindOver, type ExpressionPlace, referencesOf, storedText } from './stored-expression.js';
import { findSyntax } from './syntax-walk.js';
import { findType } from './type-names.js';

/** i in, o out, b both, v variadic, t column of RETURNS TABLE */
type Mode = 'i' | 'o' | 'b' | 'v' | 't';

interface Parameter {
  readonly name: string;
  readonly mode: Mode;
  readonly type: number;
  readonly defaultExpr: Node | null;
}

export interface ParameterList {
  readonly argTypes: readonly number[];
  /** These three are null where pg_proc leaves them out. */
  readonly allArgTypes: readonly number[] | null;
  readonly argModes: readonly string[] | null;
  readonly argNames: readonly string[] | null;
  /** Names of the input parameters, '' for none. */
  readonly inputNames: readonly string[];
  /** Element type of the VARIADIC parameter, 0 for none. */
  readonly variadic: number;
  readonly defaults: readonly string[];
  readonly references: readonly ObjectAddress[];
  /** Types of OUT parameters and table columns. */
  readonly outputTypes: readonly number[];
}

const MODES: Readonly<Record<string, Mode>> = {
  FUNC_PARAM_IN: 'i',
  FUNC_PARAM_DEFAULT: 'i',
  FUNC_PARAM_OUT: 'o',
  FUNC_PARAM_INOUT: 'b',
  FUNC_PARAM_VARIADIC: 'v',
  FUNC_PARAM_TABLE: 't',
};

const PLACE: ExpressionPlace = { clause: 'DEFAULT expressions', what: 'DEFAULT expression' };

function invalid(message: string): Error {
  return sqlError('invalid_function_definition', message);
}

export function parameterList(
  cx: DdlContext,
  nodes: readonly Node[] | undefined,
  kind: 'function' | 'procedure' | 'aggregate',
): ParameterList {
  const parameters = (nodes ?? []).flatMap((node) =>
    'FunctionParameter' in node ? [readParameter(cx, node.FunctionParameter, kind)] : [],
  );
  checkOrder(cx, parameters, kind);
  checkNames(parameters);
  const inputs = parameters.filter(({ mode }) => 'ibv'.includes(mode));
  const plain = inputs.length === parameters.length && inputs.every(({ mode }) => mode === 'i');
  const named = parameters.some(({ name }) => name !== '');
  const variadic = parameters.find(({ mode }) => mode === 'v');
  return {
    argTypes: inputs.map(({ type }) => type),
    allArgTypes: plain ? null : parameters.map(({ type }) => type),
    argModes: plain ? null : parameters.map(({ mode }) => mode),
    argNames: named ? parameters.map(({ name }) => name) : null,
    inputNames: inputs.map(({ name }) => name),
    variadic: variadic === undefined ? 0 : variadicElement(cx, variadic.type),
    ...defaultsOf(cx, inputs),
    outputTypes: parameters.filter(({ mode }) => 'obt'.includes(mode)).map(({ type }) => type),
  };
}

function readParameter(cx: DdlContext, node: FunctionParameter, kind: string): Parameter {
  const mode = MODES[node.mode ?? 'FUNC_PARAM_IN'] ?? 'i';
  const typeName: TypeName = node.argType ?? {};
  if (typeName.setof) throw invalid(`${kind}s cannot accept set arguments`);
  const found = findType(cx, typeName);
  if (found === undefined && typeName.pct_type !== true) {
    throw sqlError('undefined_object', `type ${typeNameText(typeName)} does not exist`);
  }
  const { type } = resolveTypeName(cx.bindContext(), typeName);
  if (node.defexpr !== undefined && !'ibv'.includes(mode))
    throw invalid('only input parameters can have default values');
  return { name: node.name ?? '', mode, type, defaultExpr: node.defexpr ?? null };
}

function checkOrder(cx: DdlContext, parameters: readonly Parameter[], kind: string): void {
  let variadic = false;
  let defaults = false;
  for (const { mode, type, defaultExpr } of parameters) {
    const input = 'ibv'.includes(mode);
    if (variadic && (input || kind === 'procedure'))
      throw invalid(
        kind === 'procedure'
          ? 'VARIADIC parameter must be the last parameter'
          : 'VARIADIC parameter must be the last input parameter',
      );
    if (mode === 'v') {
      variadic = true;
      if (variadicElement(cx, type) === 0) throw invalid('VARIADIC parameter must be an array');
    }
    if (defaultExpr !== null) defaults = true;
    else if (defaults && input)
      throw invalid('input parameters after one with a default value must also have defaults');
    else if (defaults && kind === 'procedure')
      throw invalid('procedure OUT parameters cannot appear after one with a default value');
  }
}

/** 0 when the type cannot be variadic. */
function variadicElement(cx: DdlContext, type: number): number {
  if (type === oids.ANY) return oids.ANY;
  if (type === oids.ANYARRAY) return oids.ANYELEMENT;
  if (type === oids.ANYCOMPATIBLEARRAY) return oids.ANYCOMPATIBLE;
  const desc = cx.view().type(type);
  return desc?.isArray === true ? desc.element : 0;
}

/** Inputs have names of their own, and so have outputs; an input and a table column may not share one. */
function checkNames(parameters: readonly Parameter[]): void {
  parameters.forEach(({ name, mode }, i) => {
    if (name === '') return;
    for (const earlier of parameters.slice(0, i)) {
      if (earlier.name !== name) continue;
      const apart =
        (isPureInput(mode) && isPureOutput(earlier.mode)) || (isPureOutput(mode) && isPureInput(earlier.mode));
      if (!apart) throw invalid(`parameter name "${name}" used more than once`);
    }
  });
}

const isPureInput = (mode: Mode): boolean => mode === 'i' || mode === 'v';
const isPureOutput = (mode: Mode): boolean => mode === 'o';

function defaultsOf(
  cx: DdlContext,
  inputs: readonly Parameter[],
): { readonly defaults: string[]; readonly references: ObjectAddress[] } {
  const defaults: string[] = [];
  const references: ObjectAddress[] = [];
  for (const { defaultExpr, type } of inputs) {
    if (defaultExpr === null) continue;
    const column = findSyntax(defaultExpr, 'ColumnRef');
    if (column !== undefined) {
      throw sqlError('invalid_column_reference', 'cannot use table references in parameter default value').at(
        positionOf(cx, column.location),
      );
    }
    const { expr, bind } = bindOver(cx, null, defaultExpr, PLACE);
    const value = coerce(bind, expr, type, -1, 'assignment');
    defaults.push(storedText(cx, value));
    references.push(...referencesOf(cx, value, 0, []));
  }
  return { defaults, references };
}
