/** ALTER … RENAME: objects, columns, constraints, enum values are elsewhere. Stored texts follow. */
import type { RangeVar, RenameStmt } from '@pgsql/types';
import { renameObject } from '../catalog/ddl/alter-object.js';
import { findFunction as findProc } from '../catalog/ddl/create-function.js';
import { findTrigger } from '../catalog/ddl/create-trigger.js';
import { address } from '../catalog/ddl/dependencies.js';
import { alterRole, renameRole } from '../catalog/ddl/roles.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { CLASS } from '../catalog/known-oids.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { Task } from '../util/task.js';
import { requireCreateInDatabase, requireOwner, requireRelationOwner, requireTypeOwner } from './access.js';
import { renameDatabase } from './alter-database.js';
import { findCollation, requireFreeCollation } from './collation.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, missingFunction, routineWord } from './function-names.js';
import { refuseSystemRelation, relationNow } from './relation-names.js';
import { editQueries, withReprint } from './reprint.js';
import { requireRenamer } from './role-rights.js';
import { openOrSkip } from './skipping.js';
import { ownStatistics, requireFreeStatistics } from './statistics-object.js';
import { namedTrigger } from './trigger-names.js';
import { typeByParts } from './type-names.js';

const TAGS: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'ALTER TABLE',
  OBJECT_INDEX: 'ALTER INDEX',
  OBJECT_SEQUENCE: 'ALTER SEQUENCE',
  OBJECT_VIEW: 'ALTER VIEW',
  OBJECT_MATVIEW: 'ALTER MATERIALIZED VIEW',
  OBJECT_SCHEMA: 'ALTER SCHEMA',
  OBJECT_TYPE: 'ALTER TYPE',
  OBJECT_DOMAIN: 'ALTER DOMAIN',
  OBJECT_FUNCTION: 'ALTER FUNCTION',
  OBJECT_PROCEDURE: 'ALTER PROCEDURE',
  OBJECT_AGGREGATE: 'ALTER AGGREGATE',
  OBJECT_ROUTINE: 'ALTER ROUTINE',
  OBJECT_ROLE: 'ALTER ROLE',
  OBJECT_ATTRIBUTE: 'ALTER TYPE',
};

export function* renameStatement(cx: DdlContext, statement: RenameStmt): Task<string> {
  const kind = statement.renameType ?? 'OBJECT_TABLE';
  const to = statement.newname ?? '';
  switch (kind) {
    case 'OBJECT_TABLE':
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      yield* renameRelation(cx, statement, to);
      return TAGS[kind];
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE':
      yield* renameColumn(cx, statement, to);
      return TAGS[statement.relationType ?? 'OBJECT_TABLE'] ?? 'ALTER TABLE';
    case 'OBJECT_TRIGGER':
      yield* renameTrigger(cx, statement, to);
      return 'ALTER TRIGGER';
    case 'OBJECT_TABCONSTRAINT':
      yield* renameConstraint(cx, statement, to);
      return 'ALTER TABLE';
    case 'OBJECT_DOMCONSTRAINT':
      yield* renameDomainConstraint(cx, statement, to);
      return 'ALTER DOMAIN';
    case 'OBJECT_SCHEMA':
      yield* renameSchema(cx, statement.subname ?? '', to);
      return TAGS[kind];
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      yield* renameType(cx, statement, to);
      return TAGS[kind];
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_AGGREGATE':
    case 'OBJECT_ROUTINE':
      yield* renameRoutine(cx, statement, to);
      return TAGS[kind];
    case 'OBJECT_COLLATION': {
      const node = statement.object;
      const { row, object } = findCollation(cx, nameParts(node !== undefined && 'List' in node ? node.List.items : []));
      requireOwner(cx, row.number('collowner'), 'collation', row.text('collname'));
      requireFreeCollation(cx, row, to, row.number('collnamespace'));
      yield* withReprint(cx, row.text('collname'), () => renameObject(cx.writer, object, to));
      return 'ALTER COLLATION';
    }
    case 'OBJECT_STATISTIC_EXT': {
      const { address: object, namespace } = ownStatistics(cx, statement.object);
      requireFreeStatistics(cx, to, namespace);
      yield* renameObject(cx.writer, object, to);
      return 'ALTER STATISTICS';
    }
    case 'OBJECT_DATABASE':
      return yield* renameDatabase(cx, statement.subname ?? '', to);
    case 'OBJECT_ROLE': {
      const role = cx.view().roleByName(statement.subname ?? '');
      if (role === undefined) throw sqlError('undefined_object', `role "${statement.subname}" does not exist`);
      if (role.name === cx.exec.session.sessionUser)
        throw sqlError('feature_not_supported', 'session user cannot be renamed');
      if (role.oid === cx.role) throw sqlError('feature_not_supported', 'current user cannot be renamed');
      requireRenamer(cx, role);
      yield* renameRole(cx.writer, role.oid, to);
      if (role.password?.startsWith('md5') === true) {
        yield* alterRole(cx.writer, role.oid, { password: null });
        cx.notice('NOTICE', 'MD5 password cleared because of role rename');
      }
      return TAGS[kind];
    }
    default:
      throw notSupported(`ALTER ${kind.slice('OBJECT_'.length)} RENAME`);
  }
}

