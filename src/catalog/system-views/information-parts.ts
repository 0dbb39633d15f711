/**
 * Pieces of SQL that the information_schema views share.
 */

export const CATALOG = 'current_database()';

export const yesNo = (condition: string): string => `CASE WHEN ${condition} THEN 'YES' ELSE 'NO' END`;

/** Whether the current user may know of relation `c`. */
export function relationPrivileges(onTable: string, onColumns: string): string {
  return `(pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, '${onTable}')
    OR has_any_column_privilege(c.oid, '${onColumns}'))`;
}

/**
 * The columns that describe a data type, for a FROM clause that has the type as `t` in schema `nt` and, when that is a
 * domain, its base type as `bt` in `nbt`.
 */
export function typeColumns(declaredTypmod: string, udt = 'udt'): Record<string, string> {
  const type = "(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END)";
  const mod = `(CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE ${declaredTypmod} END)`;
  return {
    data_type: `CASE WHEN t.typtype = 'd' THEN ${dataType('bt', 'nbt')} ELSE ${dataType('t', 'nt')} END`,
    character_maximum_length: `CASE WHEN ${mod} = -1 THEN NULL WHEN ${type} IN (1042, 1043) THEN ${mod} - 4
      WHEN ${type} IN (1560, 1562) THEN ${mod} END`,
    character_octet_length: `CASE WHEN ${type} IN (25, 1042, 1043)
      THEN CASE WHEN ${mod} = -1 THEN 1073741824 ELSE (${mod} - 4) * 4 END END`,
    numeric_precision: `CASE ${type} WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53
      WHEN 1700 THEN CASE WHEN ${mod} <> -1 THEN ((${mod} - 4) >> 16) & 65535 END END`,
    numeric_precision_radix: `CASE WHEN ${type} IN (20, 21, 23, 700, 701) THEN 2 WHEN ${type} = 1700 THEN 10 END`,
    numeric_scale: `CASE WHEN ${type} IN (20, 21, 23) THEN 0
      WHEN ${type} = 1700 AND ${mod} <> -1 THEN (${mod} - 4) & 2047 END`,
    datetime_precision: `CASE WHEN ${type} = 1082 THEN 0
      WHEN ${type} IN (1083, 1114, 1184, 1266) THEN CASE WHEN ${mod} < 0 THEN 6 ELSE ${mod} END
      WHEN ${type} = 1186 THEN CASE WHEN ${mod} < 0 OR ${mod} & 65535 = 65535 THEN 6 ELSE ${mod} & 65535 END END`,
    interval_type: `CASE WHEN ${type} = 1186
      THEN upper(substring(format_type(${type}, ${mod}) FROM 'interval[()0-9]* (.*)')) END`,
    [`${udt}_catalog`]: CATALOG,
    [`${udt}_schema`]: 'COALESCE(nbt.nspname, nt.nspname)',
    [`${udt}_name`]: 'COALESCE(bt.typname, t.typname)',
  };
}

function dataType(type: string, namespace: string): string {
  return `CASE WHEN ${type}.typelem <> 0 AND ${type}.typlen = -1 THEN 'ARRAY'
    WHEN ${namespace}.nspname = 'pg_catalog' THEN format_type(${type}.oid, NULL) ELSE 'USER-DEFINED' END`;
}
