/** The `(name = value, …)` lists of CREATE AGGREGATE, OPERATOR, TYPE and COLLATION: values by name, each at most once. */
import type { DefElem, Node, TypeName } from '@pgsql/types';
import type { ProcDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { callSignature, resolveFunction } from '../sql/binder/resolve-function.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionBoolean, optionName, optionText, redundantOption } from './option-values.js';

export class DefinitionList {
  private readonly elements = new Map<string, DefElem>();

  /** `known`: what the statement understands; anything else gives a warning that calls it a `what` attribute. */
  constructor(
    private readonly cx: DdlContext,
    nodes: readonly Node[] | undefined,
    known: readonly string[],
    what: string,
    duplicates: 'refused' | 'last' = 'last',
  ) {
    for (const element of defElems(nodes)) {
      const name = element.defname ?? '';
      if (!known.includes(name)) {
        cx.notice('WARNING', `${what} attribute "${name}" not recognized`, { code: '42601' });
        continue;
      }
      if (duplicates === 'refused' && this.elements.has(name)) throw redundantOption(cx, element);
      this.elements.set(name, element);
    }
  }

  has(name: string): boolean {
    return this.elements.has(name);
  }

  /** The first of the names that is given. */
  private find(names: readonly string[]): DefElem | undefined {
    for (const name of names) {
      const found = this.elements.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  text(...names: string[]): string | undefined {
    const found = this.find(names);
    return found === undefined ? undefined : optionText(found);
  }

  flag(name: string): boolean {
    const found = this.elements.get(name);
    return found !== undefined && optionBoolean(found);
  }

  /** A qualified name; undefined when it is not given. */
  name(...names: string[]): readonly string[] | undefined {
    const found = this.find(names);
    if (found === undefined) return undefined;
    const { arg } = found;
    if (arg !== undefined && 'TypeName' in arg) return nameParts(arg.TypeName.names);
    return optionName(found);
  }

  typeName(...names: string[]): TypeName | undefined {
    const arg = this.find(names)?.arg;
    if (arg === undefined) return undefined;
    if ('TypeName' in arg) return arg.TypeName;
    if ('String' in arg) return { names: [arg], typemod: -1 };
    return undefined;
  }

  /** OID of a type, 0 when it is not given. @throws SqlError 42704 */
  type(...names: string[]): number {
    const name = this.typeName(...names);
    return name === undefined ? 0 : resolveTypeName(this.cx.bindContext(), { ...name, location: -1 }).type;
  }
}

/** The function of that name that takes exactly these types. @throws SqlError 42883, 3F000 */
export function requireFunction(cx: DdlContext, parts: readonly string[], types: readonly number[]): ProcDesc {
  const { schema, name } = splitName(parts);
  const found = cx
    .view()
    .procsByName(name, namespaceOf(cx, schema))
    .find((proc) => proc.argTypes.length === types.length && proc.argTypes.every((type, i) => type === types[i]));
  if (found === undefined) throw missingFunction(cx, parts, types);
  return found;
}

/** As a call with arguments of these types would choose it. @throws SqlError 42883, 42725, 3F000 */
export function chooseFunction(cx: DdlContext, parts: readonly string[], types: readonly number[]): ProcDesc {
  const { schema, name } = splitName(parts);
  const bind = cx.bindContext();
  const actual = { types, names: types.map(() => null), variadic: false };
  const found = resolveFunction(bind, name, namespaceOf(cx, schema), actual, 'faw');
  if (found.kind !== 'found') throw missingFunction(cx, parts, types);
  return found.match.proc;
}

function namespaceOf(cx: DdlContext, schema: string | null): number | null {
  if (schema === null) return null;
  const found = cx.view().namespaceByName(schema);
  if (found === undefined) throw sqlError('invalid_schema_name', `schema "${schema}" does not exist`);
  return found.oid;
}

function missingFunction(cx: DdlContext, parts: readonly string[], types: readonly number[]): Error {
  const actual = { types, names: types.map(() => null), variadic: false };
  const signature = callSignature(cx.bindContext(), parts.join('.'), actual);
  return sqlError('undefined_function', `function ${signature} does not exist`);
}
