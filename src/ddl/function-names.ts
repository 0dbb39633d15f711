/** Functions named with their argument types, as in DROP FUNCTION f(integer). */
import type { ObjectWithArgs } from '@pgsql/types';
import type { ProcDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
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

/** Throws 42725 when a name without arguments is not unique, 3F000. */
export function findFunction(cx: DdlContext, object: ObjectWithArgs, word: string): ProcDesc | undefined {
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