function* renameTrigger(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const { schemaname, relname = '' } = statement.relation ?? {};
  const parts = [...(schemaname === undefined ? [] : [schemaname]), relname, statement.subname ?? ''];
  const { relation, row } = yield* namedTrigger(cx, parts, 'AccessExclusiveLock');
  if (findTrigger(cx.writer, relation.oid, to) !== undefined)
    throw sqlError('duplicate_object', `trigger "${to}" for relation "${relation.name}" already exists`);
  yield* renameObject(cx.writer, address('pg_trigger', row.number('oid')), to);
}

function* renameRoutine(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const { object: node } = statement;
  const object = node !== undefined && 'ObjectWithArgs' in node ? node.ObjectWithArgs : {};
  const word = routineWord(statement.renameType);
  const found = findFunction(cx, object, word);
  if (found === undefined) throw missingFunction(cx, object, word);
  requireOwner(cx, found.owner, word === 'routine' ? 'function' : word, found.name);
  const taken = findProc(cx.writer, to, found.argTypes, found.namespace);
  if (taken !== undefined) {
    const bind = cx.bindContext();
    const types = found.argTypes.map((type) => bind.formatType(type)).join(', ');
    const schema = cx.view().namespace(found.namespace)?.name ?? '';
    throw sqlError('duplicate_function', `function ${to}(${types}) already exists in schema "${schema}"`);
  }
  yield* withReprint(cx, found.name, () => renameObject(cx.writer, address('pg_proc', found.oid), to));
}

/** Undefined (after a notice) when it does not exist and IF EXISTS was given. */
function* openRenamed(cx: DdlContext, statement: RenameStmt): Task<RelationDesc | undefined> {
  const mode = statement.renameType === 'OBJECT_INDEX' ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
  const relation = yield* openOrSkip(cx, statement.relation ?? {}, mode, statement.missing_ok);
  if (relation !== undefined) {
    requireRelationOwner(cx, relation);
    refuseSystemRelation(relation);
  }
  return relation;
}

function* renameRelation(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const relation = yield* openRenamed(cx, statement);
  if (relation === undefined) return;
  const wanted: Readonly<Record<string, readonly [string, string]>> = {
    OBJECT_INDEX: ['i', 'an index'],
    OBJECT_SEQUENCE: ['S', 'a sequence'],
    OBJECT_VIEW: ['v', 'a view'],
    OBJECT_MATVIEW: ['m', 'a materialized view'],
  };
  const kind = wanted[statement.renameType ?? ''];
  if (kind !== undefined && relation.kind !== kind[0] && statement.renameType !== 'OBJECT_INDEX') {
    throw sqlError('wrong_object_type', `"${relation.name}" is not ${kind[1]}`);
  }
  if (relation.kind === 'c')
    throw sqlError('wrong_object_type', `"${relation.name}" is a composite type`, { hint: 'Use ALTER TYPE instead.' });
  const schema = cx.view().namespace(relation.namespace)?.name;
  yield* withReprint(cx, relation.name, () => renameObject(cx.writer, address('pg_class', relation.oid), to));
  yield* editQueries(cx, relation.name, (range) => {
    if (range.relname !== relation.name || range.schemaname !== schema) return;
    keepAlias(range);
    range.relname = to;
  });
}

/** A table reference without alias goes on under the name that the query knows. */
function keepAlias(range: RangeVar): void {
  range.alias ??= { aliasname: range.relname };
}

