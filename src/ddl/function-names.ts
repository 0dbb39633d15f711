/** Functions named with their argument types, as in DROP FUNCTION f(integer). */
import type { ObjectWithArgs, TypeName } from '@pgsql/types';
import type { ProcDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import type { DdlContext } from './ddl-context.js';

function argumentTypes(cx: DdlContext, object: ObjectWithArgs): number[] {
  const bind = cx.bindContext();
  return (object.objargs ?? []).flatMap((node) =>
    'TypeName' in node ? [resolveTypeName(bind, node.TypeName).type] : [],
  );
}

/** `f(integer, text)`; without parentheses when the statement gives no arguments. */
export function functionSignature(cx: DdlContext, object: ObjectWithArgs): string {
  const name = nameParts(object.objname).join('.');
  if (object.args_unspecified) return name;
  const bind = cx.bindContext();
  return `${name}(${argumentTypes(cx, object)
    .map((type) => bind.formatType(type))
    .join(', ')})`;
}

export type RoutineWord = 'function' | 'procedure' | 'aggregate' | 'routine';

function writtenType(name: TypeName): string {
  return nameParts(name.names).join('.') + '[]'.repeat(name.arrayBounds?.length ?? 0);
}

/** OBJECT_PROCEDURE and the like. */
export function routineWord(kind: string | undefined): RoutineWord {
  if (kind === 'OBJECT_PROCEDURE') return 'procedure';
  if (kind === 'OBJECT_AGGREGATE') return 'aggregate';
  return kind === 'OBJECT_ROUTINE' ? 'routine' : 'function';
}

/** What is wrong when there is no such function; `skipped`: as the notice of IF EXISTS has it, with names as written. */
export function missingFunction(cx: DdlContext, object: ObjectWithArgs, word: RoutineWord, skipped = false): SqlError {
  if (skipped) {
    const types = (object.objargs ?? []).flatMap((node) => ('TypeName' in node ? [writtenType(node.TypeName)] : []));
    const written = `${nameParts(object.objname).join('.')}(${types.join(',')})`;
    return sqlError('undefined_function', `${word === 'routine' ? 'routine' : word} ${written} does not exist`);
  }
  const signature = functionSignature(cx, object);
  const shown = word === 'aggregate' ? signature.replace(/\(\)$/, '(*)') : signature;
  if (word !== 'routine' || !object.args_unspecified)
    return sqlError('undefined_function', `${word === 'routine' ? 'function' : word} ${shown} does not exist`);
  return sqlError('undefined_function', `could not find a function named "${signature}"`);
}

/** A procedure is no function, and the like. @throws SqlError 42809 */
function checkKind(cx: DdlContext, object: ObjectWithArgs, word: RoutineWord, { kind }: ProcDesc): void {
  const is: Readonly<Record<RoutineWord, boolean>> = {
    function: kind !== 'p',
    procedure: kind === 'p',
    aggregate: kind === 'a',
    routine: true,
  };
  if (is[word]) return;
  const signature = functionSignature(cx, object);
  const message = word === 'aggregate' ? `function ${signature} is not an aggregate` : `${signature} is not a ${word}`;
  throw sqlError('wrong_object_type', message);
}

/** The function that is named, undefined when there is none. @throws SqlError 42725 for a bare name that several have, 42809 */
export function findFunction(cx: DdlContext, object: ObjectWithArgs, word: RoutineWord): ProcDesc | undefined {
  const found = lookUp(cx, object, word);
  if (found !== undefined) checkKind(cx, object, word, found);
  return found;
}

function lookUp(cx: DdlContext, object: ObjectWithArgs, word: RoutineWord): ProcDesc | undefined {
  const { schema, name } = splitName(nameParts(object.objname));
  const view = cx.view();
  const namespace = schema === null ? null : view.namespaceByName(schema)?.oid;
  if (namespace === undefined) return undefined;
  const candidates = view.procsByName(name, namespace);
  if (object.args_unspecified) {
    if (candidates.length > 1) {
      throw sqlError('ambiguous_function', `${word} name "${nameParts(object.objname).join('.')}" is not unique`, {
        hint: `Specify the argument list to select the ${word} unambiguously.`,
      });
    }
    return candidates[0];
  }
  const types = argumentTypes(cx, object);
  return candidates.find(
    (proc) => proc.argTypes.length === types.length && proc.argTypes.every((type, i) => type === types[i]),
  );
}
