/** CREATE STATISTICS. */
import type { CreateStatsStmt, Node, StatsElem } from '@pgsql/types';
import { createStatistics, type StatisticsKind } from '../catalog/ddl/create-statistics.js';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { FIRST_NORMAL_OID } from '../catalog/known-oids.js';
import { sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import type { Task } from '../util/task.js';
import { requireRelationOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { creationNamespace, missingRelation, schemaOid, tryOpenRelation } from './relation-names.js';
import { skipExisting } from './skipping.js';
import { bindOver, PLACES, referencesOf, storedText } from './stored-expression.js';

const MOST_COLUMNS = 8;
const KINDS: Readonly<Record<string, StatisticsKind>> = { ndistinct: 'd', dependencies: 'f', mcv: 'm' };
const RELATIONS: Partial<Record<RelationDesc['kind'], string>> = {
  v: 'views',
  S: 'sequences',
  i: 'indexes',
  I: 'partitioned indexes',
  c: 'composite types',
  t: 'TOAST tables',
};

/** What the statistics are of. */
interface Subjects {
  readonly columns: readonly number[];
  /** Texts as the catalog keeps them. */
  readonly expressions: readonly string[];
  readonly references: readonly ObjectAddress[];
}

export function* createStatisticsStatement(cx: DdlContext, statement: CreateStatsStmt): Task<string> {
  const [first] = statement.relations ?? [];
  if (first === undefined || !('RangeVar' in first))
    throw sqlError('feature_not_supported', 'CREATE STATISTICS only supports relation names in the FROM clause');
  const range = { ...first.RangeVar, location: undefined };
  const relation = yield* tryOpenRelation(cx, range, 'ShareUpdateExclusiveLock');
  if (relation === undefined) throw missingRelation(cx, range);
  const elements = (statement.exprs ?? []).flatMap((node) => ('StatsElem' in node ? [node.StatsElem] : []));
  const bound = elements.map((element) => bindElement(cx, relation, element));
  if ((statement.relations ?? []).length > 1)
    throw sqlError('feature_not_supported', 'only a single relation is allowed in CREATE STATISTICS');
  checkRelation(cx, relation);
  const { schema, name } = splitName(nameParts(statement.defnames));
  const namespace = schema === 'pg_temp' ? yield* schemaOid(cx, schema) : yield* creationNamespace(cx, schema, name);
  if (cx.writer.findOne('pg_statistic_ext_name_index', [name, namespace]) !== undefined) {
    skipExisting(
      cx,
      statement.if_not_exists,
      sqlError('duplicate_object', `statistics object "${name}" already exists`),
    );
    return 'CREATE STATISTICS';
  }
  if (elements.length > MOST_COLUMNS)
    throw sqlError('too_many_columns', `cannot have more than ${MOST_COLUMNS} columns in statistics`);
  const subjects = subjectsOf(cx, bound, elements.length);
  const kinds = kindsOf(nameParts(statement.stat_types), subjects, elements.length);
  requireDifferent(subjects);
  yield* createStatistics(cx.writer, {
    ...subjects,
    name,
    namespace,
    owner: cx.role,
    relation: relation.oid,
    columns: subjects.columns.toSorted((a, b) => a - b),
    kinds,
    target: -1,
  });
  return 'CREATE STATISTICS';
}

/** Throws 42809, 42501. */
function checkRelation(cx: DdlContext, relation: RelationDesc): void {
  if (!'rmpf'.includes(relation.kind))
    throw sqlError('wrong_object_type', `cannot define statistics for relation "${relation.name}"`, {
      detail: `This operation is not supported for ${RELATIONS[relation.kind] ?? 'this kind of relation'}.`,
    });
  requireRelationOwner(cx, relation);
  if (relation.oid < FIRST_NORMAL_OID)
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
}

export interface BoundElement {
  /** Of a column; 0 for expressions, null for a column that there is not. */
  readonly attribute: number | null;
  readonly name: string;
  readonly type: number;
  readonly text: string;
  readonly references: readonly ObjectAddress[];
}

const SYSTEM_COLUMNS = ['tableoid', 'ctid', 'xmin', 'cmin', 'xmax', 'cmax'];

const NO_TEXT = { text: '', references: [] };

function bindElement(cx: DdlContext, relation: RelationDesc, element: StatsElem): BoundElement {
  if (element.expr !== undefined) return bindStatisticsExpression(cx, relation, element.expr);
  const name = element.name ?? '';
  const found = relation.attributes.find((candidate) => candidate.name === name && !candidate.dropped);
  const attribute = found?.number ?? (SYSTEM_COLUMNS.includes(name) ? -1 : null);
  return { ...NO_TEXT, attribute, name, type: found?.type ?? 0 };
}

/** Of a statement, or a text of the catalog. */
export function bindStatisticsExpression(cx: DdlContext, relation: RelationDesc, source: Node | string): BoundElement {
  const { expr, columns } = bindOver(cx, relation, source, PLACES.statistics);
  const plain = expr.kind === 'column' ? columns.findIndex((column) => column.id === expr.id) : -1;
  if (plain >= 0) return { ...NO_TEXT, attribute: plain + 1, name: columns[plain].name, type: expr.type };
  if (expr.kind === 'column') return { ...NO_TEXT, attribute: -1, name: expr.name, type: expr.type };
  return {
    attribute: 0,
    name: '',
    type: expr.type,
    text: storedText(cx, expr),
    references: referencesOf(cx, expr, relation.oid, columns),
  };
}

/** Throws 42703, 0A000. */
function subjectsOf(cx: DdlContext, elements: readonly BoundElement[], count: number): Subjects {
  const columns: number[] = [];
  const expressions: string[] = [];
  const references: ObjectAddress[] = [];
  for (const { attribute, name, type, text, references: used } of elements) {
    if (attribute === null) throw sqlError('undefined_column', `column "${name}" does not exist`);
    if (attribute < 0)
      throw sqlError('feature_not_supported', 'statistics creation on system columns is not supported');
    const hasOrder = cx.view().defaultOpclass(baseTypeOf(cx, type), 'btree') !== undefined;
    if (!hasOrder && (attribute > 0 || count > 1)) {
      const what = attribute > 0 ? `column "${name}" cannot be used in` : 'expression cannot be used in multivariate';
      const shown = cx.bindContext().formatType(type);
      throw sqlError(
        'feature_not_supported',
        `${what} statistics because its type ${shown} has no default btree operator class`,
      );
    }
    if (attribute > 0) columns.push(attribute);
    else {
      expressions.push(text);
      references.push(...used);
    }
  }
  return { columns, expressions, references };
}

function baseTypeOf(cx: DdlContext, type: number): number {
  let desc = cx.view().type(type);
  while (desc?.kind === 'd') desc = cx.view().type(desc.baseType);
  return desc?.oid ?? type;
}

/** Throws 42601, 42P17. */
function kindsOf(wanted: readonly string[], { expressions }: Subjects, count: number): StatisticsKind[] {
  if (count === 1 && expressions.length === 1 && wanted.length > 0)
    throw sqlError(
      'invalid_object_definition',
      'when building statistics on a single expression, statistics kinds may not be specified',
    );
  const unknown = wanted.find((name) => KINDS[name] === undefined);
  if (unknown !== undefined) throw sqlError('syntax_error', `unrecognized statistics kind "${unknown}"`);
  if (count < 2 && expressions.length !== 1)
    throw sqlError('invalid_object_definition', 'extended statistics require at least 2 columns');
  const all = wanted.length === 0 && count >= 2;
  const kinds = Object.entries(KINDS).flatMap(([name, kind]) => (all || wanted.includes(name) ? [kind] : []));
  return expressions.length > 0 ? [...kinds, 'e'] : kinds;
}

/** Throws 42701. */
function requireDifferent({ columns, expressions }: Subjects): void {
  if (new Set(columns).size < columns.length)
    throw sqlError('duplicate_column', 'duplicate column name in statistics definition');
  if (new Set(expressions).size < expressions.length)
    throw sqlError('duplicate_column', 'duplicate expression in statistics definition');
}
