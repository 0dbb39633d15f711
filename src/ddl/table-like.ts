/** LIKE of CREATE TABLE: columns of another relation, and what of their properties INCLUDING asks for. */
import type { Node, TableLikeClause } from '@pgsql/types';
import { setComment } from '../catalog/ddl/comments.js';
import { address } from '../catalog/ddl/dependencies.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { relationColumns } from '../sql/binder/table-source.js';
import { bindIndexKeys, rowScope } from '../sql/binder/write-target.js';
import { parseSql } from '../sql/parser/parse.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Task } from '../util/task.js';
import { requireOnRelation, requireTypeUsage } from './access.js';
import type { ColumnDefinition } from './column-definition.js';
import { copyStatistics } from './copy-statistics.js';
import type { DdlContext } from './ddl-context.js';
import { defineIndex } from './define-index.js';
import { openRelation, relationNow } from './relation-names.js';
import { ownedSequences, sequenceParameters } from './sequence.js';
import { storedText } from './stored-expression.js';
import type { CheckConstraint } from './table-constraint.js';

/** Bits of TableLikeClause.options. */
const INCLUDING = {
  comments: 1,
  constraints: 4,
  defaults: 8,
  generated: 16,
  identity: 32,
  indexes: 64,
  statistics: 128,
} as const;

export interface LikeSource {
  readonly relation: RelationDesc;
  readonly options: number;
}

export function* openLike(cx: DdlContext, clause: TableLikeClause): Task<LikeSource> {
  const relation = yield* openRelation(cx, clause.relation ?? {}, 'AccessShareLock');
  if (!['r', 'v', 'm', 'c', 'f', 'p'].includes(relation.kind)) {
    throw sqlError('wrong_object_type', `relation "${relation.name}" is invalid in LIKE clause`);
  }
  if (relation.kind === 'c') requireTypeUsage(cx, relation.rowType);
  else requireOnRelation(cx, relation, PRIVILEGE.SELECT);
  return { relation, options: clause.options ?? 0 };
}

const has = (source: LikeSource, option: keyof typeof INCLUDING): boolean => (source.options & INCLUDING[option]) !== 0;

export function likeColumns(cx: DdlContext, source: LikeSource): ColumnDefinition[] {
  return source.relation.attributes
    .filter((attribute) => !attribute.dropped)
    .map((attribute) => {
      const text = attribute.defaultText;
      const generated = attribute.generated !== '';
      const identity = attribute.identity !== '' && has(source, 'identity');
      return {
        name: attribute.name,
        type: attribute.type,
        typmod: attribute.typmod,
        collation: attribute.collation,
        dimensions: 0,
        notNull: attribute.notNull,
        default: !generated && has(source, 'defaults') ? text : null,
        generated: generated && has(source, 'generated') ? text : null,
        identity: identity
          ? { always: attribute.identity === 'a', options: identityOptions(cx, source.relation.oid, attribute.number) }
          : null,
        serial: false,
        constraints: [],
      };
    });
}

function identityOptions(cx: DdlContext, table: number, attribute: number): Node[] {
  const [sequence] = ownedSequences(cx, table, attribute);
  if (sequence === undefined) return [];
  const { start, increment, min, max, cache, cycle } = sequenceParameters(cx, sequence);
  const options = { start, increment, minvalue: min, maxvalue: max, cache };
  const nodes: Node[] = Object.entries(options).map(([defname, value]) => ({
    DefElem: { defname, arg: { Float: { fval: String(value) } } },
  }));
  nodes.push({ DefElem: { defname: 'cycle', arg: { Boolean: { boolval: cycle } } } });
  return nodes;
}

/** CHECKs of the source, to be made under their own names. */
export function likeChecks(source: LikeSource): CheckConstraint[] {
  if (!has(source, 'constraints')) return [];
  return source.relation.constraints
    .filter((constraint) => constraint.kind === 'c')
    .map((constraint) => ({
      kind: 'c',
      name: constraint.name,
      expression: constraint.checkText ?? 'true',
      noInherit: constraint.noInherit,
      notValid: false,
      deferrable: false,
      deferred: false,
      location: undefined,
    }));
}

