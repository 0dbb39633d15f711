/** DROP of relations, schemas, types and functions: several at once, IF EXISTS, CASCADE. */
import type { DropStmt, Node, ObjectType } from '@pgsql/types';
import { relationWord } from '../catalog/acl/access-errors.js';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import { dropObjects } from '../catalog/ddl/drop-object.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { CLASS } from '../catalog/known-oids.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { typeNameText } from '../sql/binder/type-name.js';
import type { Task } from '../util/task.js';
import { requireDropper, requireOwner } from './access.js';
import { missingCollation, tryFindCollation } from './collation.js';
import { namedCast } from './create-cast.js';
import { missingOperator, operatorOid } from './create-operator.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, functionSignature, missingFunction } from './function-names.js';
import { lockPatiently } from './patient-lock.js';
import { rangeOfParts, requireUnused, shownName, tryOpenRelation } from './relation-names.js';
import { skipMissing } from './skipping.js';
import { missingStatistics, tryFindStatistics } from './statistics-object.js';
import { droppedTrigger } from './trigger-names.js';
import { findType } from './type-names.js';

interface RelationWords {
  readonly kinds: readonly RelationDesc['kind'][];
  readonly word: string;
  readonly article: string;
  readonly tag: string;
}

const RELATIONS: Partial<Record<ObjectType, RelationWords>> = {
  OBJECT_TABLE: { kinds: ['r', 'p'], word: 'table', article: 'a table', tag: 'DROP TABLE' },
  OBJECT_INDEX: { kinds: ['i', 'I'], word: 'index', article: 'an index', tag: 'DROP INDEX' },
  OBJECT_SEQUENCE: { kinds: ['S'], word: 'sequence', article: 'a sequence', tag: 'DROP SEQUENCE' },
  OBJECT_VIEW: { kinds: ['v'], word: 'view', article: 'a view', tag: 'DROP VIEW' },
  OBJECT_MATVIEW: {
    kinds: ['m'],
    word: 'materialized view',
    article: 'a materialized view',
    tag: 'DROP MATERIALIZED VIEW',
  },
};

const HINTS: Readonly<Record<string, string>> = {
  r: 'Use DROP TABLE to remove a table.',
  p: 'Use DROP TABLE to remove a table.',
  i: 'Use DROP INDEX to remove an index.',
  S: 'Use DROP SEQUENCE to remove a sequence.',
  v: 'Use DROP VIEW to remove a view.',
  m: 'Use DROP MATERIALIZED VIEW to remove a materialized view.',
  c: 'Use DROP TYPE to remove a type.',
};

export function* dropStatement(cx: DdlContext, statement: DropStmt): Task<string> {
  const kind = statement.removeType ?? 'OBJECT_TABLE';
  const missingOk = statement.missing_ok ?? false;
  const words = RELATIONS[kind];
  const objects: ObjectAddress[] = [];
  const isConcurrent = statement.concurrent ?? false;
  if (isConcurrent) checkConcurrent(statement);
  for (const node of statement.objects ?? []) {
    const found =
      words !== undefined
        ? yield* findDropped(cx, node, words, missingOk, isConcurrent)
        : kind === 'OBJECT_TRIGGER'
          ? yield* findDroppedTrigger(cx, node, missingOk)
          : findOther(cx, kind, node, missingOk);
    if (found !== undefined) objects.push(found);
  }
  const cascade = statement.behavior === 'DROP_CASCADE';
  if (objects.length > 0) yield* dropAll(cx, objects, cascade);
  return words?.tag ?? TAGS[kind] ?? 'DROP';
}

/** @throws SqlError 0A000 */
function checkConcurrent({ objects, behavior }: DropStmt): void {
  const what =
    (objects ?? []).length > 1 ? 'dropping multiple objects' : behavior === 'DROP_CASCADE' ? 'CASCADE' : null;
  if (what !== null) throw sqlError('feature_not_supported', `DROP INDEX CONCURRENTLY does not support ${what}`);
}

/** Drops with reports to the client and the log. */
export function* dropAll(cx: DdlContext, objects: readonly ObjectAddress[], cascade: boolean): Task<void> {
  const view = cx.view();
  const tables = new Set<number>();
  yield* dropObjects(cx.writer, view, objects, {
    behavior: cascade ? 'cascade' : 'restrict',
    notice: (message, detail) => cx.notice('NOTICE', message, detail === undefined ? {} : { detail }),
    lock: (found) => lockTargets(cx, found),
    removing: (object) => {
      if (object.classId !== CLASS.pg_class || object.subId !== 0) return;
      const relation = view.relation(object.objectId);
      if (relation !== undefined && relation.kind !== 'v')
        requireUnused(cx, relation, relation.kind === 'i' ? 'DROP INDEX' : 'DROP TABLE');
      tables.add(object.objectId);
    },
  });
  for (const oid of tables) {
    const relation = view.relation(oid);
    if (relation?.kind === 'r') cx.log('dropped table', { table: relation.name, oid });
  }
}

