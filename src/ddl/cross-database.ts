/** A statement of DDL names things of its own database only. Looked at before it is run, wherever in its tree names stand. */
import type { Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { DdlContext } from './ddl-context.js';
import { positionOf } from './relation-names.js';
import { walkSyntax } from './syntax-walk.js';

/** Fields with qualified names of functions and types. */
const NAME_FIELDS = ['funcname', 'names', 'objname', 'typeName', 'domainname', 'defnames'] as const;
const RELATION_KINDS: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_INDEX',
  'OBJECT_SEQUENCE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
]);

/** @throws SqlError 0A000 */
export function refuseOtherDatabases(cx: DdlContext, node: Node): void {
  const database = cx.exec.session.database;
  const isOther = (parts: readonly string[]): boolean => parts.length === 3 && parts[0] !== database;
  const refuse = (name: string, position?: number): never => {
    throw sqlError('feature_not_supported', `cross-database references are not implemented: ${name}`).at(position);
  };
  walkSyntax(node, (kind, body) => {
    if ('catalogname' in body && 'relname' in body) {
      const schema = 'schemaname' in body ? String(body.schemaname) : '';
      const parts = [String(body.catalogname), schema, String(body.relname)];
      const location = 'location' in body && typeof body.location === 'number' ? body.location : undefined;
      if (isOther(parts)) refuse(`"${parts.join('.')}"`, isPlaced(node, kind) ? positionOf(cx, location) : undefined);
    }
    // Of a column, whose name has as many parts.
    const isColumn = 'pct_type' in body && body.pct_type === true;
    for (const field of isColumn ? [] : NAME_FIELDS) {
      const list: unknown = field in body ? Reflect.get(body, field) : undefined;
      if (!Array.isArray(list)) continue;
      const parts = nameParts(list);
      if (isOther(parts)) refuse(parts.join('.'));
    }
    if (kind === 'DropStmt' || kind === 'CommentStmt') refuseListed(body, isOther, refuse);
  });
}

/** Whether PostgreSQL says where the name is. */
function isPlaced(node: Node, kind: string): boolean {
  return 'CreateStmt' in node || ('CreateTableAsStmt' in node && kind !== 'rel');
}

/** Names of dropped and commented relations are plain lists. */
function refuseListed(
  body: object,
  isOther: (parts: readonly string[]) => boolean,
  refuse: (name: string) => never,
): void {
  const type: unknown = 'removeType' in body ? body.removeType : 'objtype' in body ? body.objtype : undefined;
  if (typeof type !== 'string' || !RELATION_KINDS.has(type)) return;
  const objects: unknown = 'objects' in body ? body.objects : 'object' in body ? [body.object] : [];
  walkSyntax(objects, (kind, list) => {
    const parts = kind === 'List' && 'items' in list && Array.isArray(list.items) ? nameParts(list.items) : [];
    if (isOther(parts)) refuse(`"${parts.join('.')}"`);
  });
}
