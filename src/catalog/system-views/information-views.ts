/**
 * The information_schema of the SQL standard over the system tables. Rows are those that the current user owns or has
 * privileges on.
 */
import { INFORMATION_CONSTRAINT_VIEWS } from './information-constraint-views.js';
import { CATALOG, relationPrivileges, typeColumns, yesNo } from './information-parts.js';
import { INFORMATION_PRIVILEGE_VIEWS } from './information-privilege-views.js';
import { INFORMATION_ROUTINE_VIEWS } from './information-routine-views.js';
import { INFORMATION_USAGE_VIEWS } from './information-usage-views.js';
import { informationView, type SystemView } from './system-view.js';

const TABLE_PRIVILEGES = relationPrivileges(
  'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER',
  'SELECT, INSERT, UPDATE, REFERENCES',
);
const IN_SCHEMA = 'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace';
/** The kinds of statements that pg_relation_is_updatable reports as bits: 8 insert, 4 update, 16 delete. */
const INSERTABLE = 8;
const UPDATABLE_AND_DELETABLE = 20;

const COLUMN_FROM = `FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace nt ON nt.oid = t.typnamespace
  LEFT JOIN pg_type bt ON t.typtype = 'd' AND bt.oid = t.typbasetype
  LEFT JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation AND co.collname <> 'default'
  LEFT JOIN pg_namespace nco ON nco.oid = co.collnamespace`;

const IDENTITY_SEQUENCE = `LEFT JOIN pg_depend dep ON dep.classid = 1259 AND dep.refclassid = 1259
    AND dep.refobjid = c.oid AND dep.refobjsubid = a.attnum AND dep.deptype = 'i' AND a.attidentity <> ''
  LEFT JOIN pg_sequence seq ON seq.seqrelid = dep.objid`;

const COLUMNS = informationView(
  'columns',
  {
    table_catalog: CATALOG,
    table_schema: 'n.nspname',
    table_name: 'c.relname',
    column_name: 'a.attname',
    ordinal_position: 'a.attnum',
    column_default: "CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END",
    is_nullable: yesNo("NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull))"),
    ...typeColumns('a.atttypmod'),
    collation_catalog: `CASE WHEN nco.nspname IS NOT NULL THEN ${CATALOG} END`,
    collation_schema: 'nco.nspname',
    collation_name: 'co.collname',
    domain_catalog: `CASE WHEN t.typtype = 'd' THEN ${CATALOG} END`,
    domain_schema: "CASE WHEN t.typtype = 'd' THEN nt.nspname END",
    domain_name: "CASE WHEN t.typtype = 'd' THEN t.typname END",
    dtd_identifier: 'a.attnum::text',
    is_self_referencing: "'NO'",
    is_identity: yesNo("a.attidentity IN ('a', 'd')"),
    identity_generation: "CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END",
    identity_start: 'seq.seqstart::text',
    identity_increment: 'seq.seqincrement::text',
    identity_maximum: 'seq.seqmax::text',
    identity_minimum: 'seq.seqmin::text',
    identity_cycle: yesNo('COALESCE(seq.seqcycle, false)'),
    is_generated: "CASE WHEN a.attgenerated = '' THEN 'NEVER' ELSE 'ALWAYS' END",
    generation_expression: "CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END",
    is_updatable: yesNo(
      "c.relkind IN ('r', 'p') OR (c.relkind IN ('v', 'f') AND pg_column_is_updatable(c.oid::regclass, a.attnum, false))",
    ),
  },
  `${COLUMN_FROM} ${IDENTITY_SEQUENCE}
   WHERE NOT pg_is_other_temp_schema(n.oid) AND a.attnum > 0 AND NOT a.attisdropped
     AND c.relkind IN ('r', 'v', 'f', 'p') AND (pg_has_role(c.relowner, 'USAGE')
     OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))`,
);

