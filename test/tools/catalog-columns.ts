/** How columns of system tables are spelled in data/: facts only, without bodies of functions and comments. */

/** How a column's values are spelled in the files, where that is not simply the value. */
const EXPRESSIONS: Record<string, string> = {
  // A registry key instead of a body (src/sql/functions/registry.ts).
  'pg_proc.prosrc': `CASE WHEN l.lanname = 'sql' THEN t.proname || '(' || COALESCE((SELECT string_agg(a.typname, ','
    ORDER BY n) FROM unnest(t.proargtypes::oid[]) WITH ORDINALITY u(o, n) JOIN pg_type a ON a.oid = u.o), '') || ')'
    ELSE t.prosrc END`,
  'pg_proc.proargdefaults': `CASE WHEN t.pronargdefaults > 0 THEN (SELECT json_agg(pg_get_function_arg_default(t.oid, i::int)
    ORDER BY i) FROM generate_series(1, COALESCE(cardinality(t.proallargtypes), t.pronargs)) i
    WHERE pg_get_function_arg_default(t.oid, i::int) IS NOT NULL)::text END`,
  'pg_proc.prosqlbody': 'NULL',
  'pg_constraint.conbin': 'pg_get_expr(t.conbin, 0)',
  'pg_type.typdefaultbin': 'NULL',
  'pg_rewrite.ev_qual': 'NULL',
  'pg_rewrite.ev_action': 'NULL',
  'pg_authid.rolpassword': 'NULL',
  'pg_class.relpages': '0',
  'pg_class.reltuples': '-1',
  'pg_class.relallvisible': '0',
  'pg_class.reltoastrelid': '0',
};

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** A column of table `t`, of pg_proc `t` joined with pg_language `l`, as SQL for json_build_array. */
export function columnExpression(table: string, { name, type }: Column): string {
  const special = EXPRESSIONS[`${table}.${name}`];
  if (special !== undefined) return special;
  switch (type) {
    case 'oid':
    case 'regproc':
    case 'regtype':
      return `t.${name}::oid::int8`;
    case 'xid':
      return '0';
    case 'oidvector':
      return `t.${name}::oid[]::int8[]`;
    case '_oid':
      return `t.${name}::int8[]`;
    case 'int2vector':
      return `t.${name}::int2[]`;
    case '_aclitem':
      // As data of type aclitem (src/types/acl/acl-item.ts): roles by OID.
      return `(SELECT json_agg(COALESCE((SELECT oid FROM pg_authid WHERE rolname = split_part(i::text, '=', 1)), 0)
        || '=' || split_part(split_part(i::text, '=', 2), '/', 1) || '/'
        || (SELECT oid FROM pg_authid WHERE rolname = split_part(i::text, '/', 2)) ORDER BY n)
        FROM unnest(t.${name}) WITH ORDINALITY u(i, n))`;
    case 'pg_node_tree':
      return 'NULL';
    case 'anyarray':
      return 'NULL';
    default:
      return `t.${name}`;
  }
}
