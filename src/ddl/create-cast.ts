/** CREATE CAST: through a function, through text, or none where the values are the same in memory. */
import type { CreateCastStmt, Node } from '@pgsql/types';
import { createCast } from '../catalog/ddl/create-operator.js';
import type { ProcDesc, TypeDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { isBinaryCoercible } from '../sql/binder/coercion-pathway.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import { isSuperuser, ownsAs, requireTypeUsage } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, functionSignature } from './function-names.js';

const CONTEXTS: Readonly<Record<string, 'i' | 'a' | 'e'>> = {
  COERCION_IMPLICIT: 'i',
  COERCION_ASSIGNMENT: 'a',
  COERCION_PLPGSQL: 'a',
  COERCION_EXPLICIT: 'e',
};

function invalid(message: string): SqlError {
  return sqlError('invalid_object_definition', message);
}

export function* createCastStatement(cx: DdlContext, statement: CreateCastStmt): Task<string> {
  const source = castType(cx, statement.sourcetype);
  const target = castType(cx, statement.targettype);
  for (const [side, type] of [
    ['source', source],
    ['target', target],
  ] as const) {
    if (type.kind === 'p') throw sqlError('wrong_object_type', `${side} data type ${shown(cx, type)} is a pseudo-type`);
  }
  requireCastable(cx, source, target);
  for (const [side, type] of [
    ['source', source],
    ['target', target],
  ] as const) {
    if (type.kind === 'd') {
      const message = `cast will be ignored because the ${side} data type is a domain`;
      cx.notice('WARNING', message, { code: '42809' });
    }
  }
  const context = CONTEXTS[statement.context ?? 'COERCION_EXPLICIT'] ?? 'e';
  const func = statement.func === undefined ? null : castFunction(cx, statement, source, target);
  const method = func !== null ? 'f' : statement.inout === true ? 'i' : 'b';
  if (method === 'b' && !isSuperuser(cx))
    throw sqlError('insufficient_privilege', 'must be superuser to create a cast WITHOUT FUNCTION');
  if (method === 'b') checkBinary(source, target);
  if (func === null && source.oid === target.oid) throw invalid('source data type and target data type are the same');
  const description = `from type ${shown(cx, source)} to type ${shown(cx, target)}`;
  const spec = { source: source.oid, target: target.oid, func: func?.oid ?? 0, context, method } as const;
  yield* createCast(cx.writer, spec, description);
  return 'CREATE CAST';
}

/** One of the types has to be the user's own. @throws SqlError 42501 */
function requireCastable(cx: DdlContext, source: TypeDesc, target: TypeDesc): void {
  if (!ownsAs(cx, source.owner) && !ownsAs(cx, target.owner)) {
    const message = `must be owner of type ${shown(cx, source)} or type ${shown(cx, target)}`;
    throw sqlError('insufficient_privilege', message);
  }
  requireTypeUsage(cx, source.oid);
  requireTypeUsage(cx, target.oid);
}

function castType(cx: DdlContext, name: CreateCastStmt['sourcetype']): TypeDesc {
  const { type } = resolveTypeName(cx.bindContext(), { ...name, location: -1 });
  return cx.bindContext().type(type);
}

function shown(cx: DdlContext, type: TypeDesc): string {
  return cx.bindContext().formatType(type.oid);
}

function castFunction(cx: DdlContext, statement: CreateCastStmt, source: TypeDesc, target: TypeDesc): ProcDesc {
  const object = statement.func ?? {};
  const proc = findFunction(cx, object, 'function');
  if (proc === undefined)
    throw sqlError('undefined_function', `function ${functionSignature(cx, object)} does not exist`);
  const { argTypes } = proc;
  const bind = cx.bindContext();
  if (argTypes.length < 1 || argTypes.length > 3) throw invalid('cast function must take one to three arguments');
  if (!fits(bind, source.oid, argTypes[0]))
    throw invalid('argument of cast function must match or be binary-coercible from source data type');
  if (argTypes.length > 1 && argTypes[1] !== oids.INT4)
    throw invalid('second argument of cast function must be type integer');
  if (argTypes.length > 2 && argTypes[2] !== oids.BOOL)
    throw invalid('third argument of cast function must be type boolean');
  if (!fits(bind, proc.resultType, target.oid))
    throw invalid('return data type of cast function must match or be binary-coercible to target data type');
  if (proc.kind !== 'f') throw invalid('cast function must be a normal function');
  if (proc.returnsSet) throw invalid('cast function must not return a set');
  if (argTypes.length === 1 && source.oid === target.oid)
    throw invalid('source data type and target data type are the same');
  return proc;
}

function fits(bind: ReturnType<DdlContext['bindContext']>, from: number, to: number): boolean {
  return from === to || isBinaryCoercible(bind, from, to);
}

/** @throws SqlError 42P17 where a value of one type is none of the other */
function checkBinary(source: TypeDesc, target: TypeDesc): void {
  if (source.len !== target.len || source.byval !== target.byval)
    throw invalid('source and target data types are not physically compatible');
  for (const { kind, isArray } of [source, target]) {
    if (kind === 'c') throw invalid('composite data types are not binary-compatible');
    if (kind === 'e') throw invalid('enum data types are not binary-compatible');
    if (isArray) throw invalid('array data types are not binary-compatible');
    if (kind === 'd') throw invalid('domain data types must not be marked binary-compatible');
  }
}

interface NamedCast {
  /** Undefined when there is none. */
  readonly oid: number | undefined;
  readonly shown: string;
  /** With the names of the statement. */
  readonly written: string;
}

/** The cast that DROP and COMMENT name. */
export function namedCast(cx: DdlContext, node: Node): NamedCast {
  const [source, target] = 'List' in node ? (node.List.items ?? []) : [];
  const typeOf = (item: Node | undefined): TypeDesc =>
    castType(cx, item !== undefined && 'TypeName' in item ? item.TypeName : { names: [] });
  const [from, to] = [typeOf(source), typeOf(target)];
  const row = cx.writer.findOne('pg_cast_source_target_index', [from.oid, to.oid]);
  const nameOf = (item: Node | undefined): string =>
    item !== undefined && 'TypeName' in item ? nameParts(item.TypeName.names).join('.') : '';
  return {
    oid: row?.number('oid'),
    shown: `from type ${shown(cx, from)} to type ${shown(cx, to)}`,
    written: `from type ${nameOf(source)} to type ${nameOf(target)}`,
  };
}
