/**
 * Whether values of one type are values of another as they are, by PostgreSQL's rules (function calls and operator
 * classes accept such types without a conversion).
 */
import * as oid from '../types/oids.js';
import type { CatalogView, TypeDesc } from './descriptors.js';

const ANYENUM = 3500;
const ANYRANGE = 3831;
const ANYMULTIRANGE = 4537;

export function isBinaryCoercible(view: CatalogView, source: number, target: number): boolean {
  if (source === target || target === oid.ANY || target === oid.ANYELEMENT) return true;
  let type = view.type(source);
  while (type !== undefined && type.kind === 'd') type = view.type(type.baseType);
  if (type === undefined) return false;
  if (type.oid === target || fitsPseudoType(view, type, target)) return true;
  const cast = view.cast(type.oid, target);
  return cast !== undefined && cast.method === 'b' && cast.context === 'i';
}

function fitsPseudoType(view: CatalogView, type: TypeDesc, target: number): boolean {
  switch (target) {
    case oid.ANYARRAY:
      return type.isArray;
    case oid.ANYNONARRAY:
      return !type.isArray;
    case ANYENUM:
      return type.kind === 'e';
    case ANYRANGE:
      return type.kind === 'r';
    case ANYMULTIRANGE:
      return type.kind === 'm';
    case oid.RECORD:
      return type.kind === 'c';
    case oid.RECORD_ARRAY:
      return type.isArray && view.type(type.element)?.kind === 'c';
    default:
      return false;
  }
}