/** Takes the tables for this statement alone. Whether anything has been changed by those that had to be waited for. */
function* lockTargets(cx: DdlContext, objects: readonly ObjectAddress[]): Task<boolean> {
  const before = cx.view().version;
  for (const object of objects) {
    for (const table of tablesOf(cx, object)) yield* cx.transaction.lockTable(table, 'AccessExclusiveLock', 'wait');
  }
  return cx.view().version !== before;
}

/** The relations that change when the object goes. */
function tablesOf(cx: DdlContext, { classId, objectId }: ObjectAddress): readonly number[] {
  const view = cx.view();
  switch (classId) {
    case CLASS.pg_class:
      return [view.index(objectId)?.relation ?? objectId];
    case CLASS.pg_constraint: {
      const constraint = view.constraint(objectId);
      if (constraint === undefined) return [];
      return [constraint.relation, constraint.foreignRelation].filter((oid) => oid !== 0);
    }
    default:
      return [];
  }
}

function* findDropped(
  cx: DdlContext,
  node: Node,
  words: RelationWords,
  missingOk: boolean,
  isConcurrent: boolean,
): Task<ObjectAddress | undefined> {
  const range = rangeOfParts('List' in node ? nameParts(node.List.items) : []);
  if (range.schemaname !== undefined && range.schemaname !== 'pg_temp' && !hasSchema(cx, range.schemaname)) {
    return skipMissing(cx, missingOk, sqlError('invalid_schema_name', `schema "${range.schemaname}" does not exist`));
  }
  const lock = isConcurrent ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
  const relation = yield* tryOpenRelation(cx, range, lock, 'wait', lock);
  if (relation === undefined) {
    const name = missingOk ? (range.relname ?? '') : shownName(range);
    return skipMissing(
      cx,
      missingOk,
      sqlError(
        words.word === 'index' ? 'undefined_object' : 'undefined_table',
        `${words.word} "${name}" does not exist`,
      ),
    );
  }
  if (!words.kinds.includes(relation.kind)) {
    throw sqlError('wrong_object_type', `"${relation.name}" is not ${words.article}`, { hint: HINTS[relation.kind] });
  }
  requireDropper(cx, relation.owner, relation.namespace, relationWord(relation.kind), relation.name);
  if (relation.oid < 16384) {
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  }
  if (isConcurrent)
    for (const oid of [cx.view().index(relation.oid)?.relation ?? relation.oid, relation.oid])
      yield* lockPatiently(cx, oid, 'AccessExclusiveLock');
  return address('pg_class', relation.oid);
}

function* findDroppedTrigger(cx: DdlContext, node: Node, missingOk: boolean): Task<ObjectAddress | undefined> {
  const found = yield* droppedTrigger(cx, node, missingOk);
  return found === undefined ? undefined : address('pg_trigger', found.row.number('oid'));
}

function hasSchema(cx: DdlContext, name: string): boolean {
  return cx.view().namespaceByName(name) !== undefined;
}

const TAGS: Partial<Record<ObjectType, string>> = {
  OBJECT_SCHEMA: 'DROP SCHEMA',
  OBJECT_TYPE: 'DROP TYPE',
  OBJECT_DOMAIN: 'DROP DOMAIN',
  OBJECT_FUNCTION: 'DROP FUNCTION',
  OBJECT_PROCEDURE: 'DROP PROCEDURE',
  OBJECT_ROUTINE: 'DROP ROUTINE',
  OBJECT_AGGREGATE: 'DROP AGGREGATE',
  OBJECT_EXTENSION: 'DROP EXTENSION',
  OBJECT_OPERATOR: 'DROP OPERATOR',
  OBJECT_CAST: 'DROP CAST',
  OBJECT_TRIGGER: 'DROP TRIGGER',
  OBJECT_COLLATION: 'DROP COLLATION',
  OBJECT_STATISTIC_EXT: 'DROP STATISTICS',
};

