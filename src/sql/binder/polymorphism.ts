/**
 * Polymorphic pseudo-types (documentation, 38.2.5): settles anyelement, anyarray, anycompatible… of a call from its
 * actual argument types.
 */
import * as oid from '../../types/oids.js';
import type { BindContext } from './bind-context.js';
import { baseType, canCoerce } from './coercion-pathway.js';

const FIRST_FAMILY = new Set([
  oid.ANYELEMENT,
  oid.ANYARRAY,
  oid.ANYNONARRAY,
  oid.ANYENUM,
  oid.ANYRANGE,
  oid.ANYMULTIRANGE,
]);
const SECOND_FAMILY = new Set([
  oid.ANYCOMPATIBLE,
  oid.ANYCOMPATIBLEARRAY,
  oid.ANYCOMPATIBLENONARRAY,
  oid.ANYCOMPATIBLERANGE,
  oid.ANYCOMPATIBLEMULTIRANGE,
]);

export function isPolymorphic(type: number): boolean {
  return FIRST_FAMILY.has(type) || SECOND_FAMILY.has(type);
}

interface Solution {
  element: number;
  array: number;
  range: number;
  multirange: number;
}

/**
 * Types of the arguments and the result of a call, polymorphic ones replaced. Unknown literals among polymorphic
 * arguments take the type that the others settle.
 * @throws SqlError 42804 when the arguments contradict each other, 42P38 when nothing settles the type
 */
export function resolvePolymorphic(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
  result: number,
  location: number,
): { args: number[]; result: number } {
  const args = [...declared];
  if (!declared.some(isPolymorphic) && !isPolymorphic(result)) return { args, result };
  const first = solveFirst(cx, actual, declared, location);
  const second = solveSecond(cx, actual, declared, location);
  for (let i = 0; i < args.length; i++) {
    if (isPolymorphic(args[i])) args[i] = substitute(cx, args[i], FIRST_FAMILY.has(args[i]) ? first : second, location);
  }
  const settled = isPolymorphic(result)
    ? substitute(cx, result, FIRST_FAMILY.has(result) ? first : second, location)
    : result;
  return { args, result: settled };
}

function empty(): Solution {
  return { element: 0, array: 0, range: 0, multirange: 0 };
}

function solveFirst(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
  location: number,
): Solution {
  const solution = empty();
  declared.forEach((type, i) => {
    const given = actual[i];
    if (!FIRST_FAMILY.has(type) || given === undefined || given === oid.UNKNOWN) return;
    const base =
      type === oid.ANYELEMENT || type === oid.ANYNONARRAY || type === oid.ANYENUM ? given : baseType(cx, given);
    if (type === oid.ANYARRAY) solution.array = agree(cx, solution.array, base, 'anyarray', location);
    else if (type === oid.ANYRANGE) solution.range = agree(cx, solution.range, base, 'anyrange', location);
    else if (type === oid.ANYMULTIRANGE)
      solution.multirange = agree(cx, solution.multirange, base, 'anymultirange', location);
    else solution.element = agree(cx, solution.element, base, 'anyelement', location);
  });
  const known = solution.element !== 0 || solution.array !== 0 || solution.range !== 0 || solution.multirange !== 0;
  if (!known && declared.some((type, i) => FIRST_FAMILY.has(type) && actual[i] === oid.UNKNOWN)) {
    throw cx.error(
      'indeterminate_datatype',
      'could not determine polymorphic type because input has type unknown',
      location,
    );
  }
  complete(cx, solution, location);
  if (declared.includes(oid.ANYNONARRAY) && solution.element !== 0 && cx.type(baseType(cx, solution.element)).isArray) {
    throw cx.error(
      'datatype_mismatch',
      `type matched to anynonarray is an array type: ${cx.formatType(solution.element)}`,
      location,
    );
  }
  if (declared.includes(oid.ANYENUM) && solution.element !== 0 && cx.type(solution.element).kind !== 'e') {
    throw cx.error(
      'datatype_mismatch',
      `type matched to anyenum is not an enum type: ${cx.formatType(solution.element)}`,
      location,
    );
  }
  return solution;
}

