/**
 * information_schema: constraints and what they use.
 */
import { CATALOG, relationPrivileges, yesNo } from './information-parts.js';
import { informationView } from './system-view.js';

const TABLE_PRIVILEGES = relationPrivileges(
  'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER',
  'INSERT, UPDATE, REFERENCES',
);
const CONSTRAINT = {
  constraint_catalog: CATALOG,
  constraint_schema: 'nc.nspname',
  constraint_name: 'k.conname',
};
const TABLE = { table_catalog: CATALOG, table_schema: 'n.nspname', table_name: 'c.relname' };
const OF_TABLES = `FROM pg_constraint k JOIN pg_namespace nc ON nc.oid = k.connamespace
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** A NOT NULL column counts as a CHECK constraint, under a name made of OIDs. */
const NOT_NULL_NAME = "n.oid::text || '_' || c.oid::text || '_' || a.attnum::text || '_not_null'";
const NOT_NULLS = `FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
  JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')`;

export const INFORMATION_CONSTRAINT_VIEWS = [
  informationView(
    'table_constraints',
    {
      constraint_catalog: CATALOG,
      constraint_schema: 'q.constraint_schema',
      constraint_name: 'q.name',
      table_catalog: CATALOG,
      table_schema: 'q.table_schema',
      table_name: 'q.table_name',
      constraint_type: 'q.kind',
      is_deferrable: yesNo('q.condeferrable'),
      initially_deferred: yesNo('q.condeferred'),
      enforced: "'YES'",
      nulls_distinct: 'q.nulls_distinct',
    },
    `FROM (
      SELECT nc.nspname AS constraint_schema, k.conname::text AS name, n.nspname AS table_schema, c.relname AS table_name,
        CASE k.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END AS kind,
        k.condeferrable, k.condeferred, CASE WHEN k.contype = 'u' THEN (SELECT ${yesNo('NOT x.indnullsnotdistinct')}
          FROM pg_index x WHERE x.indexrelid = k.conindid) END AS nulls_distinct
      ${OF_TABLES} WHERE k.contype NOT IN ('t', 'x') AND c.relkind IN ('r', 'p') AND NOT pg_is_other_temp_schema(n.oid)
        AND ${TABLE_PRIVILEGES}
      UNION ALL
      SELECT n.nspname, ${NOT_NULL_NAME}, n.nspname, c.relname, 'CHECK', false, false, NULL
      ${NOT_NULLS} AND NOT pg_is_other_temp_schema(n.oid) AND ${TABLE_PRIVILEGES}) q`,
  ),
  informationView(
    'check_constraints',
    {
      constraint_catalog: CATALOG,
      constraint_schema: 'q.constraint_schema',
      constraint_name: 'q.name',
      check_clause: 'q.clause',
    },
    `FROM (
      SELECT nc.nspname AS constraint_schema, k.conname::text AS name, substring(pg_get_constraintdef(k.oid) FROM 7) AS clause
      FROM pg_constraint k LEFT JOIN pg_namespace nc ON nc.oid = k.connamespace
      LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
      WHERE k.contype = 'c' AND pg_has_role(COALESCE(c.relowner, t.typowner), 'USAGE')
      UNION ALL
      SELECT n.nspname, ${NOT_NULL_NAME}, a.attname || ' IS NOT NULL'
      ${NOT_NULLS} AND pg_has_role(c.relowner, 'USAGE')) q`,
  ),
  informationView(
    'key_column_usage',
    {
      ...CONSTRAINT,
      ...TABLE,
      column_name: 'a.attname',
      ordinal_position: 'x.n',
      position_in_unique_constraint: `CASE WHEN k.contype = 'f' THEN (SELECT s.n FROM pg_constraint p,
        LATERAL unnest(p.conkey) WITH ORDINALITY AS s(attnum, n) WHERE p.conindid = k.conindid
        AND p.conrelid = k.confrelid AND p.contype IN ('p', 'u') AND s.attnum = k.confkey[x.n] LIMIT 1) END`,
    },
    `${OF_TABLES} CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS x(attnum, n)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.attnum
     WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
       AND NOT pg_is_other_temp_schema(n.oid) AND (pg_has_role(c.relowner, 'USAGE')
       OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))`,
  ),
  informationView(
    'referential_constraints',
    {
      ...CONSTRAINT,
      unique_constraint_catalog: `CASE WHEN nu.nspname IS NOT NULL THEN ${CATALOG} END`,
      unique_constraint_schema: 'nu.nspname',
      unique_constraint_name: 'u.conname',
      match_option: "CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' WHEN 's' THEN 'NONE' END",
      update_rule: referentialAction('confupdtype'),
      delete_rule: referentialAction('confdeltype'),
    },
    `${OF_TABLES} LEFT JOIN pg_constraint u ON u.conindid = k.conindid AND u.conrelid = k.confrelid
       AND u.contype IN ('p', 'u')
     LEFT JOIN pg_namespace nu ON nu.oid = u.connamespace WHERE k.contype = 'f' AND ${TABLE_PRIVILEGES}`,
  ),
  informationView(
    'constraint_column_usage',
    { ...CONSTRAINT, ...TABLE, column_name: 'a.attname' },
    `FROM pg_constraint k JOIN pg_namespace nc ON nc.oid = k.connamespace
     JOIN (
       SELECT DISTINCT objid AS constraint_oid, refobjid AS relation, refobjsubid::int AS attnum
       FROM pg_depend d JOIN pg_constraint x ON x.oid = d.objid AND x.contype = 'c'
       WHERE d.classid = 2606 AND d.refclassid = 1259 AND d.refobjsubid <> 0
       UNION ALL
       SELECT oid, conrelid, unnest(conkey)::int FROM pg_constraint WHERE contype IN ('p', 'u')
       UNION ALL
       SELECT oid, confrelid, unnest(confkey)::int FROM pg_constraint WHERE contype = 'f'
     ) used ON used.constraint_oid = k.oid
     JOIN pg_class c ON c.oid = used.relation JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = used.attnum
     WHERE k.contype IN ('c', 'p', 'u', 'f') AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
       AND pg_has_role(c.relowner, 'USAGE')`,
  ),
  informationView(
    'constraint_table_usage',
    { ...CONSTRAINT, ...TABLE },
    `FROM pg_constraint k JOIN pg_namespace nc ON nc.oid = k.connamespace
     JOIN pg_class c ON c.oid = CASE WHEN k.contype = 'f' THEN k.confrelid ELSE k.conrelid END
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')`,
  ),
  informationView(
    'domain_constraints',
    {
      ...CONSTRAINT,
      domain_catalog: CATALOG,
      domain_schema: 'n.nspname',
      domain_name: 't.typname',
      is_deferrable: yesNo('k.condeferrable'),
      initially_deferred: yesNo('k.condeferred'),
    },
    `FROM pg_constraint k JOIN pg_namespace nc ON nc.oid = k.connamespace JOIN pg_type t ON t.oid = k.contypid
     JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE')`,
  ),
];

function referentialAction(column: string): string {
  return `CASE k.${column} WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
    WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END`;
}
