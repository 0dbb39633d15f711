/**
 * Bodies of functions in SQL at CREATE FUNCTION: parsed, bound where all types are known, and printed where they are in
 * SQL-standard form, whose names are settled now.
 */
import type { Node, SelectStmt } from '@pgsql/types';
import type { FunctionSpec } from '../catalog/ddl/create-function.js';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import type { ProcDesc } from '../catalog/descriptors.js';
import { notSupported, SqlError, sqlError } from '../errors/sql-error.js';
import { addContext } from '../exec/row-context.js';
import { isPolymorphic } from '../sql/binder/polymorphism.js';
import {
  type BodyStatement,
  bindBodyStatement,
  isUtility,
  missingResult,
  parseBody,
  type Routine,
  routineContext,
} from '../sql/binder/routine-body.js';
import { placeInStatement, positionInText } from '../sql/parser/body-position.js';
import { CatalogTypes } from '../sql/plpgsql/catalog-types.js';
import { extraCheckIn, readFunction } from '../sql/plpgsql/read-function.js';
import * as oids from '../types/oids.js';
import type { DdlContext } from './ddl-context.js';
import type { ParameterList } from './function-parameters.js';
import { printQuery } from './stored-query.js';

export interface CheckedBody {
  readonly source: string;
  readonly sqlBody?: string;
  readonly references: readonly ObjectAddress[];
}

type Spec = Omit<FunctionSpec, 'source'>;

/** A body given as text. REQUIRES: the function exists. @throws SqlError whatever is wrong with a statement; 42P13 */
export function checkText(cx: DdlContext, spec: Spec, parameters: ParameterList, source: string): void {
  checkTypes(cx, spec, parameters);
  const routine = routineOf(spec, parameters, { source, body: null });
  try {
    const statements = parseBody(routine.proc);
    if (!spec.argTypes.some(isPolymorphic)) bindAll(cx, routine, statements);
  } catch (error) {
    throw inBody(cx, error, spec.name, source);
  }
}

/** A body in PL/pgSQL. `syntax`: it is read as well as its types looked at. @throws SqlError 0A000, 42601 and others */
export function checkPlpgsql(
  cx: DdlContext,
  spec: Spec,
  parameters: ParameterList,
  source: string,
  syntax: boolean,
): void {
  const { proc, resultColumns } = routineOf(spec, parameters, { source, body: null });
  if (!syntax) return;
  const settled = (type: number): number => STAND_INS.get(type) ?? type;
  const use = {
    ...{ proc, resultColumns },
    argTypes: proc.argTypes.map(settled),
    resultType: settled(proc.resultType),
  };
  try {
    const shadowing = extraCheckIn((name) => cx.exec.session.getSetting(name), 'shadowed_variables');
    const place = (position: number): number | null => positionInText(cx.text, source, position);
    readFunction(cx.planning, use, true, new CatalogTypes(cx.planning, shadowing, place));
  } catch (error) {
    throw placeInStatement(error, cx.text, source);
  }
}

const INT4RANGE = 3904;
const INT4MULTIRANGE = 4451;

/** What polymorphic types are taken for while a function is checked. */
const STAND_INS: ReadonlyMap<number, number> = new Map([
  [oids.ANYELEMENT, oids.INT4],
  [oids.ANYNONARRAY, oids.INT4],
  [oids.ANYCOMPATIBLE, oids.INT4],
  [oids.ANYCOMPATIBLENONARRAY, oids.INT4],
  [oids.ANYARRAY, oids.INT4_ARRAY],
  [oids.ANYCOMPATIBLEARRAY, oids.INT4_ARRAY],
  [oids.ANYRANGE, INT4RANGE],
  [oids.ANYCOMPATIBLERANGE, INT4RANGE],
  [oids.ANYMULTIRANGE, INT4MULTIRANGE],
  [oids.ANYCOMPATIBLEMULTIRANGE, INT4MULTIRANGE],
]);

/** A body in SQL-standard form. @throws SqlError as checkText */
export function checkStandardBody(cx: DdlContext, spec: Spec, parameters: ParameterList, body: Node): CheckedBody {
  checkTypes(cx, spec, parameters);
  if (spec.argTypes.some(isPolymorphic)) {
    const message = 'SQL function with unquoted function body cannot have polymorphic arguments';
    throw sqlError('feature_not_supported', message);
  }
  const draft = routineOf(spec, parameters, { source: '', body: null });
  const nodes = bodyNodes(body);
  const statements = nodes.map((node, i) => ({ node, text: cx.text, last: i === nodes.length - 1 }));
  bindAll(cx, draft, statements);
  const sqlBody = statements.map((statement) => printed(cx, draft, statement)).join(';\n');
  const routine = routineOf(spec, parameters, { source: '', body: sqlBody });
  bindAll(cx, routine, parseBody(routine.proc));
  return { source: '', sqlBody, references: [] };
}