function agree(cx: BindContext, known: number, given: number, name: string, location: number): number {
  if (known !== 0 && known !== given) {
    throw cx.error('datatype_mismatch', `arguments declared "${name}" are not all alike`, location, {
      detail: `${cx.formatType(known)} versus ${cx.formatType(given)}`,
    });
  }
  return given;
}

/** Array, range and multirange types settle the element type; the element settles the array type. */
function complete(cx: BindContext, solution: Solution, location: number): void {
  if (solution.array !== 0 && solution.array !== oid.ANYARRAY) {
    const type = cx.type(solution.array);
    if (!type.isArray) {
      throw cx.error(
        'datatype_mismatch',
        `argument declared anyarray is not an array but type ${cx.formatType(solution.array)}`,
        location,
      );
    }
    if (solution.element === 0) solution.element = type.element;
    else if (solution.element !== type.element) {
      throw cx.error(
        'datatype_mismatch',
        'argument declared anyarray is not consistent with argument declared anyelement',
        location,
        {
          detail: `${cx.formatType(solution.array)} versus ${cx.formatType(solution.element)}`,
        },
      );
    }
  }
  if (solution.multirange !== 0 && solution.range === 0)
    solution.range = cx.services.types.catalog.elementType(solution.multirange);
  if (solution.range !== 0) {
    const subtype = cx.services.types.catalog.elementType(solution.range);
    if (solution.element === 0) solution.element = subtype;
  }
}

function substitute(cx: BindContext, type: number, solution: Solution, location: number): number {
  switch (type) {
    case oid.ANYARRAY:
    case oid.ANYCOMPATIBLEARRAY: {
      if (solution.array !== 0) return solution.array;
      const array = solution.element === 0 ? 0 : cx.type(solution.element).array;
      if (array === 0 && solution.element !== 0) {
        throw cx.error(
          'undefined_object',
          `could not find array type for data type ${cx.formatType(solution.element)}`,
          location,
        );
      }
      return array === 0 ? type : array;
    }
    case oid.ANYRANGE:
    case oid.ANYCOMPATIBLERANGE:
      return solution.range === 0 ? type : solution.range;
    case oid.ANYMULTIRANGE:
    case oid.ANYCOMPATIBLEMULTIRANGE:
      return solution.multirange === 0 ? type : solution.multirange;
    default:
      return solution.element === 0 ? type : solution.element;
  }
}

/** anycompatible…: the common type of all arguments of the family. */
function solveSecond(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
  location: number,
): Solution {
  const solution = empty();
  const elements: number[] = [];
  let sawUnknown = false;
  declared.forEach((type, i) => {
    if (!SECOND_FAMILY.has(type) || actual[i] === undefined) return;
    if (actual[i] === oid.UNKNOWN) {
      sawUnknown = true;
      return;
    }
    const base = baseType(cx, actual[i]);
    if (type === oid.ANYCOMPATIBLEARRAY) {
      const desc = cx.type(base);
      if (!desc.isArray) {
        throw cx.error(
          'datatype_mismatch',
          `argument declared anycompatiblearray is not an array but type ${cx.formatType(base)}`,
          location,
        );
      }
      elements.push(desc.element);
    } else if (type === oid.ANYCOMPATIBLERANGE || type === oid.ANYCOMPATIBLEMULTIRANGE) {
      if (type === oid.ANYCOMPATIBLERANGE) solution.range = base;
      else solution.multirange = base;
      complete(cx, solution, location);
      elements.push(solution.element);
    } else elements.push(actual[i]);
  });
  if (elements.length > 0) solution.element = commonOf(cx, elements, location);
  else if (sawUnknown) solution.element = oid.TEXT;
  return solution;
}

function commonOf(cx: BindContext, types: readonly number[], location: number): number {
  let chosen = baseTypeUnlessAllSame(cx, types);
  for (const candidate of types) {
    const type = baseType(cx, candidate);
    if (type === chosen) continue;
    const from = cx.type(chosen);
    const to = cx.type(type);
    if (from.category !== to.category) {
      throw cx.error(
        'datatype_mismatch',
        `arguments of anycompatible family cannot be cast to a common type`,
        location,
      );
    }
    if (!from.preferred && canCoerce(cx, [chosen], [type], 'implicit') && !canCoerce(cx, [type], [chosen], 'implicit'))
      chosen = type;
  }
  return chosen;
}

