/**
 * New indexes, of CREATE INDEX and of constraints: columns, operator classes and names are settled, the catalog rows
 * written and the index filled.
 */
import type { IndexElem, Node } from '@pgsql/types';
import { createIndex, type IndexColumnSpec } from '../catalog/ddl/create-index.js';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { buildIndex } from '../exec/build-index.js';
import { INDEX_PROGRESS } from '../exec/progress.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { coerceToBoolean } from '../sql/binder/coercion.js';
import { baseType, isBinaryCoercible } from '../sql/binder/coercion-pathway.js';
import { figureColumnName } from '../sql/binder/target-list.js';
import { bindWriteTarget } from '../sql/binder/write-target.js';
import type { Task } from '../util/task.js';
import { typeCollation } from './column-definition.js';
import type { DdlContext } from './ddl-context.js';
import { evaluationContext } from './evaluation.js';
import { indexMethod, keptType } from './index-methods.js';
import { chooseRelationName, joinedNames } from './object-names.js';
import { relationNow } from './relation-names.js';
import { bindOver, isImmutable, PLACES, referencesOf, storedText } from './stored-expression.js';

const MAX_INDEX_COLUMNS = 32;

export interface IndexDefinition {
  /** Null: made up. */
  readonly name: string | null;
  /** Column names, or elements of CREATE INDEX. */
  readonly keys: readonly IndexElem[];
  readonly including: readonly string[];
  readonly method: string;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly nullsNotDistinct: boolean;
  readonly immediate: boolean;
  readonly predicate: Node | null;
  readonly options: readonly string[];
  readonly forConstraint: boolean;
  /** CREATE INDEX CONCURRENTLY, as its progress is told. */
  readonly isConcurrent?: boolean;
}

interface Keys {
  readonly columns: IndexColumnSpec[];
  readonly references: ObjectAddress[];
}

/** Returns the OID of the new index. REQUIRES: the relation is locked against writers. */
export function* defineIndex(cx: DdlContext, relation: RelationDesc, definition: IndexDefinition): Task<number> {
  const method = indexMethod(definition);
  if (definition.keys.length + definition.including.length > MAX_INDEX_COLUMNS)
    throw sqlError('too_many_columns', `cannot use more than ${MAX_INDEX_COLUMNS} columns in an index`);
  const { columns, references } = indexColumns(cx, relation, definition);
  const predicate =
    definition.predicate === null ? undefined : bindPredicate(cx, relation, definition.predicate, references);
  const name = definition.name ?? indexName(cx, relation, definition, columns);
  const { oid } = yield* createIndex(cx.writer, {
    name,
    relation,
    method,
    columns,
    keyColumns: definition.keys.length,
    unique: definition.unique,
    primary: definition.primary,
    nullsNotDistinct: definition.nullsNotDistinct,
    immediate: definition.immediate,
    predicate,
    options: definition.options,
    forConstraint: definition.forConstraint,
    references,
  });
  const progress = cx.exec.reportProgress?.('CREATE INDEX', relation.oid);
  if (progress !== undefined)
    progress.values[INDEX_PROGRESS.command] =
      definition.isConcurrent === true ? CREATE_INDEX_CONCURRENTLY : CREATE_INDEX;
  yield* fillIndex(cx, relation.oid, oid);
  return oid;
}

/** Values of `INDEX_PROGRESS.command`. */
const CREATE_INDEX = 1;
const CREATE_INDEX_CONCURRENTLY = 2;

/** Fills an empty index from its table. Throws 23505. */
export function* fillIndex(cx: DdlContext, table: number, index: number): Task<void> {
  const relation = relationNow(cx, table);
  const { target, columns } = bindWriteTarget(cx.bindContext(''), relation);
  const found = target.indexes.find((candidate) => candidate.index.oid === index);
  if (found === undefined) throw new Error(`relation ${table} has no index ${index}`);
  const { progress } = cx.exec;
  if (progress?.command === 'CREATE INDEX') {
    progress.values[INDEX_PROGRESS.index] = index;
    progress.values[INDEX_PROGRESS.method] = methodOf(cx, index);
  }
  yield* buildIndex(
    evaluationContext(cx),
    relation,
    columns.map((column) => column.id),
    found,
  );
}

function methodOf(cx: DdlContext, index: number): number {
  return cx.writer.findOne('pg_class_oid_index', [index])?.number('relam') ?? 0;
}

function indexColumns(cx: DdlContext, relation: RelationDesc, definition: IndexDefinition): Keys {
  const references: ObjectAddress[] = [];
  const columns: IndexColumnSpec[] = [];
  const names = new Set<string>();
  for (const key of definition.keys) {
    const column = keyColumn(cx, relation, definition, key, references);
    columns.push({ ...column, name: freeName(names, column.name) });
  }
  for (const name of definition.including) {
    const attribute = findColumn(relation, name, definition.forConstraint);
    columns.push({
      attribute: attribute.number,
      name: freeName(names, name),
      type: attribute.type,
      typmod: attribute.typmod,
      opclass: 0,
      collation: 0,
      descending: false,
      nullsFirst: false,
    });
  }
  return { columns, references };
}

