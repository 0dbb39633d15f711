/** Which conversions between types exist in which context (documentation, chapter 10), and what types are made of. */
import type { CastDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { BindContext } from './bind-context.js';
import { isPolymorphic } from './polymorphism.js';

export type CoercionContext = 'implicit' | 'assignment' | 'explicit';

type Pathway =
  | { readonly kind: 'none' }
  | { readonly kind: 'relabel' }
  | { readonly kind: 'function'; readonly func: number }
  | { readonly kind: 'array' }
  | { readonly kind: 'io' };

const NONE: Pathway = { kind: 'none' };

/** The type below a domain (and its typmod), through all levels. */
export function baseType(cx: BindContext, type: number): number {
  return baseTypeAndTypmod(cx, type, -1).type;
}

export function baseTypeAndTypmod(cx: BindContext, type: number, typmod: number): { type: number; typmod: number } {
  let current = cx.catalog.type(type);
  let currentTypmod = typmod;
  while (current !== undefined && current.kind === 'd') {
    currentTypmod = current.typmod;
    current = cx.catalog.type(current.baseType);
  }
  return { type: current?.oid ?? type, typmod: currentTypmod };
}

export function typeCategory(cx: BindContext, type: number): string {
  return cx.catalog.type(type)?.category ?? 'X';
}

/** The element type of a true array type, else 0. */
export function arrayElement(cx: BindContext, type: number): number {
  const desc = cx.catalog.type(baseType(cx, type));
  return desc?.isArray ? desc.element : 0;
}

function isVectorType(type: number): boolean {
  return type === oid.OIDVECTOR || type === oid.INT2VECTOR;
}

/** How a value of `source` becomes one of `target` in a context; both may be domains. */
export function findPathway(cx: BindContext, target: number, source: number, context: CoercionContext): Pathway {
  const from = baseType(cx, source);
  const to = baseType(cx, target);
  if (from === to) return { kind: 'relabel' };
  const cast = cx.catalog.cast(from, to);
  if (cast !== undefined) return allowedIn(cast, context) ? pathwayOf(cast) : NONE;
  if (!isVectorType(to)) {
    const toElement = arrayElement(cx, to);
    const fromElement = arrayElement(cx, from);
    if (toElement !== 0 && fromElement !== 0) {
      return findPathway(cx, toElement, fromElement, context).kind === 'none' ? NONE : { kind: 'array' };
    }
  }
  if (context !== 'implicit' && typeCategory(cx, to) === 'S') return { kind: 'io' };
  if (context === 'explicit' && typeCategory(cx, from) === 'S') return { kind: 'io' };
  return NONE;
}

function allowedIn(cast: CastDesc, context: CoercionContext): boolean {
  if (context === 'explicit') return true;
  return cast.context === 'i' || (cast.context === 'a' && context === 'assignment');
}

function pathwayOf(cast: CastDesc): Pathway {
  if (cast.method === 'f') return { kind: 'function', func: cast.func };
  return cast.method === 'i' ? { kind: 'io' } : { kind: 'relabel' };
}

function isComposite(cx: BindContext, type: number): boolean {
  return cx.catalog.type(baseType(cx, type))?.kind === 'c';
}

/** Whether each input type can be converted to its target. Polymorphic targets accept anything here. */
export function canCoerce(
  cx: BindContext,
  inputs: readonly number[],
  targets: readonly number[],
  context: CoercionContext,
): boolean {
  return inputs.every((input, i) => canCoerceOne(cx, input, targets[i], context));
}

/** As `canCoerce`, for one type. */
export function canCoerceOne(cx: BindContext, input: number, target: number, context: CoercionContext): boolean {
  if (input === target || target === oid.ANY || input === oid.UNKNOWN || isPolymorphic(target)) return true;
  if (findPathway(cx, target, input, context).kind !== 'none') return true;
  if (input === oid.RECORD && isComposite(cx, target)) return true;
  if (target === oid.RECORD && isComposite(cx, input)) return true;
  return target === oid.RECORD_ARRAY && isComposite(cx, arrayElement(cx, input));
}

/** Whether the two types have the same binary form, so that one can be used for the other without a function. */
export function isBinaryCoercible(cx: BindContext, source: number, target: number): boolean {
  if (source === target || target === oid.ANY || target === oid.ANYELEMENT || target === oid.ANYCOMPATIBLE) return true;
  const from = baseType(cx, source);
  if (from === target) return true;
  if (target === oid.ANYARRAY || target === oid.ANYCOMPATIBLEARRAY) return arrayElement(cx, from) !== 0;
  const kind = cx.catalog.type(from)?.kind;
  if (target === oid.ANYENUM) return kind === 'e';
  if (target === oid.ANYRANGE || target === oid.ANYCOMPATIBLERANGE) return kind === 'r';
  if (target === oid.ANYMULTIRANGE || target === oid.ANYCOMPATIBLEMULTIRANGE) return kind === 'm';
  if (target === oid.RECORD) return kind === 'c';
  const cast = cx.catalog.cast(from, target);
  return cast !== undefined && cast.method === 'b' && cast.context === 'i';
}
