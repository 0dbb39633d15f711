/** CREATE TYPE … AS RANGE: the range and its multirange, with the functions that make values of them. */
import type { CreateRangeStmt } from '@pgsql/types';
import { createFunction, type FunctionSpec } from '../catalog/ddl/create-function.js';
import { createCast } from '../catalog/ddl/create-operator.js';
import { createRange } from '../catalog/ddl/create-type.js';
import { address, recordDependency } from '../catalog/ddl/dependencies.js';
import { INTERNAL_LANGUAGE } from '../catalog/known-oids.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { splitName } from '../sql/binder/ast.js';
import { resolveCollation } from '../sql/binder/bind-expression.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import { typePlace } from './create-type.js';
import type { DdlContext } from './ddl-context.js';
import { operatorClass } from './define-index.js';
import { DefinitionList, requireFunction } from './definition-list.js';
import { creationNamespace } from './relation-names.js';
import { typeByParts } from './type-names.js';

const ATTRIBUTES = ['subtype', 'subtype_opclass', 'collation', 'canonical', 'subtype_diff', 'multirange_type_name'];

export function* createRangeStatement(cx: DdlContext, statement: CreateRangeStmt): Task<string> {
  const place = yield* typePlace(cx, statement.typeName);
  const list = new DefinitionList(cx, statement.params, ATTRIBUTES, 'type', 'refused');
  if (list.has('canonical')) throw notSupported('CREATE TYPE AS RANGE with a canonical function');
  const subtypeName = list.typeName('subtype');
  if (subtypeName === undefined) throw sqlError('syntax_error', 'type attribute "subtype" is required');
  const subtype = resolveTypeName(cx.bindContext(), { ...subtypeName, location: -1 }).type;
  if (cx.view().type(subtype)?.kind === 'p') {
    const message = `range subtype cannot be ${cx.bindContext().formatType(subtype)}`;
    throw sqlError('datatype_mismatch', message);
  }
  if (cx.view().typeByName(place.name, place.namespace) !== undefined)
    throw sqlError('duplicate_object', `type "${place.name}" already exists`);
  const { range, multirange } = yield* createRange(cx.writer, {
    ...place,
    owner: cx.role,
    ...(yield* multirangePlace(cx, list, place)),
    subtype,
    collation: collationOf(cx, list, subtype),
    opclass: subtypeOpclass(cx, list, subtype),
    difference: difference(cx, list, subtype),
  });
  yield* makeConstructors(cx, place, subtype, range);
  const array = cx.view().type(range)?.array ?? 0;
  yield* makeMultirangeConstructors(cx, multirange, range, array);
  return 'CREATE TYPE';
}

/** Name of the multirange type: as given, or made of the range's. */
function* multirangePlace(
  cx: DdlContext,
  list: DefinitionList,
  place: { readonly namespace: number; readonly name: string },
): Task<{ readonly multirangeName: string; readonly multirangeNamespace: number }> {
  const given = list.name('multirange_type_name');
  const { schema, name } = given === undefined ? { schema: null, name: madeUpName(place.name) } : splitName(given);
  const namespace = given === undefined ? place.namespace : yield* creationNamespace(cx, schema, name);
  if (cx.view().typeByName(name, namespace) !== undefined) {
    if (given !== undefined) throw sqlError('duplicate_object', `type "${name}" already exists`);
    throw sqlError('duplicate_object', `type "${name}" already exists`, {
      detail: `Failed while creating a multirange type for type "${place.name}".`,
      hint: 'You can manually specify a multirange type name using the "multirange_type_name" attribute.',
    });
  }
  return { multirangeName: name, multirangeNamespace: namespace };
}

function madeUpName(range: string): string {
  return range.includes('range') ? range.replace('range', 'multirange') : `${range}_multirange`;
}