/** Binds every statement for what is wrong with it. */
function bindAll(cx: DdlContext, routine: Routine, statements: readonly BodyStatement[]): void {
  for (const statement of statements) {
    if (isUtility(statement)) continue;
    bindBodyStatement(routineContext(cx.planning, routine, statement.text), routine, statement);
  }
  const last = statements.at(-1);
  if (last !== undefined && !isUtility(last)) return;
  const missing = missingResult(routineContext(cx.planning, routine, ''), routine);
  if (missing !== null) throw missing;
}

/** @throws SqlError 42P13 for pseudo-types that bodies in SQL cannot work with */
function checkTypes(cx: DdlContext, spec: Spec, parameters: ParameterList): void {
  const invalid = (message: string): Error => sqlError('invalid_function_definition', message);
  const name = (type: number): string => cx.bindContext().formatType(type);
  const pseudo = (type: number): boolean => cx.view().type(type)?.kind === 'p' && !isPolymorphic(type);
  if (pseudo(spec.resultType) && spec.resultType !== oids.RECORD && spec.resultType !== oids.VOID)
    throw invalid(`SQL functions cannot return type ${name(spec.resultType)}`);
  for (const type of parameters.argTypes)
    if (pseudo(type)) throw invalid(`SQL functions cannot have arguments of type ${name(type)}`);
}

function routineOf(spec: Spec, parameters: ParameterList, body: Pick<ProcDesc, 'source' | 'body'>): Routine {
  const { name, namespace, owner, language, strict, returnsSet, volatility, argTypes, variadic, resultType } = spec;
  const proc: ProcDesc = {
    oid: 0,
    acl: null,
    ...{ name, namespace, owner, language, strict, returnsSet, volatility, argTypes, variadic, resultType },
    kind: spec.kind,
    argDefaults: spec.defaults.length,
    allArgTypes: spec.allArgTypes,
    argModes: spec.argModes,
    argNames: spec.argNames,
    defaultTexts: spec.defaults,
    securityDefiner: spec.securityDefiner,
    config: spec.config ?? [],
    rows: spec.rows,
    ...body,
  };
  const outputs = parameters.outputTypes.map((type, i) => ({ name: `column${i + 1}`, type, typmod: -1 }));
  const resultColumns = resultType === oids.RECORD && outputs.length > 0 ? outputs : null;
  return { proc, argTypes, resultType, resultColumns };
}

/** RETURN x is SELECT x; BEGIN ATOMIC has its statements in a list of lists. */
function bodyNodes(body: Node): Node[] {
  if ('ReturnStmt' in body) return [returned(body.ReturnStmt.returnval)];
  if (!('List' in body)) return [body];
  return (body.List.items ?? []).flatMap((item) =>
    'List' in item ? (item.List.items ?? []).map(plainStatement) : [item],
  );
}

function plainStatement(node: Node): Node {
  return 'ReturnStmt' in node ? returned(node.ReturnStmt.returnval) : node;
}

function returned(value: Node | undefined): Node {
  const target: Node = { ResTarget: value === undefined ? {} : { val: value } };
  const select: SelectStmt = { targetList: [target], limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' };
  return { SelectStmt: select };
}

function printed(cx: DdlContext, routine: Routine, { node }: BodyStatement): string {
  if (!('SelectStmt' in node)) throw notSupported('a body in SQL-standard form with statements other than SELECT');
  return printQuery(cx, node.SelectStmt, routineContext(cx.planning, routine, cx.text));
}

/** A position in the body becomes one in the statement where the body stands there as it is. */
function inBody(cx: DdlContext, error: unknown, name: string, body: string): unknown {
  if (!(error instanceof SqlError)) return error;
  const { position, ...fields } = error.fields;
  if (position === undefined) return addContext(error, `SQL function "${name}"`);
  const outer = positionInText(cx.text, body, position);
  if (outer !== null) error.fields = { ...fields, position: outer };
  else error.fields = { ...fields, internalPosition: position, internalQuery: body };
  return outer === null ? addContext(error, `SQL function "${name}"`) : error;
}