function freeName(taken: Set<string>, wanted: string): string {
  let name = wanted;
  for (let i = 1; taken.has(name); i++) name = `${wanted}${i}`;
  taken.add(name);
  return name;
}

function findColumn(relation: RelationDesc, name: string, forConstraint: boolean) {
  const attribute = relation.attributes.find((candidate) => candidate.name === name && !candidate.dropped);
  if (attribute !== undefined) return attribute;
  throw sqlError(
    'undefined_column',
    forConstraint ? `column "${name}" named in key does not exist` : `column "${name}" does not exist`,
  );
}

function keyColumn(
  cx: DdlContext,
  relation: RelationDesc,
  definition: IndexDefinition,
  key: IndexElem,
  references: ObjectAddress[],
): IndexColumnSpec {
  const source = keySource(cx, relation, definition, key, references);
  const collation =
    key.collation === undefined
      ? source.collation
      : typeCollation(cx, nameParts(key.collation), undefined, source.type);
  const descending = key.ordering === 'SORTBY_DESC';
  const nullsFirst =
    key.nulls_ordering === 'SORTBY_NULLS_FIRST' || (descending && key.nulls_ordering !== 'SORTBY_NULLS_LAST');
  const opclass = operatorClass(cx, definition.method, source.type, nameParts(key.opclass));
  return {
    ...source,
    opclass,
    kept: keptType(cx, definition.method, opclass, source.type),
    collation,
    descending,
    nullsFirst,
  };
}

interface KeySource {
  readonly attribute: number;
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  readonly collation: number;
  readonly expression?: string;
}

function keySource(
  cx: DdlContext,
  relation: RelationDesc,
  definition: IndexDefinition,
  key: IndexElem,
  references: ObjectAddress[],
): KeySource {
  if (key.expr === undefined) {
    const attribute = findColumn(relation, key.name ?? '', definition.forConstraint);
    return {
      attribute: attribute.number,
      name: attribute.name,
      type: attribute.type,
      typmod: attribute.typmod,
      collation: attribute.collation,
    };
  }
  const { expr, columns } = bindOver(cx, relation, key.expr, PLACES.index);
  const plain = expr.kind === 'column' ? columns.findIndex((column) => column.id === expr.id) : -1;
  const { type, typmod, collation } = expr;
  if (plain >= 0) return { attribute: plain + 1, name: columns[plain].name, type, typmod, collation };
  if (!isImmutable(expr)) {
    throw sqlError('invalid_object_definition', 'functions in index expression must be marked IMMUTABLE');
  }
  references.push(...referencesOf(cx, expr, relation.oid, columns));
  const figured = figureColumnName(key.expr);
  const name = figured === '?column?' ? 'expr' : figured;
  return { attribute: 0, name, type, typmod, collation, expression: storedText(cx, expr) };
}

/** Throws 42704, 42804. */
export function operatorClass(cx: DdlContext, method: string, type: number, parts: readonly string[]): number {
  const view = cx.view();
  const bind = cx.bindContext();
  if (parts.length === 0) {
    const found = view.defaultOpclass(baseType(bind, type), method) ?? view.defaultOpclass(type, method);
    if (found !== undefined) return found.oid;
    throw sqlError(
      'undefined_object',
      `data type ${bind.formatType(type)} has no default operator class for access method "${method}"`,
      {
        hint: 'You must specify an operator class for the index or define a default operator class for the data type.',
      },
    );
  }
  const { schema, name } = splitName(parts);
  const namespace = schema === null ? null : (view.namespaceByName(schema)?.oid ?? 0);
  const found = view.opclassByName(name, namespace, method);
  if (found === undefined) {
    throw sqlError(
      'undefined_object',
      `operator class "${parts.join('.')}" does not exist for access method "${method}"`,
    );
  }
  if (!isBinaryCoercible(bind, type, found.inputType)) {
    throw sqlError('datatype_mismatch', `operator class "${name}" does not accept data type ${bind.formatType(type)}`);
  }
  return found.oid;
}

function bindPredicate(cx: DdlContext, relation: RelationDesc, node: Node, references: ObjectAddress[]): string {
  const { expr, bind, columns } = bindOver(cx, relation, node, PLACES.predicate);
  const condition = coerceToBoolean(bind, expr, 'WHERE');
  if (!isImmutable(condition)) {
    throw sqlError('invalid_object_definition', 'functions in index predicate must be marked IMMUTABLE');
  }
  references.push(...referencesOf(cx, condition, relation.oid, columns));
  return storedText(cx, condition);
}

function indexName(
  cx: DdlContext,
  relation: RelationDesc,
  definition: IndexDefinition,
  columns: readonly IndexColumnSpec[],
): string {
  if (definition.primary) return chooseRelationName(cx, relation.name, null, 'pkey', relation.namespace, true);
  const addition = joinedNames(columns.map((column) => column.name));
  const label = definition.forConstraint ? 'key' : 'idx';
  return chooseRelationName(cx, relation.name, addition, label, relation.namespace, definition.forConstraint);
}
