/**
 * information_schema: functions, procedures, their parameters, element types of arrays.
 */
import { CATALOG, yesNo } from './information-parts.js';
import { informationView } from './system-view.js';

const SPECIFIC = {
  specific_catalog: CATALOG,
  specific_schema: 'n.nspname',
  specific_name: "p.proname || '_' || p.oid::text",
};
const VISIBLE = "(pg_has_role(p.proowner, 'USAGE') OR has_function_privilege(p.oid, 'EXECUTE'))";

const typeName = (type: string, namespace: string): string =>
  `CASE WHEN ${type}.typelem <> 0 AND ${type}.typlen = -1 THEN 'ARRAY'
    WHEN ${namespace}.nspname = 'pg_catalog' THEN format_type(${type}.oid, NULL) ELSE 'USER-DEFINED' END`;

export const INFORMATION_ROUTINE_VIEWS = [
  informationView(
    'routines',
    {
      ...SPECIFIC,
      routine_catalog: CATALOG,
      routine_schema: 'n.nspname',
      routine_name: 'p.proname',
      routine_type: "CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END",
      data_type: `CASE WHEN p.prokind <> 'p' THEN ${typeName('t', 'nt')} END`,
      type_udt_catalog: `CASE WHEN nt.nspname IS NOT NULL THEN ${CATALOG} END`,
      type_udt_schema: 'nt.nspname',
      type_udt_name: 't.typname',
      dtd_identifier: "CASE WHEN p.prokind <> 'p' THEN '0' END",
      routine_body: "CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END",
      routine_definition: "CASE WHEN pg_has_role(p.proowner, 'USAGE') THEN p.prosrc END",
      external_name: "CASE WHEN l.lanname = 'c' THEN p.prosrc END",
      external_language: 'upper(l.lanname::text)',
      parameter_style: "'GENERAL'",
      is_deterministic: yesNo("p.provolatile = 'i'"),
      sql_data_access: "'MODIFIES'",
      is_null_call: `CASE WHEN p.prokind <> 'p' THEN ${yesNo('p.proisstrict')} END`,
      schema_level_routine: "'YES'",
      max_dynamic_result_sets: '0',
      security_type: "CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END",
      as_locator: "'NO'",
      is_udt_dependent: "'NO'",
    },
    `FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
     LEFT JOIN pg_type t ON t.oid = p.prorettype AND p.prokind <> 'p'
     LEFT JOIN pg_namespace nt ON nt.oid = t.typnamespace WHERE ${VISIBLE}`,
  ),
  informationView(
    'parameters',
    {
      ...SPECIFIC,
      ordinal_position: 'x.n',
      parameter_mode: `CASE COALESCE(p.proargmodes[x.n], 'i') WHEN 'i' THEN 'IN' WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT'
        WHEN 'v' THEN 'IN' WHEN 't' THEN 'OUT' END`,
      is_result: "'NO'",
      as_locator: "'NO'",
      parameter_name: "NULLIF(p.proargnames[x.n], '')",
      data_type: typeName('t', 'nt'),
      udt_catalog: CATALOG,
      udt_schema: 'nt.nspname',
      udt_name: 't.typname',
      dtd_identifier: 'x.n::text',
      parameter_default: `CASE WHEN pg_has_role(p.proowner, 'USAGE') THEN pg_get_function_arg_default(p.oid, x.n::int) END`,
    },
    `FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     CROSS JOIN LATERAL unnest(COALESCE(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS x(type, n)
     JOIN pg_type t ON t.oid = x.type JOIN pg_namespace nt ON nt.oid = t.typnamespace WHERE ${VISIBLE}`,
  ),
  informationView(
    'element_types',
    {
      object_catalog: CATALOG,
      object_schema: 'n.nspname',
      object_name: 'x.object_name',
      object_type: 'x.object_type',
      collection_type_identifier: 'x.identifier',
      data_type: `CASE WHEN nt.nspname = 'pg_catalog' THEN format_type(e.oid, NULL) ELSE 'USER-DEFINED' END`,
      udt_catalog: CATALOG,
      udt_schema: 'nt.nspname',
      udt_name: 'e.typname',
      dtd_identifier: "'a' || x.identifier",
      collation_catalog: `CASE WHEN nco.nspname IS NOT NULL THEN ${CATALOG} END`,
      collation_schema: 'nco.nspname',
      collation_name: 'co.collname',
    },
    `FROM (
       SELECT c.relnamespace AS namespace, c.relname::text AS object_name, CASE WHEN c.relkind = 'c' THEN 'USER-DEFINED TYPE'
         ELSE 'TABLE' END AS object_type, a.attnum::text AS identifier, a.atttypid AS type,
         a.attcollation AS collation
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relkind IN ('r', 'v', 'f', 'c', 'p') AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL
       SELECT t.typnamespace, t.typname::text, 'DOMAIN', '1', t.typbasetype, t.typcollation FROM pg_type t WHERE t.typtype = 'd'
       UNION ALL
       SELECT p.pronamespace, p.proname || '_' || p.oid::text, 'ROUTINE', y.n::text, y.type, 0 FROM pg_proc p
       CROSS JOIN LATERAL unnest(COALESCE(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS y(type, n)
       UNION ALL
       SELECT p.pronamespace, p.proname || '_' || p.oid::text, 'ROUTINE', '0', p.prorettype, 0 FROM pg_proc p
     ) x JOIN pg_namespace n ON n.oid = x.namespace JOIN pg_type t ON t.oid = x.type
     JOIN pg_type e ON e.oid = t.typelem AND t.typlen = -1 JOIN pg_namespace nt ON nt.oid = e.typnamespace
     LEFT JOIN pg_collation co ON co.oid = x.collation AND co.collname <> 'default'
     LEFT JOIN pg_namespace nco ON nco.oid = co.collnamespace`,
  ),
];