/** Indexes (with their constraints, by `addKey`) and comments, once the table exists. */
export function* likeExtras(
  cx: DdlContext,
  table: number,
  source: LikeSource,
  addKey: (
    kind: 'p' | 'u',
    columns: readonly string[],
    including: readonly string[],
    nullsNotDistinct: boolean,
  ) => Task<unknown>,
): Task<void> {
  if (has(source, 'comments')) yield* copyColumnComments(cx, table, source.relation);
  if (has(source, 'statistics')) {
    const to = relationNow(cx, table);
    const sameName = (number: number): number =>
      to.attributes.find(({ name }) => name === source.relation.attributes[number - 1].name)?.number ?? number;
    yield* copyStatistics(cx, source.relation, to, sameName, has(source, 'comments'));
  }
  if (!has(source, 'indexes')) return;
  const { relation } = source;
  const name = (number: number): string => relation.attributes[number - 1].name;
  for (const index of [...relation.indexes].sort((a, b) => a.oid - b.oid)) {
    const included = index.attributes.slice(index.keyColumns).map(name);
    const constraint = relation.constraints.find((candidate) => candidate.oid === index.constraint);
    if (constraint !== undefined && (constraint.kind === 'p' || constraint.kind === 'u')) {
      yield* addKey(constraint.kind, constraint.key.map(name), included, index.nullsNotDistinct);
      continue;
    }
    const { keys, predicate } = indexTexts(cx, relation, index.oid);
    yield* defineIndex(cx, relationNow(cx, table), {
      name: null,
      keys: keys.map((key, i) => ({
        ...key,
        ordering: index.descending[i] ? 'SORTBY_DESC' : 'SORTBY_DEFAULT',
        nulls_ordering: index.nullsFirst[i] ? 'SORTBY_NULLS_FIRST' : 'SORTBY_NULLS_LAST',
      })),
      including: included,
      method: index.method,
      unique: index.unique,
      primary: false,
      nullsNotDistinct: index.nullsNotDistinct,
      immediate: index.immediate,
      predicate,
      options: [],
      forConstraint: false,
    });
  }
}

function indexTexts(cx: DdlContext, relation: RelationDesc, oid: number) {
  const index = relation.indexes.find((candidate) => candidate.oid === oid);
  if (index === undefined) throw new Error(`relation ${relation.oid} has no index ${oid}`);
  const bind = cx.bindContext('');
  const { all, visible } = relationColumns(bind, relation);
  const bound = bindIndexKeys(bind, index, rowScope(relation, visible), all);
  const keys = bound.keys.map((key) =>
    key.kind === 'column' ? { name: key.name } : { expr: parsed(storedText(cx, key)) },
  );
  return { keys, predicate: bound.predicate === null ? null : parsed(storedText(cx, bound.predicate)) };
}

function parsed(text: string): Node {
  const [statement] = parseSql(`SELECT ${text}`);
  const target = 'SelectStmt' in statement.node ? statement.node.SelectStmt.targetList?.[0] : undefined;
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (value === undefined) throw new Error(`"${text}" is not an expression`);
  return value;
}

function* copyColumnComments(cx: DdlContext, table: number, relation: RelationDesc): Task<void> {
  const own = relationNow(cx, table);
  for (const row of cx.writer.find('pg_description_o_c_o_index', [relation.oid])) {
    const number = row.number('objsubid');
    const name = number > 0 ? relation.attributes[number - 1]?.name : undefined;
    const target = own.attributes.find((attribute) => attribute.name === name && !attribute.dropped);
    if (target === undefined) continue;
    yield* setComment(cx.writer, address('pg_class', table, target.number), row.text('description'));
  }
}
