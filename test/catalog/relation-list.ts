/** The system tables and views of a server as its own catalogs tell them, for the comparison with PostgreSQL's. */
import type pg from 'pg';

export const RELATIONS_FILE = 'test/catalog/relations.json';

/** `columns`: name, type with modifier, OID of the type. */
export interface RelationFact {
  readonly name: string;
  readonly oid: number;
  readonly kind: string;
  readonly rowType: number;
  readonly columns: readonly (readonly [name: string, type: string, typeOid: number])[];
}

/** All of pg_catalog and the information_schema, by name. */
export async function relationList(client: pg.Client): Promise<RelationFact[]> {
  const { rows } = await client.query<RelationFact>(`
    SELECT n.nspname || '.' || c.relname AS name, c.oid::int8::int4 AS oid, c.relkind::text AS kind,
      c.reltype::int8::int4 AS "rowType", json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid::int8) ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
    GROUP BY n.nspname, c.relname, c.oid, c.relkind, c.reltype ORDER BY n.nspname, c.relname`);
  return rows;
}
