/** ALTER … SET SCHEMA and ALTER … OWNER TO. */
import type { AlterObjectSchemaStmt, AlterOwnerStmt, Node, ObjectWithArgs, RangeVar } from '@pgsql/types';
import { setObjectNamespace, setObjectOwner } from '../catalog/ddl/alter-object.js';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { Task } from '../util/task.js';
import {
  isSuperuser,
  requireCreate,
  requireCreateInDatabase,
  requireGivable,
  requireOwner,
  requireRelationOwner,
} from './access.js';
import { ownDatabase } from './alter-database.js';
import { findCollation, requireFreeCollation } from './collation.js';
import { missingOperator, operatorOid } from './create-operator.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, missingFunction, routineWord } from './function-names.js';
import { schemaOid } from './relation-names.js';
import { editQueries, withReprint } from './reprint.js';
import { roleOid } from './role-names.js';
import { refuseIdentity } from './sequence.js';
import { openOrSkip } from './skipping.js';
import { findStatistics, requireFreeStatistics } from './statistics-object.js';
import { typeByParts } from './type-names.js';

const TAG_WORDS: Readonly<Record<string, string>> = { MATVIEW: 'MATERIALIZED VIEW', 'STATISTIC EXT': 'STATISTICS' };

function tagOf(kind: string | undefined): string {
  const word = (kind ?? 'OBJECT_TABLE').slice('OBJECT_'.length).replaceAll('_', ' ');
  return `ALTER ${TAG_WORDS[word] ?? word}`;
}

export function* alterSchemaStatement(cx: DdlContext, statement: AlterObjectSchemaStmt): Task<string> {
  const tag = tagOf(statement.objectType);
  const target = yield* schemaOid(cx, statement.newschema ?? '');
  const { relation: range } = statement;
  if (range === undefined) {
    const object = otherObject(cx, statement.objectType, statement.object);
    requireCreate(cx, target);
    requireOwner(cx, object.owner, object.what, object.name);
    object.requireFree?.(target);
    yield* withReprint(cx, object.name, () => setObjectNamespace(cx.writer, object.address, target));
    return tag;
  }
  const relation = yield* openOrSkip(cx, range, 'AccessExclusiveLock', statement.missing_ok);
  if (relation === undefined) return tag;
  requireRelationOwner(cx, relation);
  if (relation.kind === 'S') refuseIdentity(cx, relation);
  requireCreate(cx, target);
  const from = cx.view().namespace(relation.namespace)?.name;
  const to = cx.view().namespace(target)?.name;
  yield* withReprint(cx, from ?? '', () => setObjectNamespace(cx.writer, address('pg_class', relation.oid), target));
  yield* editQueries(cx, relation.name, (source: RangeVar) => {
    if (source.relname === relation.name && source.schemaname === from) source.schemaname = to;
  });
  return tag;
}

interface NamedObject {
  readonly address: ObjectAddress;
  readonly name: string;
  readonly owner: number;
  /** Null: it is in none. */
  readonly namespace: number | null;
  /** Its kind in messages. */
  readonly what: string;
  /** Throws when the schema has such an object already. */
  readonly requireFree?: (namespace: number) => void;
}

function otherObject(cx: DdlContext, kind: string | undefined, node: Node | undefined): NamedObject {
  if (node !== undefined && 'ObjectWithArgs' in node) {
    return kind === 'OBJECT_OPERATOR'
      ? namedOperator(cx, node.ObjectWithArgs)
      : namedRoutine(cx, kind, node.ObjectWithArgs);
  }
  if ((kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN') && node !== undefined && 'List' in node) {
    const type = typeByParts(cx, nameParts(node.List.items));
    return { ...type, address: address('pg_type', type.oid), what: 'type' };
  }
  if (kind === 'OBJECT_COLLATION' && node !== undefined && 'List' in node)
    return namedCollation(cx, nameParts(node.List.items));
  if (kind === 'OBJECT_STATISTIC_EXT' && node !== undefined && 'List' in node) {
    const found = findStatistics(cx, nameParts(node.List.items));
    const requireFree = (target: number): void => requireFreeStatistics(cx, found.name, target);
    return { ...found, what: 'statistics object', requireFree };
  }
  if (kind === 'OBJECT_SCHEMA' && node !== undefined && 'String' in node) {
    const name = node.String.sval ?? '';
    const found = cx.view().namespaceByName(name);
    if (found === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
    return { address: address('pg_namespace', found.oid), name, owner: found.owner, namespace: null, what: 'schema' };
  }
  throw notSupported(tagOf(kind));
}

function namedCollation(cx: DdlContext, parts: readonly string[]): NamedObject {
  const { object, row } = findCollation(cx, parts);
  return {
    address: object,
    name: row.text('collname'),
    owner: row.number('collowner'),
    namespace: row.number('collnamespace'),
    what: 'collation',
    requireFree: (target) => requireFreeCollation(cx, row, row.text('collname'), target),
  };
}

function namedOperator(cx: DdlContext, object: ObjectWithArgs): NamedObject {
  const oid = operatorOid(cx, object);
  const row = oid === undefined ? undefined : cx.writer.findOne('pg_operator_oid_index', [oid]);
  if (oid === undefined || row === undefined) throw missingOperator(cx, object);
  return {
    address: address('pg_operator', oid),
    name: row.text('oprname'),
    owner: row.number('oprowner'),
    namespace: row.number('oprnamespace'),
    what: 'operator',
  };
}

function namedRoutine(cx: DdlContext, kind: string | undefined, object: ObjectWithArgs): NamedObject {
  const word = routineWord(kind);
  const found = findFunction(cx, object, word);
  if (found === undefined) throw missingFunction(cx, object, word);
  return { ...found, address: address('pg_proc', found.oid), what: word };
}

export function* alterOwnerStatement(cx: DdlContext, statement: AlterOwnerStmt): Task<string> {
  const role = roleOid(cx, statement.newowner ?? {});
  const { objectType, object: node } = statement;
  if (objectType === 'OBJECT_DATABASE' && node !== undefined && 'String' in node)
    return yield* ownDatabase(cx, node.String.sval ?? '', role);
  const object = otherObject(cx, objectType, node);
  requireGivable(cx, object, role);
  if (object.what === 'schema' && !isSuperuser(cx)) requireCreateInDatabase(cx);
  yield* setObjectOwner(cx.writer, object.address, role);
  return tagOf(statement.objectType);
}
