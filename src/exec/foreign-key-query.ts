/**
 * The queries that a foreign key stands for, as PostgreSQL names them in the context of errors. Nothing runs them: the
 * checks and actions go to rows and indexes directly.
 */
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import type { ExecServices } from './exec-context.js';
import { addContext } from './row-context.js';

export type ForeignKeyQuery = 'check' | 'refuse' | 'delete' | 'set null' | 'set default' | 'set key';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Adds the query to the context of an error that it has met. `relation` is the table that the query is about. */
export function inForeignKeyQuery(
  error: unknown,
  services: ExecServices,
  query: ForeignKeyQuery,
  relation: RelationDesc,
  constraint: ConstraintDesc,
): unknown {
  return addContext(error, `SQL statement "${queryText(services, query, relation, constraint)}"`);
}

function queryText(
  services: ExecServices,
  query: ForeignKeyQuery,
  relation: RelationDesc,
  constraint: ConstraintDesc,
): string {
  const schema = services.catalog.namespace(relation.namespace)?.name ?? '';
  const table = `ONLY ${quoted(schema)}.${quoted(relation.name)}`;
  const numbers = query === 'check' ? constraint.foreignKey : constraint.key;
  const columns = numbers.map((number) => quoted(relation.attributes[number - 1].name));
  const first = query === 'set key' ? columns.length + 1 : 1;
  const equal = (column: string, i: number): string =>
    query === 'check' ? `${column} OPERATOR(pg_catalog.=) $${i + 1}` : `$${i + first} OPERATOR(pg_catalog.=) ${column}`;
  const where = columns.map(equal).join(' AND ');
  const set = (value: (i: number) => string): string =>
    `UPDATE ${table} SET ${columns.map((column, i) => `${column} = ${value(i)}`).join(', ')} WHERE ${where}`;
  switch (query) {
    case 'check':
    case 'refuse':
      return `SELECT 1 FROM ${table} x WHERE ${where} FOR KEY SHARE OF x`;
    case 'delete':
      return `DELETE FROM ${table} WHERE ${where}`;
    case 'set null':
      return set(() => 'NULL');
    case 'set default':
      return set(() => 'DEFAULT');
    case 'set key':
      return set((i) => `$${i + 1}`);
  }
}
