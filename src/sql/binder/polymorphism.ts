/**
 * Polymorphic pseudo-types (documentation, 38.2.5): settles anyelement, anyarray, anycompatible… of a call from its
 * actual argument types. Choosing among candidates and binding the chosen call ask the same `solve`; only the latter
 * turns a contradiction into an error.
 */
import * as oid from '../../types/oids.js';
import type { BindContext } from './bind-context.js';
import { baseType, canCoerce } from './coercion-pathway.js';

type Role = 'element' | 'array' | 'range' | 'multirange';

/** What the arguments of one family have settled, 0 for what they have not. */
type Solution = Record<Role, number>;

interface Contradiction {
  readonly message: string;
  readonly detail?: string;
}

const FIRST_FAMILY: ReadonlyMap<number, Role> = new Map([
  [oid.ANYELEMENT, 'element'],
  [oid.ANYNONARRAY, 'element'],
  [oid.ANYENUM, 'element'],
  [oid.ANYARRAY, 'array'],
  [oid.ANYRANGE, 'range'],
  [oid.ANYMULTIRANGE, 'multirange'],
]);
const SECOND_FAMILY: ReadonlyMap<number, Role> = new Map([
  [oid.ANYCOMPATIBLE, 'element'],
  [oid.ANYCOMPATIBLENONARRAY, 'element'],
  [oid.ANYCOMPATIBLEARRAY, 'array'],
  [oid.ANYCOMPATIBLERANGE, 'range'],
  [oid.ANYCOMPATIBLEMULTIRANGE, 'multirange'],
]);

export function isPolymorphic(type: number): boolean {
  return FIRST_FAMILY.has(type) || SECOND_FAMILY.has(type);
}

/**
 * Types of the arguments and the result of a call, polymorphic ones replaced. Unknown literals among polymorphic
 * arguments take the type that the others settle.
 * @throws SqlError 42804 when the arguments contradict each other or nothing settles the type
 */
export function resolvePolymorphic(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
  result: number,
): { args: number[]; result: number } {
  const args = [...declared];
  if (!declared.some(isPolymorphic) && !isPolymorphic(result)) return { args, result };
  const first = orThrow(cx, solveFirst(cx, actual, declared));
  const second = orThrow(cx, solveSecond(cx, actual, declared));
  const settle = (type: number): number => {
    if (FIRST_FAMILY.has(type)) return substitute(cx, type, first);
    return SECOND_FAMILY.has(type) ? substitute(cx, type, second) : type;
  };
  if (Object.values(first).every((type) => type === 0) && declared.some((type) => FIRST_FAMILY.has(type))) {
    throw cx.error('datatype_mismatch', unsettled(''));
  }
  return { args: args.map(settle), result: settle(result) };
}

/** Whether actual types can stand for the polymorphic declared ones together; unknown arguments fit anything. */
export function polymorphicConsistent(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
): boolean {
  if (!declared.some(isPolymorphic)) return true;
  return !('message' in solveFirst(cx, actual, declared)) && !('message' in solveSecond(cx, actual, declared));
}

function orThrow(cx: BindContext, solved: Solution | Contradiction): Solution {
  if (!('message' in solved)) return solved;
  const { message, detail } = solved;
  throw cx.error('datatype_mismatch', message, -1, detail === undefined ? {} : { detail });
}

function unsettled(type: string): string {
  return `could not determine polymorphic type ${type}because input has type unknown`;
}

function versus(cx: BindContext, a: number, b: number): string {
  return `${cx.formatType(a)} versus ${cx.formatType(b)}`;
}

/** anyelement and its family: arguments of one role have one type, and the roles fit each other. */
function solveFirst(cx: BindContext, actual: readonly number[], declared: readonly number[]): Solution | Contradiction {
  const solution: Solution = { element: 0, array: 0, range: 0, multirange: 0 };
  for (let i = 0; i < declared.length; i++) {
    const role = FIRST_FAMILY.get(declared[i]);
    const given = actual[i];
    if (role === undefined || given === undefined || given === oid.UNKNOWN) continue;
    const type = role === 'element' ? given : baseType(cx, given);
    if (solution[role] !== 0 && solution[role] !== type) {
      return { message: `arguments declared "any${role}" are not all alike`, detail: versus(cx, solution[role], type) };
    }
    solution[role] = type;
  }
  return contained(cx, solution, 'any') ?? restricted(cx, solution, declared) ?? solution;
}

/** Lets the containers settle what they contain. */
function contained(cx: BindContext, solution: Solution, prefix: string): Contradiction | null {
  if (solution.array !== 0 && solution.array !== oid.ANYARRAY) {
    const type = cx.type(solution.array);
    if (!type.isArray) return notA(cx, solution.array, `${prefix}array`, 'an array');
    const problem = fill(cx, solution, 'element', type.element, `${prefix}array`, `${prefix}element`, solution.array);
    if (problem !== null) return problem;
  }
  if (solution.multirange !== 0) {
    if (cx.type(solution.multirange).kind !== 'm')
      return notA(cx, solution.multirange, `${prefix}multirange`, 'a multirange');
    const range = cx.catalog.range(solution.multirange)?.range ?? 0;
    const problem = fill(cx, solution, 'range', range, `${prefix}multirange`, `${prefix}range`, solution.multirange);
    if (problem !== null) return problem;
  }
  if (solution.range !== 0) {
    if (cx.type(solution.range).kind !== 'r') return notA(cx, solution.range, `${prefix}range`, 'a range');
    const { subtype = 0, multirange = 0 } = cx.catalog.range(solution.range) ?? {};
    if (solution.multirange === 0) solution.multirange = multirange;
    return fill(cx, solution, 'element', subtype, `${prefix}range`, `${prefix}element`, solution.range);
  }
  return null;
}

