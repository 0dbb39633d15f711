/**
 * OIDs of built-in objects that catalog code refers to by name (PostgreSQL 15): schemas, system tables as class ids of
 * dependencies, roles, languages, access methods, tablespaces.
 */
export const PG_CATALOG_NAMESPACE = 11;
export const PG_TOAST_NAMESPACE = 99;
export const PUBLIC_NAMESPACE = 2200;

export const BOOTSTRAP_SUPERUSER = 10;
export const PG_DATABASE_OWNER = 6171;
export const PG_READ_ALL_DATA = 6181;
export const PG_WRITE_ALL_DATA = 6182;
export const PG_READ_ALL_SETTINGS = 3374;
export const PG_READ_ALL_STATS = 3375;
export const PG_SIGNAL_BACKEND = 4200;
export const PG_CHECKPOINT = 4544;
export const PG_READ_SERVER_FILES = 4569;
export const PG_WRITE_SERVER_FILES = 4570;
export const PG_EXECUTE_SERVER_PROGRAM = 4571;

/** Databases that there are from the beginning. */
export const TEMPLATE1 = 1;
export const TEMPLATE0 = 4;
export const POSTGRES = 5;
/** What initdb says of them. */
export const DATABASE_COMMENTS: readonly (readonly [oid: number, comment: string])[] = [
  [TEMPLATE1, 'default template for new databases'],
  [TEMPLATE0, 'unmodifiable empty database'],
  [POSTGRES, 'default administrative connection database'],
];

export const HEAP_AM = 2;
export const BTREE_AM = 403;
export const HASH_AM = 405;
export const GIN_AM = 2742;

export const INTERNAL_LANGUAGE = 12;
export const C_LANGUAGE = 13;
export const SQL_LANGUAGE = 14;

export const DEFAULT_TABLESPACE = 1663;
export const GLOBAL_TABLESPACE = 1664;

export const DEFAULT_COLLATION = 100;
export const C_COLLATION = 950;

/** Objects below have no recorded dependencies: nobody can drop them. */
export const FIRST_UNPINNED_OID = 12000;
/** The first OID that users' objects get. */
export const FIRST_NORMAL_OID = 16384;

/** System tables by OID, as `classid` of pg_depend, pg_description and pg_shdepend. */
export const CLASS = {
  pg_type: 1247,
  pg_attribute: 1249,
  pg_proc: 1255,
  pg_class: 1259,
  pg_authid: 1260,
  pg_auth_members: 1261,
  pg_database: 1262,
  pg_tablespace: 1213,
  pg_foreign_server: 1417,
  pg_foreign_data_wrapper: 2328,
  pg_am: 2601,
  pg_amop: 2602,
  pg_amproc: 2603,
  pg_attrdef: 2604,
  pg_cast: 2605,
  pg_constraint: 2606,
  pg_conversion: 2607,
  pg_language: 2612,
  pg_largeobject: 2613,
  pg_namespace: 2615,
  pg_opclass: 2616,
  pg_operator: 2617,
  pg_rewrite: 2618,
  pg_statistic: 2619,
  pg_trigger: 2620,
  pg_opfamily: 2753,
  pg_extension: 3079,
  pg_policy: 3256,
  pg_statistic_ext: 3381,
  pg_event_trigger: 3466,
  pg_collation: 3456,
  pg_ts_config: 3602,
  pg_ts_dict: 3600,
  pg_ts_parser: 3601,
  pg_ts_template: 3764,
  pg_publication: 6104,
  pg_parameter_acl: 6243,
  pg_default_acl: 826,
} as const;
