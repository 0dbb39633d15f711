/**
 * CREATE [OR REPLACE] FUNCTION and PROCEDURE. A body in SQL is bound once as a check, where its types are known; what is
 * kept is its text (printed, for bodies in SQL-standard form). One in PL/pgSQL is read, with the SQL inside of it.
 */
import type { CreateFunctionStmt } from '@pgsql/types';
import { permissionDenied } from '../catalog/acl/access-errors.js';
import { rowRights } from '../catalog/acl/rights.js';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { createFunction, type FunctionSpec, findFunction } from '../catalog/ddl/create-function.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { lookupFunctionSource } from '../exec/expression/function-code.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { resolveTypeName, typeNameText } from '../sql/binder/type-name.js';
import { PLPGSQL } from '../sql/plpgsql/read-function.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import { isSuperuser, requireOwner, requireTypeUsage } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { type CheckedBody, checkPlpgsql, checkStandardBody, checkText } from './function-body.js';
import { type FunctionOptions, functionOptions } from './function-options.js';
import { type ParameterList, parameterList } from './function-parameters.js';
import { checkReplacement, requireInputForResult } from './function-result.js';
import { creationNamespace } from './relation-names.js';
import { findType } from './type-names.js';

export const LANGUAGES = { internal: 12, c: 13, sql: 14, plpgsql: PLPGSQL } as const;

export function* createFunctionStatement(cx: DdlContext, statement: CreateFunctionStmt): Task<string> {
  const procedure = statement.is_procedure === true;
  const { schema, name } = splitName(nameParts(statement.funcname));
  const namespace = yield* creationNamespace(cx, schema, name);
  const options = functionOptions(cx, statement.options, procedure);
  const language = languageOf(cx, statement, options);
  const parameters = parameterList(cx, statement.parameters, procedure ? 'procedure' : 'function');
  const result = resultOf(cx, statement, parameters, procedure);
  requireInputForResult(cx, parameters, result.type);
  for (const type of new Set([...parameters.argTypes, ...parameters.outputTypes, result.type]))
    requireTypeUsage(cx, type);
  const spec = { ...specOf(cx, options, parameters, result), name, namespace, language };
  const replaced = findFunction(cx.writer, name, parameters.argTypes, namespace);
  if (replaced !== undefined && statement.replace === true)
    requireOwner(cx, replaced.number('proowner'), procedure ? 'procedure' : 'function', name);
  if (replaced !== undefined && statement.replace === true) checkReplacement(cx, replaced, spec, procedure ? 'p' : 'f');
  const routine: Omit<FunctionSpec, 'source'> = { ...spec, kind: procedure ? 'p' : 'f' };
  const body = bodyOf(cx, statement, options, routine, parameters);
  const references = [...parameters.references, ...body.references];
  yield* createFunction(cx.writer, { ...routine, ...body, references }, statement.replace === true);
  // The body may call the function itself.
  const checks = cx.exec.session.getSetting('check_function_bodies') !== 'off';
  if (checks && spec.language === LANGUAGES.sql && body.sqlBody === undefined)
    checkText(cx, routine, parameters, body.source);
  if (spec.language === LANGUAGES.plpgsql) checkPlpgsql(cx, routine, parameters, body.source, checks);
  return procedure ? 'CREATE PROCEDURE' : 'CREATE FUNCTION';
}

/** OID of the language. @throws SqlError 42704, 42P13; 0A000 for languages that functions cannot be written in here */
function languageOf(cx: DdlContext, statement: CreateFunctionStmt, options: FunctionOptions): number {
  const name = options.language ?? (statement.sql_body === undefined ? undefined : 'sql');
  if (name === undefined) throw sqlError('invalid_function_definition', 'no language specified');
  const row: CatalogEntry | undefined = cx.writer.findOne('pg_language_name_index', [name]);
  if (row === undefined) {
    const known = ['plperl', 'plperlu', 'plpython3u', 'pltcl', 'pltclu'].includes(name);
    const hint = known ? { hint: 'Use CREATE EXTENSION to load the language into the database.' } : {};
    throw sqlError('undefined_object', `language "${name}" does not exist`, hint);
  }
  const oid = row.number('oid');
  if (oid === LANGUAGES.c) throw notSupported('CREATE FUNCTION in language c');
  requireLanguage(cx, row, name);
  if (options.window === true) throw notSupported('CREATE FUNCTION … WINDOW');
  if (options.support === true) throw notSupported('CREATE FUNCTION … SUPPORT');
  return oid;
}

