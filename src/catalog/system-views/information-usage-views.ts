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

export const INFORMATION_USAGE_VIEWS = [
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