function collationOf(cx: DdlContext, list: DefinitionList, subtype: number): number {
  const own = cx.view().type(subtype)?.collation ?? 0;
  const given = list.name('collation');
  if (given === undefined) return own;
  if (own === 0) {
    throw sqlError('wrong_object_type', 'range collation specified but subtype does not support collation');
  }
  return resolveCollation(cx.bindContext(), given, -1);
}

function subtypeOpclass(cx: DdlContext, list: DefinitionList, subtype: number): number {
  const given = list.name('subtype_opclass');
  if (given !== undefined) return operatorClass(cx, 'btree', subtype, given);
  const found = cx.view().defaultOpclass(subtype, 'btree');
  if (found !== undefined) return found.oid;
  throw sqlError(
    'undefined_object',
    `data type ${cx.bindContext().formatType(subtype)} has no default operator class for access method "btree"`,
    {
      hint: 'You must specify an operator class for the range type or define a default operator class for the subtype.',
    },
  );
}

function difference(cx: DdlContext, list: DefinitionList, subtype: number): number {
  const given = list.name('subtype_diff');
  if (given === undefined) return 0;
  const proc = requireFunction(cx, given, [subtype, subtype]);
  const name = given.join('.');
  if (proc.resultType !== oids.FLOAT8) {
    const message = `range subtype diff function ${name} must return type double precision`;
    throw sqlError('invalid_object_definition', message);
  }
  if (proc.volatility !== 'i')
    throw sqlError('invalid_object_definition', `range subtype diff function ${name} must be immutable`);
  return proc.oid;
}

function constructor(
  cx: DdlContext,
  place: { readonly namespace: number; readonly name: string },
  result: number,
  argTypes: readonly number[],
  source: string,
): FunctionSpec {
  return {
    ...place,
    owner: cx.role,
    language: INTERNAL_LANGUAGE,
    kind: 'f',
    strict: source.startsWith('multirange'),
    returnsSet: false,
    securityDefiner: false,
    leakproof: false,
    volatility: 'i',
    parallel: 's',
    cost: 1,
    rows: 0,
    variadic: 0,
    resultType: result,
    argTypes,
    allArgTypes: null,
    argModes: null,
    argNames: null,
    defaults: [],
    source,
  };
}

function* makeConstructors(
  cx: DdlContext,
  place: { readonly namespace: number; readonly name: string },
  subtype: number,
  range: number,
): Task<void> {
  for (const types of [
    [subtype, subtype],
    [subtype, subtype, oids.TEXT],
  ]) {
    yield* belongingTo(cx, range, constructor(cx, place, range, types, `range_constructor${types.length}`));
  }
}

function* makeMultirangeConstructors(cx: DdlContext, multirange: number, range: number, array: number): Task<void> {
  const { name, namespace } = typeOf(cx, multirange);
  const place = { name, namespace };
  yield* belongingTo(cx, multirange, constructor(cx, place, multirange, [], 'multirange_constructor0'));
  const single = constructor(cx, place, multirange, [range], 'multirange_constructor1');
  const func = yield* belongingTo(cx, multirange, single);
  const spec = { source: range, target: multirange, func, context: 'e', method: 'f' } as const;
  const cast = yield* createCast(cx.writer, spec, name);
  yield* recordDependency(cx.writer, address('pg_cast', cast), address('pg_type', multirange), 'i');
  const several = constructor(cx, place, multirange, [array], 'multirange_constructor2');
  yield* belongingTo(cx, multirange, { ...several, variadic: range, allArgTypes: [array], argModes: ['v'] });
}

function typeOf(cx: DdlContext, oid: number) {
  return cx.view().type(oid) ?? typeByParts(cx, [String(oid)]);
}

/** A function that goes with its type. */
function* belongingTo(cx: DdlContext, type: number, spec: FunctionSpec): Task<number> {
  const oid = yield* createFunction(cx.writer, spec, false);
  yield* recordDependency(cx.writer, address('pg_proc', oid), address('pg_type', type), 'i');
  return oid;
}
