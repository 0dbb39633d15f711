/**
 * information_schema: what views use, and triggers.
 */
import { CATALOG } from './information-parts.js';
import { informationView } from './system-view.js';

const VIEW = { view_catalog: CATALOG, view_schema: 'nv.nspname', view_name: 'v.relname' };
const TABLE = { table_catalog: CATALOG, table_schema: 'n.nspname', table_name: 'c.relname' };

/** The relations (1259 is pg_class) that the rules (2618) of views need. */
const USAGE = `FROM (
    SELECT DISTINCT r.ev_class AS view, d.refobjid AS relation, %COLUMN% AS attnum FROM pg_rewrite r
    JOIN pg_depend d ON d.classid = 2618 AND d.objid = r.oid AND d.refclassid = 1259
    WHERE r.rulename = '_RETURN' AND d.deptype = 'n' AND d.refobjid <> r.ev_class
  ) used JOIN pg_class v ON v.oid = used.view AND v.relkind = 'v' JOIN pg_namespace nv ON nv.oid = v.relnamespace
  JOIN pg_class c ON c.oid = used.relation AND c.relkind IN ('r', 'v', 'f', 'p')
  JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** Bits of pg_trigger.tgtype. */
const EVENTS = "(VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE')) em (bit, event)";

/** Columns `a` of tables and views `c`, with their types `t`. */
const TYPED_COLUMNS = `FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace nt ON nt.oid = t.typnamespace
  LEFT JOIN (pg_type bt JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace)
    ON t.typtype = 'd' AND bt.oid = t.typbasetype
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p')`;
const DOMAIN = { domain_catalog: CATALOG, domain_schema: 'nt.nspname', domain_name: 't.typname' };

const TYPE_USAGE = [
  informationView(
    'column_domain_usage',
    { ...DOMAIN, ...TABLE, column_name: 'a.attname' },
    `${TYPED_COLUMNS} AND t.typtype = 'd' AND pg_has_role(t.typowner, 'USAGE')`,
  ),
  informationView(
    'column_udt_usage',
    {
      udt_catalog: CATALOG,
      udt_schema: 'COALESCE(nbt.nspname, nt.nspname)',
      udt_name: 'COALESCE(bt.typname, t.typname)',
      ...TABLE,
      column_name: 'a.attname',
    },
    `${TYPED_COLUMNS} AND pg_has_role(COALESCE(bt.typowner, t.typowner), 'USAGE')`,
  ),
  informationView(
    'domain_udt_usage',
    { udt_catalog: CATALOG, udt_schema: 'nbt.nspname', udt_name: 'bt.typname', ...DOMAIN },
    `FROM pg_type t JOIN pg_namespace nt ON nt.oid = t.typnamespace JOIN pg_type bt ON bt.oid = t.typbasetype
     JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace WHERE t.typtype = 'd' AND pg_has_role(bt.typowner, 'USAGE')`,
  ),
  informationView(
    'user_defined_types',
    {
      user_defined_type_catalog: CATALOG,
      user_defined_type_schema: 'n.nspname',
      user_defined_type_name: 'c.relname',
      user_defined_type_category: "'STRUCTURED'",
      is_instantiable: "'YES'",
    },
    `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.typrelid = c.oid
     WHERE c.relkind = 'c' AND (pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE'))`,
  ),
  informationView(
    'data_type_privileges',
    {
      object_catalog: CATALOG,
      object_schema: 'q.object_schema',
      object_name: 'q.object_name',
      object_type: 'q.object_type',
      dtd_identifier: 'q.dtd_identifier',
    },
    `FROM (
       SELECT udt_schema AS object_schema, udt_name AS object_name, 'USER-DEFINED TYPE' AS object_type, dtd_identifier
         FROM information_schema.attributes
       UNION ALL SELECT table_schema, table_name, 'TABLE', dtd_identifier FROM information_schema.columns
       UNION ALL SELECT domain_schema, domain_name, 'DOMAIN', dtd_identifier FROM information_schema.domains
       UNION ALL SELECT specific_schema, specific_name, 'ROUTINE', dtd_identifier FROM information_schema.parameters
       UNION ALL SELECT specific_schema, specific_name, 'ROUTINE', dtd_identifier FROM information_schema.routines) q`,
  ),
];

export const INFORMATION_USAGE_VIEWS = [
  ...TYPE_USAGE,
  informationView(
    'column_column_usage',
    { ...TABLE, column_name: 'a.attname', dependent_column: 'g.attname' },
    `FROM (SELECT DISTINCT ad.adrelid, d.refobjsubid AS source, ad.adnum AS dependent FROM pg_attrdef ad
       JOIN pg_depend d ON d.classid = 2604 AND d.refclassid = 1259 AND d.objid = ad.oid AND d.refobjid = ad.adrelid
       WHERE d.refobjsubid <> ad.adnum AND d.refobjsubid > 0) used
     JOIN pg_class c ON c.oid = used.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = used.source
     JOIN pg_attribute g ON g.attrelid = c.oid AND g.attnum = used.dependent AND g.attgenerated <> ''
     WHERE pg_has_role(c.relowner, 'USAGE')`,
  ),
  informationView(
    'view_table_usage',
    { ...VIEW, ...TABLE },
    `${USAGE.replace('%COLUMN%', '0')} WHERE pg_has_role(c.relowner, 'USAGE')`,
  ),
  informationView(
    'view_column_usage',
    { ...VIEW, ...TABLE, column_name: 'a.attname' },
    `${USAGE.replace('%COLUMN%', 'd.refobjsubid')} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = used.attnum
     WHERE used.attnum > 0 AND pg_has_role(c.relowner, 'USAGE')`,
  ),
  informationView(
    'triggers',
    {
      trigger_catalog: CATALOG,
      trigger_schema: 'n.nspname',
      trigger_name: 't.tgname',
      event_manipulation: 'em.event',
      event_object_catalog: CATALOG,
      event_object_schema: 'n.nspname',
      event_object_table: 'c.relname',
      action_order: `rank() OVER (PARTITION BY n.oid, c.oid, em.bit, t.tgtype & 1, t.tgtype & 66 ORDER BY t.tgname)`,
      action_condition: `CASE WHEN pg_has_role(c.relowner, 'USAGE')
        THEN substring(pg_get_triggerdef(t.oid) FROM ' WHEN \\((.+)\\) EXECUTE (FUNCTION|PROCEDURE)') END`,
      action_statement: `substring(pg_get_triggerdef(t.oid)
        FROM position('EXECUTE FUNCTION' IN substring(pg_get_triggerdef(t.oid) FROM 48)) + 47)`,
      action_orientation: "CASE WHEN t.tgtype & 1 = 1 THEN 'ROW' ELSE 'STATEMENT' END",
      action_timing: "CASE t.tgtype & 66 WHEN 2 THEN 'BEFORE' WHEN 64 THEN 'INSTEAD OF' ELSE 'AFTER' END",
      action_reference_old_table: 't.tgoldtable',
      action_reference_new_table: 't.tgnewtable',
    },
    `FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN ${EVENTS} ON t.tgtype & em.bit <> 0
     WHERE NOT t.tgisinternal AND NOT pg_is_other_temp_schema(n.oid) AND (pg_has_role(c.relowner, 'USAGE')
       OR has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))`,
  ),
];
