/** The objects that GRANT and REVOKE name, or all of a kind in some schemas. */
import type { GrantStmt, Node, ObjectType } from '@pgsql/types';
import type { AclKind } from '../catalog/acl/privileges.js';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { sqlError } from '../errors/sql-error.js';
import type { ConditionName } from '../errors/sqlstate.js';
import { nameParts } from '../sql/binder/ast.js';
import { typeNameText } from '../sql/binder/type-name.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, missingFunction, routineWord } from './function-names.js';
import { parameterAcl } from './parameter-acl.js';
import { findRelation, missingRelation } from './relation-names.js';
import { findType } from './type-names.js';

/** What messages call an object of the statement's kind, and the kind of its privileges. */
export const GRANTED_KINDS: Partial<Record<ObjectType, { readonly kind: AclKind; readonly word: string }>> = {
  OBJECT_TABLE: { kind: 'r', word: 'relation' },
  OBJECT_SEQUENCE: { kind: 's', word: 'sequence' },
  OBJECT_DATABASE: { kind: 'd', word: 'database' },
  OBJECT_DOMAIN: { kind: 'T', word: 'domain' },
  OBJECT_FUNCTION: { kind: 'f', word: 'function' },
  OBJECT_PROCEDURE: { kind: 'f', word: 'procedure' },
  OBJECT_ROUTINE: { kind: 'f', word: 'routine' },
  OBJECT_LANGUAGE: { kind: 'l', word: 'language' },
  OBJECT_LARGEOBJECT: { kind: 'L', word: 'large object' },
  OBJECT_SCHEMA: { kind: 'n', word: 'schema' },
  OBJECT_TABLESPACE: { kind: 't', word: 'tablespace' },
  OBJECT_TYPE: { kind: 'T', word: 'type' },
  OBJECT_FDW: { kind: 'F', word: 'foreign-data wrapper' },
  OBJECT_FOREIGN_SERVER: { kind: 'S', word: 'foreign server' },
  OBJECT_PARAMETER_ACL: { kind: 'p', word: 'parameter' },
};

/** OIDs in the order of the statement. @throws SqlError for names that mean nothing */
export function* grantedObjects(cx: DdlContext, statement: GrantStmt): Task<number[]> {
  const kind = statement.objtype ?? 'OBJECT_TABLE';
  const nodes = statement.objects ?? [];
  if (statement.targtype === 'ACL_TARGET_ALL_IN_SCHEMA') return nodes.flatMap((node) => allInSchema(cx, kind, node));
  if (kind !== 'OBJECT_PARAMETER_ACL') return nodes.map((node) => oneObject(cx, kind, node));
  const parameters: number[] = [];
  for (const node of nodes) {
    const oid = yield* parameterAcl(cx, text(node).toLowerCase(), statement.is_grant ?? false);
    if (oid !== 0) parameters.push(oid);
  }
  return parameters;
}

function text(node: Node): string {
  if ('String' in node) return node.String.sval ?? '';
  if ('Integer' in node) return String(node.Integer.ival ?? 0);
  if ('Float' in node) return node.Float.fval ?? '';
  return '';
}

function oneObject(cx: DdlContext, kind: ObjectType, node: Node): number {
  if ('RangeVar' in node) {
    const relation = findRelation(cx, node.RangeVar);
    if (relation === undefined) throw missingRelation(cx, { ...node.RangeVar, location: undefined });
    return relation.oid;
  }
  if ('ObjectWithArgs' in node) {
    const word = routineWord(kind);
    const found = findFunction(cx, node.ObjectWithArgs, word);
    if (found !== undefined) return found.oid;
    throw missingFunction(cx, node.ObjectWithArgs, word);
  }
  if (kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN') return oneType(cx, node);
  return namedObject(cx, kind, text(node));
}

function oneType(cx: DdlContext, node: Node): number {
  const name = 'List' in node ? { names: node.List.items } : 'TypeName' in node ? node.TypeName : {};
  const found = findType(cx, name);
  if (found !== undefined) return found.oid;
  throw sqlError('undefined_object', `type "${typeNameText(name)}" does not exist`);
}

const BY_NAME: Partial<Record<ObjectType, readonly [index: string, condition: ConditionName]>> = {
  OBJECT_SCHEMA: ['pg_namespace_nspname_index', 'invalid_schema_name'],
  OBJECT_DATABASE: ['pg_database_datname_index', 'undefined_database'],
  OBJECT_LANGUAGE: ['pg_language_name_index', 'undefined_object'],
  OBJECT_TABLESPACE: ['pg_tablespace_spcname_index', 'undefined_object'],
  OBJECT_FDW: ['pg_foreign_data_wrapper_name_index', 'undefined_object'],
  OBJECT_FOREIGN_SERVER: ['pg_foreign_server_name_index', 'undefined_object'],
};

function namedObject(cx: DdlContext, kind: ObjectType, name: string): number {
  const word = kind === 'OBJECT_FOREIGN_SERVER' ? 'server' : (GRANTED_KINDS[kind]?.word ?? 'object');
  if (kind === 'OBJECT_LARGEOBJECT') {
    const found = cx.writer.findOne('pg_largeobject_metadata_oid_index', [Number(name)]);
    if (found !== undefined) return found.number('oid');
    throw sqlError('undefined_object', `large object ${name} does not exist`);
  }
  const place = BY_NAME[kind];
  const found = place === undefined ? undefined : cx.writer.findOne(place[0], [name]);
  if (found !== undefined) return found.number('oid');
  throw sqlError(place?.[1] ?? 'undefined_object', `${word} "${name}" does not exist`);
}

/** Letters of relkind and prokind that ALL … IN SCHEMA means. */
const IN_SCHEMA: Partial<Record<ObjectType, string>> = {
  OBJECT_TABLE: 'rvmfp',
  OBJECT_SEQUENCE: 'S',
  OBJECT_FUNCTION: 'faw',
  OBJECT_PROCEDURE: 'p',
  OBJECT_ROUTINE: 'fawp',
};

function allInSchema(cx: DdlContext, kind: ObjectType, node: Node): number[] {
  const schema = namedObject(cx, 'OBJECT_SCHEMA', nameParts([node])[0] ?? '');
  const letters = IN_SCHEMA[kind] ?? '';
  const isRelation = kind === 'OBJECT_TABLE' || kind === 'OBJECT_SEQUENCE';
  const [table, namespace, column] = isRelation
    ? ['pg_class', 'relnamespace', 'relkind']
    : ['pg_proc', 'pronamespace', 'prokind'];
  const isOne = (row: CatalogEntry): boolean => row.number(namespace) === schema && letters.includes(row.text(column));
  return cx.writer
    .scan(table)
    .filter(isOne)
    .map((row) => row.number('oid'));
}
