/** CREATE OPERATOR, and operators as other statements name them. */
import type { DefineStmt, ObjectWithArgs } from '@pgsql/types';
import { createOperator, findOperatorRow, type OperatorKey } from '../catalog/ddl/create-operator.js';
import type { ProcDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { DefinitionList, requireFunction } from './definition-list.js';
import { creationNamespace } from './relation-names.js';

const ATTRIBUTES = `leftarg rightarg function procedure commutator negator restrict join hashes merges sort1 sort2 ltcmp
  gtcmp`.split(/\s+/);

function invalid(message: string, detail?: string): Error {
  return sqlError('invalid_function_definition', message, detail === undefined ? {} : { detail });
}

export function* createOperatorStatement(cx: DdlContext, statement: DefineStmt): Task<string> {
  const { schema, name } = splitName(nameParts(statement.defnames));
  const namespace = yield* creationNamespace(cx, schema, name);
  const list = new DefinitionList(cx, statement.definition, ATTRIBUTES, 'operator');
  for (const side of ['leftarg', 'rightarg'])
    if (list.typeName(side)?.setof) throw invalid('SETOF type not allowed for operator argument');
  const left = list.type('leftarg');
  const right = list.type('rightarg');
  const parts = list.name('function', 'procedure');
  if (parts === undefined) throw invalid('operator function must be specified');
  if (left === 0 && right === 0) throw invalid('operator argument types must be specified');
  if (right === 0) {
    throw invalid('operator right argument type must be specified', 'Postfix operators are not supported.');
  }
  const proc = requireFunction(cx, parts, left === 0 ? [right] : [left, right]);
  checkUses(list, left, proc);
  const [commutator, negator] = [
    yield* partnerKey(cx, list, 'commutator', right, left),
    yield* partnerKey(cx, list, 'negator', left, right),
  ];
  yield* createOperator(cx.writer, {
    name,
    namespace,
    left,
    right,
    owner: cx.role,
    code: proc.oid,
    result: proc.resultType,
    commutator,
    negator,
    restrict: estimator(cx, list, 'restrict', 'restriction', 4),
    join: estimator(cx, list, 'join', 'join', 5),
    hashes: list.flag('hashes'),
    merges: list.flag('merges') || ['sort1', 'sort2', 'ltcmp', 'gtcmp'].some((attribute) => list.has(attribute)),
  });
  return 'CREATE OPERATOR';
}

/** What only binary, or only boolean, operators can have. @throws SqlError 42P13 */
function checkUses(list: DefinitionList, left: number, { resultType }: ProcDesc): void {
  if (left === 0) {
    if (list.has('commutator')) throw invalid('only binary operators can have commutators');
    if (list.has('join')) throw invalid('only binary operators can have join selectivity');
    if (list.flag('merges')) throw invalid('only binary operators can merge join');
    if (list.flag('hashes')) throw invalid('only binary operators can hash');
  }
  if (resultType === oids.BOOL) return;
  if (list.has('negator')) throw invalid('only boolean operators can have negators');
  if (list.has('restrict')) throw invalid('only boolean operators can have restriction selectivity');
  if (list.has('join')) throw invalid('only boolean operators can have join selectivity');
  if (list.flag('merges')) throw invalid('only boolean operators can merge join');
  if (list.flag('hashes')) throw invalid('only boolean operators can hash');
}

function* partnerKey(
  cx: DdlContext,
  list: DefinitionList,
  attribute: string,
  left: number,
  right: number,
): Task<OperatorKey | null> {
  const parts = list.name(attribute);
  if (parts === undefined) return null;
  const { schema, name } = splitName(parts);
  const known = visibleOperator(cx, schema, name, left, right);
  if (known !== undefined) return known;
  return { name, namespace: yield* creationNamespace(cx, schema, name), left, right };
}

/** Selectivity estimators take internal structures, and have one signature each. */
function estimator(cx: DdlContext, list: DefinitionList, attribute: string, word: string, args: number): number {
  const parts = list.name(attribute);
  if (parts === undefined) return 0;
  const types = [oids.INTERNAL, oids.OID, oids.INTERNAL, args === 4 ? oids.INT4 : oids.INT2, oids.INTERNAL];
  const proc = requireFunction(cx, parts, types.slice(0, args));
  if (proc.resultType === oids.FLOAT8) return proc.oid;
  const message = `${word} estimator function ${parts.join('.')} must return type double precision`;
  throw sqlError('invalid_object_definition', message);
}

function visibleOperator(
  cx: DdlContext,
  schema: string | null,
  name: string,
  left: number,
  right: number,
): (OperatorKey & { readonly oid: number }) | undefined {
  const view = cx.view();
  const namespaces = schema === null ? view.searchPath : [view.namespaceByName(schema)?.oid ?? 0];
  for (const namespace of namespaces) {
    const row = findOperatorRow(cx.writer, { name, namespace, left, right });
    if (row !== undefined) return { name, namespace, left, right, oid: row.number('oid') };
  }
  return undefined;
}

/** The operator of `@@ (integer, text)`; NONE for a missing left operand. @throws SqlError 42883, 42601 */
export function operatorOid(cx: DdlContext, object: ObjectWithArgs): number | undefined {
  const { left, right } = operandTypes(cx, object);
  const { schema, name } = splitName(nameParts(object.objname));
  return visibleOperator(cx, schema, name, left, right)?.oid;
}

function operandTypes(cx: DdlContext, object: ObjectWithArgs): { readonly left: number; readonly right: number } {
  const [left, right] = (object.objargs ?? []).map((node) =>
    'TypeName' in node ? resolveTypeName(cx.bindContext(), { ...node.TypeName, location: -1 }).type : 0,
  );
  if (right === undefined || right === 0) throw sqlError('undefined_function', 'postfix operators are not supported');
  return { left: left ?? 0, right };
}

/** What is wrong when there is no such operator; `skipped`: as the notice of IF EXISTS has it. */
export function missingOperator(cx: DdlContext, object: ObjectWithArgs, skipped = false): SqlError {
  const name = nameParts(object.objname).join('.');
  if (skipped) return sqlError('undefined_function', `operator ${name} does not exist`);
  const { left, right } = operandTypes(cx, object);
  const bind = cx.bindContext();
  const operands = `${left === 0 ? '' : `${bind.formatType(left)} `}${name} ${bind.formatType(right)}`;
  return sqlError('undefined_function', `operator does not exist: ${operands}`);
}
