/** Type names in DDL statements to their descriptors. */
import type { TypeName } from '@pgsql/types';
import type { TypeDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { findTypeName } from '../sql/binder/type-name.js';
import type { DdlContext } from './ddl-context.js';

/** Undefined when there is none (or its schema does not exist). */
export function findType(cx: DdlContext, name: TypeName): TypeDesc | undefined {
  try {
    const found = findTypeName(cx.bindContext(), { ...name, location: -1 });
    return found === undefined ? undefined : cx.view().type(found.type);
  } catch (error) {
    if (error instanceof Error && 'condition' in error && error.condition === 'invalid_schema_name') return undefined;
    throw error;
  }
}

/** A type named by a list of strings (CREATE TYPE x, ALTER TYPE x). Throws 42704. */
export function typeByParts(cx: DdlContext, parts: readonly string[]): TypeDesc {
  const names = parts.map((sval) => ({ String: { sval } }));
  const found = findType(cx, { names, typemod: -1 });
  if (found !== undefined) return found;
  throw sqlError('undefined_object', `type "${parts.join('.')}" does not exist`);
}