const ATTRIBUTES = informationView(
  'attributes',
  {
    udt_catalog: CATALOG,
    udt_schema: 'n.nspname',
    udt_name: 'c.relname',
    attribute_name: 'a.attname',
    ordinal_position: 'a.attnum',
    attribute_default: 'pg_get_expr(d.adbin, d.adrelid)',
    is_nullable: yesNo("NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull))"),
    ...typeColumns('a.atttypmod', 'attribute_udt'),
    collation_catalog: `CASE WHEN nco.nspname IS NOT NULL THEN ${CATALOG} END`,
    collation_schema: 'nco.nspname',
    collation_name: 'co.collname',
    dtd_identifier: 'a.attnum::text',
    is_derived_reference_attribute: "'NO'",
  },
  `${COLUMN_FROM} WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'c'
     AND (pg_has_role(c.relowner, 'USAGE') OR has_type_privilege(c.reltype, 'USAGE'))`,
);

const RELATIONS = [
  informationView(
    'tables',
    {
      table_catalog: CATALOG,
      table_schema: 'n.nspname',
      table_name: 'c.relname',
      table_type: `CASE WHEN n.oid = pg_my_temp_schema() THEN 'LOCAL TEMPORARY' WHEN c.relkind IN ('r', 'p') THEN 'BASE TABLE'
        WHEN c.relkind = 'v' THEN 'VIEW' WHEN c.relkind = 'f' THEN 'FOREIGN' END`,
      user_defined_type_catalog: `CASE WHEN t.typname IS NOT NULL THEN ${CATALOG} END`,
      user_defined_type_schema: 'nt.nspname',
      user_defined_type_name: 't.typname',
      is_insertable_into: yesNo(
        `c.relkind IN ('r', 'p') OR (c.relkind IN ('v', 'f') AND pg_relation_is_updatable(c.oid::regclass, false) & ${INSERTABLE} = ${INSERTABLE})`,
      ),
      is_typed: yesNo('t.typname IS NOT NULL'),
    },
    `${IN_SCHEMA} LEFT JOIN pg_type t ON t.oid = c.reloftype LEFT JOIN pg_namespace nt ON nt.oid = t.typnamespace
     WHERE c.relkind IN ('r', 'v', 'f', 'p') AND NOT pg_is_other_temp_schema(n.oid) AND ${TABLE_PRIVILEGES}`,
  ),
  informationView(
    'views',
    {
      table_catalog: CATALOG,
      table_schema: 'n.nspname',
      table_name: 'c.relname',
      view_definition: "CASE WHEN pg_has_role(c.relowner, 'USAGE') THEN pg_get_viewdef(c.oid) END",
      check_option: `CASE WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'
        WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL' ELSE 'NONE' END`,
      is_updatable: yesNo(
        `pg_relation_is_updatable(c.oid::regclass, false) & ${UPDATABLE_AND_DELETABLE} = ${UPDATABLE_AND_DELETABLE}`,
      ),
      is_insertable_into: yesNo(`pg_relation_is_updatable(c.oid::regclass, false) & ${INSERTABLE} = ${INSERTABLE}`),
      is_trigger_updatable: insteadOf(81),
      is_trigger_deletable: insteadOf(73),
      is_trigger_insertable_into: insteadOf(69),
    },
    `${IN_SCHEMA} WHERE c.relkind = 'v' AND NOT pg_is_other_temp_schema(n.oid) AND ${TABLE_PRIVILEGES}`,
  ),
  informationView(
    'sequences',
    {
      sequence_catalog: CATALOG,
      sequence_schema: 'n.nspname',
      sequence_name: 'c.relname',
      data_type: 'format_type(s.seqtypid, NULL)',
      numeric_precision: 'CASE s.seqtypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 END',
      numeric_precision_radix: '2',
      numeric_scale: '0',
      start_value: 's.seqstart::text',
      minimum_value: 's.seqmin::text',
      maximum_value: 's.seqmax::text',
      increment: 's.seqincrement::text',
      cycle_option: yesNo('s.seqcycle'),
    },
    `FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND NOT pg_is_other_temp_schema(n.oid) AND NOT EXISTS (SELECT 1 FROM pg_depend
       WHERE classid = 1259 AND objid = c.oid AND deptype = 'i')
       AND (pg_has_role(c.relowner, 'USAGE') OR has_sequence_privilege(c.oid, 'SELECT, UPDATE, USAGE'))`,
  ),
];

