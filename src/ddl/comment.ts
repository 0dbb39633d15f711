/** COMMENT ON. */
import type { CommentStmt, Node } from '@pgsql/types';
import { setComment } from '../catalog/ddl/comments.js';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import { CLASS } from '../catalog/known-oids.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { typeNameText } from '../sql/binder/type-name.js';
import type { Task } from '../util/task.js';
import { requireOwner, requireRelationOwner, requireTypeOwner } from './access.js';
import { columnOf } from './alter-column.js';
import { findCollation } from './collation.js';
import { namedCast } from './create-cast.js';
import { missingOperator, operatorOid } from './create-operator.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, functionSignature } from './function-names.js';
import { openRelation, rangeOfParts } from './relation-names.js';
import { ownStatistics } from './statistics-object.js';
import { namedTrigger } from './trigger-names.js';
import { findType, typeByParts } from './type-names.js';

export function* commentStatement(cx: DdlContext, statement: CommentStmt): Task<string> {
  const object = yield* findObject(cx, statement);
  yield* setComment(cx.writer, object, statement.comment ?? null);
  return 'COMMENT';
}

function partsOf(node: Node | undefined): string[] {
  if (node === undefined) return [];
  if ('List' in node) return nameParts(node.List.items);
  return 'String' in node ? [node.String.sval ?? ''] : [];
}

const KINDS: Readonly<Record<string, readonly [kinds: string, article: string]>> = {
  OBJECT_TABLE: ['rp', 'a table'],
  OBJECT_INDEX: ['iI', 'an index'],
  OBJECT_SEQUENCE: ['S', 'a sequence'],
  OBJECT_VIEW: ['v', 'a view'],
  OBJECT_MATVIEW: ['m', 'a materialized view'],
};

function* findObject(cx: DdlContext, statement: CommentStmt): Task<ObjectAddress> {
  const kind = statement.objtype ?? 'OBJECT_TABLE';
  const parts = partsOf(statement.object);
  const words = KINDS[kind];
  if (words !== undefined) {
    const relation = yield* openRelation(cx, rangeOfParts(parts), 'ShareUpdateExclusiveLock');
    if (!words[0].includes(relation.kind)) throw sqlError('wrong_object_type', `"${relation.name}" is not ${words[1]}`);
    requireRelationOwner(cx, relation);
    return address('pg_class', relation.oid);
  }
  switch (kind) {
    case 'OBJECT_COLUMN': {
      const relation = yield* openRelation(cx, rangeOfParts(parts.slice(0, -1)), 'ShareUpdateExclusiveLock');
      requireOwner(cx, relation.owner, 'relation', relation.name);
      return address('pg_class', relation.oid, columnOf(relation, parts[parts.length - 1]).number);
    }
    case 'OBJECT_TABCONSTRAINT': {
      const relation = yield* openRelation(cx, rangeOfParts(parts.slice(0, -1)), 'AccessShareLock');
      requireOwner(cx, relation.owner, 'relation', relation.name);
      const name = parts[parts.length - 1];
      const found = relation.constraints.find((constraint) => constraint.name === name);
      if (found !== undefined) return address('pg_constraint', found.oid);
      throw sqlError('undefined_object', `constraint "${name}" for table "${relation.name}" does not exist`);
    }
    case 'OBJECT_TRIGGER': {
      const { row } = yield* namedTrigger(cx, parts, 'ShareUpdateExclusiveLock');
      return address('pg_trigger', row.number('oid'));
    }
    default:
      return findOther(cx, kind, statement.object, parts);
  }
}

function findOther(cx: DdlContext, kind: string, node: Node | undefined, parts: readonly string[]): ObjectAddress {
  const view = cx.view();
  const name = parts[0] ?? '';
  switch (kind) {
    case 'OBJECT_SCHEMA': {
      const found = view.namespaceByName(name);
      if (found !== undefined) {
        requireOwner(cx, found.owner, 'schema', name);
        return address('pg_namespace', found.oid);
      }
      throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
    }
    case 'OBJECT_DATABASE': {
      const found = cx.writer.findOne('pg_database_datname_index', [name]);
      if (found !== undefined) {
        requireOwner(cx, found.number('datdba'), 'database', name);
        return address('pg_database', found.number('oid'));
      }
      throw sqlError('undefined_database', `database "${name}" does not exist`);
    }
    case 'OBJECT_ROLE': {
      const found = view.roleByName(name);
      if (found !== undefined) return address('pg_authid', found.oid);
      throw sqlError('undefined_object', `role "${name}" does not exist`);
    }
    case 'OBJECT_EXTENSION': {
      const found = cx.writer.findOne('pg_extension_name_index', [name]);
      if (found !== undefined) return { classId: CLASS.pg_extension, objectId: found.number('oid'), subId: 0 };
      throw sqlError('undefined_object', `extension "${name}" does not exist`);
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      if (node === undefined || !('TypeName' in node)) return address('pg_type', typeByParts(cx, parts).oid);
      const found = findType(cx, node.TypeName);
      if (found !== undefined) {
        requireTypeOwner(cx, found);
        return address('pg_type', found.oid);
      }
      throw sqlError('undefined_object', `type "${typeNameText(node.TypeName)}" does not exist`);
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_AGGREGATE': {
      const object = node !== undefined && 'ObjectWithArgs' in node ? node.ObjectWithArgs : {};
      const found = findFunction(cx, object, kind === 'OBJECT_AGGREGATE' ? 'aggregate' : 'function');
      if (found !== undefined) {
        requireOwner(cx, found.owner, 'function', nameParts(object.objname).join('.'));
        return address('pg_proc', found.oid);
      }
      throw sqlError('undefined_function', `function ${functionSignature(cx, object)} does not exist`);
    }
    case 'OBJECT_OPERATOR': {
      const object = node !== undefined && 'ObjectWithArgs' in node ? node.ObjectWithArgs : {};
      const oid = operatorOid(cx, object);
      if (oid === undefined) throw missingOperator(cx, object);
      return address('pg_operator', oid);
    }
    case 'OBJECT_COLLATION': {
      const { object, row } = findCollation(cx, parts);
      requireOwner(cx, row.number('collowner'), 'collation', row.text('collname'));
      return object;
    }
    case 'OBJECT_STATISTIC_EXT':
      return ownStatistics(cx, node).address;
    case 'OBJECT_CAST': {
      const { oid, shown } = namedCast(cx, node ?? { List: {} });
      if (oid === undefined) throw sqlError('undefined_object', `cast ${shown} does not exist`);
      return address('pg_cast', oid);
    }
    default:
      throw notSupported(`COMMENT ON ${kind.slice('OBJECT_'.length).replaceAll('_', ' ')}`);
  }
}