function findOther(cx: DdlContext, kind: ObjectType, node: Node, missingOk: boolean): ObjectAddress | undefined {
  switch (kind) {
    case 'OBJECT_SCHEMA': {
      const name = 'String' in node ? (node.String.sval ?? '') : '';
      const found = cx.view().namespaceByName(name);
      if (found === undefined) {
        return skipMissing(cx, missingOk, sqlError('invalid_schema_name', `schema "${name}" does not exist`));
      }
      requireOwner(cx, found.owner, 'schema', name);
      refusePinned(found.oid, `schema ${name}`, 2200);
      return address('pg_namespace', found.oid);
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return findDroppedType(cx, node, kind === 'OBJECT_DOMAIN', missingOk);
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      if (!('ObjectWithArgs' in node)) throw notSupported('this form of DROP');
      const word = ROUTINES[kind];
      const found = findFunction(cx, node.ObjectWithArgs, word);
      if (found === undefined)
        return skipMissing(cx, missingOk, missingFunction(cx, node.ObjectWithArgs, word, missingOk));
      if (word === 'function' && found.kind === 'a')
        throw aggregateByFunction(nameParts(node.ObjectWithArgs.objname).join('.'));
      requireDropper(cx, found.owner, found.namespace, word, nameParts(node.ObjectWithArgs.objname).join('.'));
      refusePinned(found.oid, `function ${functionSignature(cx, node.ObjectWithArgs)}`);
      return address('pg_proc', found.oid);
    }
    case 'OBJECT_OPERATOR': {
      if (!('ObjectWithArgs' in node)) throw notSupported('this form of DROP');
      const oid = operatorOid(cx, node.ObjectWithArgs);
      if (oid === undefined) return skipMissing(cx, missingOk, missingOperator(cx, node.ObjectWithArgs, missingOk));
      refusePinned(oid, `operator ${nameParts(node.ObjectWithArgs.objname).join('.')}`);
      return address('pg_operator', oid);
    }
    case 'OBJECT_COLLATION': {
      const parts = nameParts('List' in node ? node.List.items : undefined);
      const found = tryFindCollation(cx, parts);
      if (found === undefined) return skipMissing(cx, missingOk, missingCollation(parts, missingOk));
      const { row, object } = found;
      requireDropper(cx, row.number('collowner'), row.number('collnamespace'), 'collation', row.text('collname'));
      refusePinned(object.objectId, `collation ${cx.exec.types.catalog.regOut('regcollation', object.objectId)}`);
      return object;
    }
    case 'OBJECT_STATISTIC_EXT': {
      const parts = nameParts('List' in node ? node.List.items : undefined);
      const schema = parts.length > 1 ? parts[parts.length - 2] : undefined;
      if (schema !== undefined && schema !== 'pg_temp' && !hasSchema(cx, schema))
        return skipMissing(cx, missingOk, sqlError('invalid_schema_name', `schema "${schema}" does not exist`));
      const found = tryFindStatistics(cx, parts);
      if (found === undefined) return skipMissing(cx, missingOk, missingStatistics(parts));
      requireDropper(cx, found.owner, found.namespace, 'statistics object', parts.join('.'));
      return found.address;
    }
    case 'OBJECT_CAST': {
      const { oid, shown, written } = namedCast(cx, node);
      if (oid === undefined)
        return skipMissing(
          cx,
          missingOk,
          sqlError('undefined_object', `cast ${missingOk ? written : shown} does not exist`),
        );
      refusePinned(oid, `cast ${shown}`);
      return address('pg_cast', oid);
    }
    case 'OBJECT_EXTENSION': {
      const name = 'String' in node ? (node.String.sval ?? '') : '';
      const row = cx.writer.findOne('pg_extension_name_index', [name]);
      if (row !== undefined) {
        requireOwner(cx, row.number('extowner'), 'extension', name);
        return address('pg_extension', row.number('oid'));
      }
      return skipMissing(cx, missingOk, sqlError('undefined_object', `extension "${name}" does not exist`));
    }
    default:
      if (missingOk) return undefined;
      throw notSupported(`DROP ${kind.slice('OBJECT_'.length).replaceAll('_', ' ')}`);
  }
}

const ROUTINES = {
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'aggregate',
} as const;

function aggregateByFunction(name: string): Error {
  const hint = 'Use DROP AGGREGATE to drop aggregate functions.';
  return sqlError('wrong_object_type', `"${name}" is an aggregate function`, { hint });
}

function findDroppedType(cx: DdlContext, node: Node, domain: boolean, missingOk: boolean): ObjectAddress | undefined {
  if (!('TypeName' in node)) throw notSupported('this form of DROP');
  const shown = typeNameText(node.TypeName);
  const found = findType(cx, node.TypeName);
  if (found === undefined) {
    return skipMissing(cx, missingOk, sqlError('undefined_object', `type "${shown}" does not exist`));
  }
  requireDropper(cx, found.owner, found.namespace, 'type', cx.bindContext().formatType(found.oid));
  refusePinned(found.oid, `type ${cx.bindContext().formatType(found.oid)}`);
  if (domain && found.kind !== 'd') throw sqlError('wrong_object_type', `"${shown}" is not a domain`);
  return address('pg_type', found.oid);
}

function refusePinned(oid: number, what: string, allowed = 0): void {
  if (oid >= 16384 || oid === allowed) return;
  throw sqlError('dependent_objects_still_exist', `cannot drop ${what} because it is required by the database system`);
}
