/** CREATE SCHEMA, with the statements inside it. */
import type { CreateSchemaStmt, Node } from '@pgsql/types';
import { createNamespace } from '../catalog/ddl/create-namespace.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { requireCreateInDatabase, requireMember } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { roleOid } from './role-names.js';
import { skipExisting } from './skipping.js';
import { rangesOf } from './stored-query.js';

/** `run` executes the statements inside. */
export function* createSchemaStatement(
  cx: DdlContext,
  statement: CreateSchemaStmt,
  run: (node: Node) => Task<unknown>,
): Task<string> {
  const owner = statement.authrole === undefined ? cx.role : roleOid(cx, statement.authrole);
  const name = statement.schemaname ?? cx.view().role(owner)?.name ?? '';
  requireCreateInDatabase(cx);
  requireMember(cx, owner);
  if (name.startsWith('pg_')) {
    throw sqlError('reserved_name', `unacceptable schema name "${name}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  if (statement.if_not_exists && cx.view().namespaceByName(name) !== undefined) {
    skipExisting(cx, true, sqlError('duplicate_schema', `schema "${name}" already exists`));
    return 'CREATE SCHEMA';
  }
  yield* createNamespace(cx.writer, name, owner);
  const oid = cx.view().namespaceByName(name)?.oid ?? 0;
  for (const node of statement.schemaElts ?? []) yield* run(placed(within(cx, node, name, oid), name));
  return 'CREATE SCHEMA';
}

/** Names in a statement inside CREATE SCHEMA mean first of all what the new schema has. */
function within(cx: DdlContext, node: Node, schema: string, oid: number): Node {
  const copy = structuredClone(node);
  for (const range of rangesOf(copy)) {
    if (range.schemaname !== undefined) continue;
    if (cx.writer.findOne('pg_class_relname_nsp_index', [range.relname ?? '', oid]) !== undefined) {
      range.schemaname = schema;
    }
  }
  return copy;
}

/** The statement with its object in the new schema. */
function placed(node: Node, schema: string): Node {
  const into = <T extends { schemaname?: string } | undefined>(range: T): T => {
    if (range === undefined) return range;
    if (range.schemaname !== undefined && range.schemaname !== schema) {
      throw sqlError(
        'invalid_schema_definition',
        `CREATE specifies a schema (${range.schemaname}) different from the one being created (${schema})`,
      );
    }
    return { ...range, schemaname: schema };
  };
  if ('CreateStmt' in node) return { CreateStmt: { ...node.CreateStmt, relation: into(node.CreateStmt.relation) } };
  if ('ViewStmt' in node) return { ViewStmt: { ...node.ViewStmt, view: into(node.ViewStmt.view) } };
  if ('IndexStmt' in node) return { IndexStmt: { ...node.IndexStmt, relation: into(node.IndexStmt.relation) } };
  if ('CreateSeqStmt' in node) {
    return { CreateSeqStmt: { ...node.CreateSeqStmt, sequence: into(node.CreateSeqStmt.sequence) } };
  }
  if ('CreateTrigStmt' in node) {
    return { CreateTrigStmt: { ...node.CreateTrigStmt, relation: into(node.CreateTrigStmt.relation) } };
  }
  return node;
}