function* renameColumn(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const relation = yield* openRenamed(cx, statement);
  if (relation === undefined) return;
  const from = statement.subname ?? '';
  const attribute = relation.attributes.find(({ name, dropped }) => name === from && !dropped);
  if (attribute === undefined) throw sqlError('undefined_column', `column "${from}" does not exist`);
  if (relation.kind === 'i' || relation.kind === 'S') {
    throw sqlError('wrong_object_type', `cannot rename columns of relation "${relation.name}"`);
  }
  if (['ctid', 'xmin', 'cmin', 'xmax', 'cmax', 'tableoid'].includes(to)) {
    throw sqlError('duplicate_column', `column name "${to}" conflicts with a system column name`);
  }
  const before = relation.attributes.filter(({ dropped }) => !dropped).map(({ name }) => name);
  yield* withReprint(cx, from, () => renameObject(cx.writer, address('pg_class', relation.oid, attribute.number), to));
  yield* renameIndexColumns(cx, relation, attribute.number, to);
  const schema = cx.view().namespace(relation.namespace)?.name;
  yield* editQueries(cx, relation.name, (range) => {
    if (range.relname !== relation.name || range.schemaname !== schema) return;
    keepAlias(range);
    // Queries keep the names that they were written with.
    const known = nameParts(range.alias?.colnames);
    const names = before.map((name, i) => known[i] ?? name);
    range.alias = { ...range.alias, colnames: names.map((sval) => ({ String: { sval } })) };
  });
}

function* renameIndexColumns(cx: DdlContext, relation: RelationDesc, number: number, to: string): Task<void> {
  for (const index of relation.indexes) {
    const position = index.attributes.indexOf(number);
    if (position < 0) continue;
    const taken = cx.writer.findOne('pg_attribute_relid_attnam_index', [index.oid, to]);
    if (taken === undefined) yield* renameObject(cx.writer, address('pg_class', index.oid, position + 1), to);
  }
}

function* renameConstraint(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const relation = yield* openRenamed(cx, statement);
  if (relation === undefined) return;
  const found = relation.constraints.find((constraint) => constraint.name === statement.subname);
  if (found === undefined) {
    throw sqlError('undefined_object', `constraint "${statement.subname}" for table "${relation.name}" does not exist`);
  }
  yield* renameObject(cx.writer, address('pg_constraint', found.oid), to);
}

function* renameDomainConstraint(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const parts =
    statement.object !== undefined && 'List' in statement.object ? nameParts(statement.object.List.items) : [];
  const domain = typeByParts(cx, parts);
  requireTypeOwner(cx, domain);
  const row = cx.writer.findOne('pg_constraint_conrelid_contypid_conname_index', [
    0,
    domain.oid,
    statement.subname ?? '',
  ]);
  if (row === undefined) {
    throw sqlError('undefined_object', `constraint "${statement.subname}" for domain ${domain.name} does not exist`);
  }
  yield* renameObject(cx.writer, { classId: CLASS.pg_constraint, objectId: row.number('oid'), subId: 0 }, to);
}

function* renameSchema(cx: DdlContext, from: string, to: string): Task<void> {
  const found = cx.view().namespaceByName(from);
  if (found === undefined) throw sqlError('invalid_schema_name', `schema "${from}" does not exist`);
  requireOwner(cx, found.owner, 'schema', from);
  requireCreateInDatabase(cx);
  if (to.startsWith('pg_')) {
    throw sqlError('reserved_name', `unacceptable schema name "${to}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  yield* withReprint(cx, from, () => renameObject(cx.writer, address('pg_namespace', found.oid), to));
  const move = (range: RangeVar): void => {
    if (range.schemaname === from) range.schemaname = to;
  };
  yield* editQueries(cx, from, move, { from, to });
}

function* renameType(cx: DdlContext, statement: RenameStmt, to: string): Task<void> {
  const parts =
    statement.object !== undefined && 'List' in statement.object ? nameParts(statement.object.List.items) : [];
  const type = typeByParts(cx, parts);
  requireTypeOwner(cx, type);
  if (type.kind === 'c' && cx.view().relation(type.relation)?.kind !== 'c') {
    const { name } = relationNow(cx, type.relation);
    throw sqlError('wrong_object_type', `${name} is a table's row type`, { hint: 'Use ALTER TABLE instead.' });
  }
  yield* withReprint(cx, type.name, () => renameObject(cx.writer, address('pg_type', type.oid), to));
}