function notA(cx: BindContext, type: number, declared: string, what: string): Contradiction {
  return { message: `argument declared ${declared} is not ${what} type but type ${cx.formatType(type)}` };
}

/** What `container` says of a role. */
function fill(
  cx: BindContext,
  solution: Solution,
  role: Role,
  type: number,
  container: string,
  element: string,
  containerType: number,
): Contradiction | null {
  if (solution[role] !== 0 && solution[role] !== type) {
    const message = `argument declared ${container} is not consistent with argument declared ${element}`;
    return { message, detail: versus(cx, containerType, solution[role]) };
  }
  solution[role] = type;
  return null;
}

/** anynonarray and anyenum ask something of the element type. */
function restricted(cx: BindContext, { element }: Solution, declared: readonly number[]): Contradiction | null {
  if (element === 0) return null;
  if (declared.includes(oid.ANYNONARRAY) && cx.type(baseType(cx, element)).isArray)
    return { message: `type matched to anynonarray is an array type: ${cx.formatType(element)}` };
  if (declared.includes(oid.ANYENUM) && cx.type(baseType(cx, element)).kind !== 'e')
    return { message: `type matched to anyenum is not an enum type: ${cx.formatType(element)}` };
  return null;
}

/** anycompatible and its family: the common type of all arguments, which ranges must have as it is. */
function solveSecond(
  cx: BindContext,
  actual: readonly number[],
  declared: readonly number[],
): Solution | Contradiction {
  const solution: Solution = { element: 0, array: 0, range: 0, multirange: 0 };
  const elements: number[] = [];
  let seen = false;
  for (let i = 0; i < declared.length; i++) {
    const role = SECOND_FAMILY.get(declared[i]);
    const given = actual[i];
    if (role === undefined || given === undefined) continue;
    seen = true;
    if (given === oid.UNKNOWN) continue;
    const type = role === 'element' ? given : baseType(cx, given);
    if (role === 'element') elements.push(type);
    else if (role === 'array') {
      const desc = cx.type(type);
      if (!desc.isArray) return notA(cx, type, 'anycompatiblearray', 'an array');
      elements.push(desc.element);
    } else if (solution[role] !== 0 && solution[role] !== type) {
      const message = `arguments declared "anycompatible${role}" are not all alike`;
      return { message, detail: versus(cx, solution[role], type) };
    } else solution[role] = type;
  }
  const problem = contained(cx, solution, 'anycompatible');
  if (problem !== null) return problem;
  const ranged = solution.element;
  if (ranged !== 0) elements.push(ranged);
  return seen ? common(cx, solution, elements, ranged, declared) : solution;
}

function common(
  cx: BindContext,
  solution: Solution,
  elements: readonly number[],
  ranged: number,
  declared: readonly number[],
): Solution | Contradiction {
  const chosen = elements.length === 0 ? oid.TEXT : commonOf(cx, elements);
  if (chosen === 0) return { message: 'arguments of anycompatible family cannot be cast to a common type' };
  if (ranged !== 0 && ranged !== chosen) {
    return {
      message: `anycompatiblerange type ${cx.formatType(solution.range)} does not match anycompatible type ${cx.formatType(chosen)}`,
    };
  }
  const isArray = cx.type(baseType(cx, chosen)).isArray;
  if (isArray && declared.includes(oid.ANYCOMPATIBLENONARRAY))
    return { message: `type matched to anycompatiblenonarray is an array type: ${cx.formatType(chosen)}` };
  solution.element = chosen;
  return solution;
}

/** The type that all can be converted to implicitly; 0 for none. */
function commonOf(cx: BindContext, types: readonly number[]): number {
  if (types.every((type) => type === types[0])) return types[0];
  let chosen = baseType(cx, types[0]);
  for (const candidate of types) {
    const type = baseType(cx, candidate);
    if (type === chosen) continue;
    const from = cx.type(chosen);
    if (from.category !== cx.type(type).category) return 0;
    if (!from.preferred && canCoerce(cx, [chosen], [type], 'implicit') && !canCoerce(cx, [type], [chosen], 'implicit'))
      chosen = type;
  }
  return types.every((type) => type === chosen || canCoerce(cx, [type], [chosen], 'implicit')) ? chosen : 0;
}

/** @throws SqlError 42704 for a type without array type, 42804 for a container that nothing settles */
function substitute(cx: BindContext, type: number, solution: Solution): number {
  const role = FIRST_FAMILY.get(type) ?? SECOND_FAMILY.get(type) ?? 'element';
  if (solution[role] !== 0) return solution[role];
  if (role === 'array' && solution.element !== 0) {
    const { array } = cx.type(solution.element);
    if (array !== 0) return array;
    throw cx.error('undefined_object', `could not find array type for data type ${cx.formatType(solution.element)}`);
  }
  if (role === 'range' || role === 'multirange')
    throw cx.error('datatype_mismatch', unsettled(`${cx.formatType(type)} `));
  return type;
}