function baseTypeUnlessAllSame(cx: BindContext, types: readonly number[]): number {
  return types.every((type) => type === types[0]) ? types[0] : baseType(cx, types[0]);
}

/** Whether actual types can stand for the polymorphic declared ones together; unknown arguments fit anything. */
export function polymorphicConsistent(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
): boolean {
  return firstFamilyConsistent(cx, actual, declared) && haveCommonType(cx, compatibleElements(cx, actual, declared));
}

/** The element types that arguments of the anycompatible family contribute to their common type. */
function compatibleElements(cx: BindContext, actual: readonly number[], declared: readonly number[]): number[] {
  const elements: number[] = [];
  declared.forEach((type, i) => {
    const given = actual[i];
    if (!SECOND_FAMILY.has(type) || given === undefined || given === oid.UNKNOWN) return;
    if (type === oid.ANYCOMPATIBLEARRAY || type === oid.ANYCOMPATIBLERANGE || type === oid.ANYCOMPATIBLEMULTIRANGE) {
      elements.push(containedType(cx, baseType(cx, given)));
    } else elements.push(given);
  });
  return elements;
}

/** The element of an array, the subtype of a range or multirange. */
function containedType(cx: BindContext, container: number): number {
  const desc = cx.type(container);
  if (desc.isArray) return desc.element;
  const { catalog } = cx.services.types;
  const contained = catalog.elementType(container);
  return desc.kind === 'm' ? catalog.elementType(contained) : contained;
}

/** Whether all can be converted implicitly to one of them. */
function haveCommonType(cx: BindContext, types: readonly number[]): boolean {
  if (types.length < 2) return true;
  const category = cx.type(baseType(cx, types[0])).category;
  if (types.some((type) => cx.type(baseType(cx, type)).category !== category)) return false;
  const common = commonOf(cx, types, -1);
  return types.every((type) => type === common || canCoerce(cx, [type], [common], 'implicit'));
}

function firstFamilyConsistent(cx: BindContext, actual: readonly number[], declared: readonly number[]): boolean {
  const first = { element: 0, array: 0 };
  for (let i = 0; i < declared.length; i++) {
    const type = declared[i];
    const given = actual[i];
    if (!isPolymorphic(type) || given === oid.UNKNOWN) continue;
    const desc = cx.catalog.type(baseType(cx, given));
    if (desc === undefined || !fitsKind(type, desc)) return false;
    if (!FIRST_FAMILY.has(type)) continue;
    if (type === oid.ANYARRAY) {
      if (first.array !== 0 && first.array !== desc.oid) return false;
      first.array = desc.oid;
      if (desc.oid !== oid.ANYARRAY) {
        if (first.element !== 0 && first.element !== desc.element) return false;
        first.element = desc.element;
      }
    } else if (type === oid.ANYRANGE || type === oid.ANYMULTIRANGE) {
      const element = cx.services.types.catalog.elementType(desc.oid);
      if (element !== 0 && first.element !== 0 && first.element !== element) return false;
      if (element !== 0) first.element = element;
    } else {
      if (first.element !== 0 && first.element !== given) return false;
      first.element = given;
    }
  }
  return true;
}

function fitsKind(
  declared: number,
  actual: { readonly oid: number; readonly isArray: boolean; readonly kind: string },
): boolean {
  switch (declared) {
    case oid.ANYARRAY:
    case oid.ANYCOMPATIBLEARRAY:
      return actual.isArray || actual.oid === oid.ANYARRAY;
    case oid.ANYNONARRAY:
    case oid.ANYCOMPATIBLENONARRAY:
      return !actual.isArray;
    case oid.ANYENUM:
      return actual.kind === 'e';
    case oid.ANYRANGE:
    case oid.ANYCOMPATIBLERANGE:
      return actual.kind === 'r';
    case oid.ANYMULTIRANGE:
    case oid.ANYCOMPATIBLEMULTIRANGE:
      return actual.kind === 'm';
    default:
      return true;
  }
}