/** Untrusted languages are for superusers. @throws SqlError 42501 */
function requireLanguage(cx: DdlContext, row: CatalogEntry, name: string): void {
  if (isSuperuser(cx)) return;
  const rights = rowRights(cx.view(), cx.role, 'l', row.number('oid'));
  if (row.boolean('lanpltrusted') && ((rights?.privileges ?? 0) & PRIVILEGE.USAGE) !== 0) return;
  throw permissionDenied('language', name);
}

interface Result {
  readonly type: number;
  readonly set: boolean;
}

function resultOf(
  cx: DdlContext,
  statement: CreateFunctionStmt,
  parameters: ParameterList,
  procedure: boolean,
): Result {
  const { outputTypes } = parameters;
  const fromOutputs =
    outputTypes.length > 1 || (procedure && outputTypes.length > 0) ? oids.RECORD : (outputTypes[0] ?? 0);
  const { returnType } = statement;
  if (returnType === undefined) {
    if (procedure) return { type: fromOutputs === 0 ? oids.VOID : fromOutputs, set: false };
    if (fromOutputs === 0) throw sqlError('invalid_function_definition', 'function result type must be specified');
    return { type: fromOutputs, set: false };
  }
  if (findType(cx, returnType) === undefined && returnType.pct_type !== true)
    throw sqlError('undefined_object', `type "${typeNameText(returnType)}" does not exist`);
  const { type } = resolveTypeName(cx.bindContext(), returnType);
  if (fromOutputs !== 0 && type !== fromOutputs) {
    const expected = cx.bindContext().formatType(fromOutputs);
    const message = `function result type must be ${expected} because of OUT parameters`;
    throw sqlError('invalid_function_definition', message);
  }
  return { type, set: returnType.setof === true };
}

function specOf(
  cx: DdlContext,
  options: FunctionOptions,
  parameters: ParameterList,
  result: Result,
): Omit<FunctionSpec, 'name' | 'namespace' | 'language' | 'kind' | 'source'> {
  if (options.rows !== undefined && !result.set) {
    throw sqlError('invalid_parameter_value', 'ROWS is not applicable when function does not return a set');
  }
  const config = options.settings.flatMap((setting) => {
    const value = cx.settingValue(setting);
    return value === null ? [] : [`${setting.name ?? ''}=${value}`];
  });
  return {
    owner: cx.role,
    strict: options.strict ?? false,
    returnsSet: result.set,
    securityDefiner: options.security ?? false,
    leakproof: options.leakproof ?? false,
    volatility: options.volatility ?? 'v',
    parallel: options.parallel ?? 'u',
    cost: options.cost ?? (options.language === 'internal' ? 1 : 100),
    rows: options.rows ?? (result.set ? 1000 : 0),
    variadic: parameters.variadic,
    resultType: result.type,
    argTypes: parameters.argTypes,
    allArgTypes: parameters.allArgTypes,
    argModes: parameters.argModes,
    argNames: parameters.argNames,
    defaults: parameters.defaults,
    config,
  };
}

/** What pg_proc keeps of the body. @throws SqlError 42P13, and whatever is wrong with a body in SQL */
function bodyOf(
  cx: DdlContext,
  statement: CreateFunctionStmt,
  options: FunctionOptions,
  spec: Omit<FunctionSpec, 'source'>,
  parameters: ParameterList,
): CheckedBody {
  const invalid = (message: string): Error => sqlError('invalid_function_definition', message);
  if (statement.sql_body !== undefined) {
    if (spec.language !== LANGUAGES.sql) throw invalid('inline SQL function body only valid for language SQL');
    if (options.as !== undefined) throw invalid('duplicate function body specified');
    return checkStandardBody(cx, spec, parameters, statement.sql_body);
  }
  const [source, ...rest] = options.as ?? [];
  if (source === undefined) throw invalid('no function body specified');
  if (rest.length > 0) throw invalid(`only one AS item needed for language "${options.language ?? ''}"`);
  if (spec.language === LANGUAGES.sql) return { source, references: [] };
  if (spec.language === LANGUAGES.internal && lookupFunctionSource(cx.exec, source) === undefined)
    throw sqlError('undefined_function', `there is no built-in function named "${source}"`);
  return { source, references: [] };
}