/** Whether a view has an INSTEAD OF trigger; `bits` is a pattern of pg_trigger.tgtype. */
function insteadOf(bits: number): string {
  return yesNo(`EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & ${bits} = ${bits})`);
}

const NAMES = [
  informationView('information_schema_catalog_name', { catalog_name: 'current_database()' }, ''),
  informationView(
    'schemata',
    { catalog_name: CATALOG, schema_name: 'n.nspname', schema_owner: 'u.rolname' },
    `FROM pg_namespace n JOIN pg_authid u ON u.oid = n.nspowner
     WHERE pg_has_role(n.nspowner, 'USAGE') OR has_schema_privilege(n.oid, 'CREATE, USAGE')`,
  ),
  informationView(
    'domains',
    {
      domain_catalog: CATALOG,
      domain_schema: 'nt.nspname',
      domain_name: 't.typname',
      ...typeColumns('t.typtypmod'),
      collation_catalog: `CASE WHEN nco.nspname IS NOT NULL THEN ${CATALOG} END`,
      collation_schema: 'nco.nspname',
      collation_name: 'co.collname',
      domain_default: 't.typdefault',
      udt_schema: 'nbt.nspname',
      udt_name: 'bt.typname',
      dtd_identifier: '1',
    },
    `FROM pg_type t JOIN pg_namespace nt ON nt.oid = t.typnamespace JOIN pg_type bt ON bt.oid = t.typbasetype
     JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace
     LEFT JOIN pg_collation co ON co.oid = t.typcollation AND co.collname <> 'default'
     LEFT JOIN pg_namespace nco ON nco.oid = co.collnamespace
     WHERE t.typtype = 'd' AND (pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE'))`,
  ),
  informationView(
    'character_sets',
    {
      character_set_name: 'getdatabaseencoding()',
      character_repertoire: "CASE WHEN getdatabaseencoding() = 'UTF8' THEN 'UCS' ELSE getdatabaseencoding() END",
      form_of_use: 'getdatabaseencoding()',
      default_collate_catalog: CATALOG,
      default_collate_schema: 'nc.nspname',
      default_collate_name: 'c.collname',
    },
    `FROM pg_database d LEFT JOIN (pg_collation c JOIN pg_namespace nc ON nc.oid = c.collnamespace)
       ON d.datcollate = c.collcollate AND d.datctype = c.collctype
     WHERE d.datname = current_database() ORDER BY char_length(c.collname) DESC, c.collname ASC LIMIT 1`,
  ),
  informationView(
    'collation_character_set_applicability',
    {
      collation_catalog: CATALOG,
      collation_schema: 'nc.nspname',
      collation_name: 'c.collname',
      character_set_name: 'getdatabaseencoding()',
    },
    `FROM pg_collation c JOIN pg_namespace nc ON nc.oid = c.collnamespace
     WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))`,
  ),
  informationView(
    'collations',
    {
      collation_catalog: CATALOG,
      collation_schema: 'nc.nspname',
      collation_name: 'c.collname',
      pad_attribute: "'NO PAD'",
    },
    `FROM pg_collation c JOIN pg_namespace nc ON nc.oid = c.collnamespace
     WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))`,
  ),
];

export const INFORMATION_VIEWS: readonly SystemView[] = [
  ...NAMES,
  ...RELATIONS,
  COLUMNS,
  ATTRIBUTES,
  ...INFORMATION_CONSTRAINT_VIEWS,
  ...INFORMATION_ROUTINE_VIEWS,
  ...INFORMATION_USAGE_VIEWS,
  ...INFORMATION_PRIVILEGE_VIEWS,
];
