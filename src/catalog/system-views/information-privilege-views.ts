/**
 * information_schema: roles and privileges.
 */
import { CATALOG, yesNo } from './information-parts.js';
import { informationView } from './system-view.js';

const GRANT = { grantor: 'o.rolname', grantee: "COALESCE(g.rolname, 'PUBLIC')", privilege_type: 'x.privilege_type' };
const grantable = (owner: string): string =>
  yesNo(`x.is_grantable OR (x.grantee <> 0 AND pg_has_role(x.grantee, ${owner}, 'USAGE'))`);
const GRANTABLE = grantable('c.relowner');
const ROLES = `JOIN pg_authid o ON o.oid = x.grantor LEFT JOIN pg_authid g ON g.oid = x.grantee`;
const MINE = "(pg_has_role(o.oid, 'USAGE') OR x.grantee = 0 OR pg_has_role(g.oid, 'USAGE'))";
const TABLE_GRANTS = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) x ${ROLES}
  WHERE c.relkind IN ('r', 'v', 'f', 'p')`;
const COLUMN_GRANTS = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  CROSS JOIN LATERAL (
    SELECT * FROM aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner)))
    UNION SELECT * FROM aclexplode(COALESCE(a.attacl, acldefault('c', c.relowner)))
  ) x ${ROLES}
  WHERE c.relkind IN ('r', 'v', 'f', 'p') AND x.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'REFERENCES')`;
const TABLE = {
  ...GRANT,
  table_catalog: CATALOG,
  table_schema: 'n.nspname',
  table_name: 'c.relname',
  is_grantable: GRANTABLE,
};
const WITH_HIERARCHY = { ...TABLE, with_hierarchy: yesNo("x.privilege_type = 'SELECT'") };
const COLUMN = { ...TABLE, column_name: 'a.attname' };
const ENABLED_ROLES = "(pg_has_role(o.oid, 'USAGE') OR pg_has_role(g.oid, 'USAGE'))";

/** The owner of the database is a member of pg_database_owner without a row that says so. */
const MEMBERSHIPS = `FROM (SELECT member, roleid, admin_option FROM pg_auth_members
    UNION SELECT datdba, 6171::oid, false FROM pg_database WHERE datname = current_database()) m JOIN pg_authid a ON a.oid = m.member JOIN pg_authid b ON b.oid = m.roleid
  WHERE pg_has_role(a.oid, 'USAGE')`;
const MEMBERSHIP = { grantee: 'a.rolname', role_name: 'b.rolname', is_grantable: yesNo('m.admin_option') };

const ROUTINE_GRANTS = `FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  CROSS JOIN LATERAL aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) x ${ROLES}
  WHERE x.privilege_type = 'EXECUTE'`;
const ROUTINE = {
  ...GRANT,
  specific_catalog: CATALOG,
  specific_schema: 'n.nspname',
  specific_name: "p.proname || '_' || p.oid::text",
  routine_catalog: CATALOG,
  routine_schema: 'n.nspname',
  routine_name: 'p.proname',
  is_grantable: grantable('p.proowner'),
};
const TYPE_GRANTS = `FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  CROSS JOIN LATERAL aclexplode(COALESCE(t.typacl, acldefault('T', t.typowner))) x ${ROLES}
  WHERE t.typtype = 'c' AND x.privilege_type = 'USAGE'`;
const TYPE = {
  ...GRANT,
  udt_catalog: CATALOG,
  udt_schema: 'n.nspname',
  udt_name: 't.typname',
  privilege_type: "'TYPE USAGE'",
  is_grantable: grantable('t.typowner'),
};

/** Privileges USAGE on kinds of objects that have an access control list: what it is called, and where it comes from. */
const usageGrants = (kind: string, name: string, owner: string, from: string, acl: string, where: string): string =>
  `SELECT o.rolname AS grantor, COALESCE(g.rolname, 'PUBLIC') AS grantee, n.nspname AS object_schema, ${name} AS object_name,
     '${kind}' AS object_type, ${grantable(owner)} AS is_grantable
   FROM ${from} CROSS JOIN LATERAL aclexplode(${acl}) x ${ROLES} WHERE x.privilege_type = 'USAGE' AND ${where}`;

/** Everybody may use collations, which have no list. */
const USAGE_GRANTS = [
  `SELECT u.rolname AS grantor, 'PUBLIC' AS grantee, n.nspname AS object_schema, c.collname AS object_name,
       'COLLATION' AS object_type, 'NO' AS is_grantable
     FROM pg_collation c JOIN pg_authid u ON u.oid = c.collowner JOIN pg_namespace n ON n.oid = c.collnamespace
     WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))`,
  usageGrants(
    'DOMAIN',
    't.typname',
    't.typowner',
    'pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace',
    "COALESCE(t.typacl, acldefault('T', t.typowner))",
    `t.typtype = 'd' AND ${MINE}`,
  ),
  usageGrants(
    'SEQUENCE',
    'c.relname',
    'c.relowner',
    'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
    "COALESCE(c.relacl, acldefault('r', c.relowner))",
    `c.relkind = 'S' AND ${MINE}`,
  ),
].join(' UNION ALL ');
const USAGE = {
  grantor: 'q.grantor',
  grantee: 'q.grantee',
  object_catalog: CATALOG,
  object_schema: 'q.object_schema',
  object_name: 'q.object_name',
  object_type: 'q.object_type',
  privilege_type: "'USAGE'",
  is_grantable: 'q.is_grantable',
};
const IS_ENABLED = (column: string): string =>
  `q.${column}::name IN (SELECT rolname FROM pg_authid WHERE pg_has_role(oid, 'USAGE'))`;

const TYPE_AND_ROUTINE_GRANTS = [
  informationView('routine_privileges', ROUTINE, `${ROUTINE_GRANTS} AND ${MINE}`),
  informationView('role_routine_grants', ROUTINE, `${ROUTINE_GRANTS} AND ${ENABLED_ROLES}`),
  informationView('udt_privileges', TYPE, `${TYPE_GRANTS} AND ${MINE}`),
  informationView('role_udt_grants', TYPE, `${TYPE_GRANTS} AND ${ENABLED_ROLES}`),
  informationView('usage_privileges', USAGE, `FROM (${USAGE_GRANTS}) q`),
  informationView(
    'role_usage_grants',
    USAGE,
    `FROM (${USAGE_GRANTS}) q WHERE ${IS_ENABLED('grantor')} OR ${IS_ENABLED('grantee')}`,
  ),
];

export const INFORMATION_PRIVILEGE_VIEWS = [
  ...TYPE_AND_ROUTINE_GRANTS,
  informationView('enabled_roles', { role_name: 'a.rolname' }, "FROM pg_authid a WHERE pg_has_role(a.oid, 'USAGE')"),
  informationView('applicable_roles', MEMBERSHIP, MEMBERSHIPS),
  informationView('administrable_role_authorizations', MEMBERSHIP, `${MEMBERSHIPS} AND m.admin_option`),
  informationView('table_privileges', WITH_HIERARCHY, `${TABLE_GRANTS} AND ${MINE}`),
  informationView('role_table_grants', WITH_HIERARCHY, `${TABLE_GRANTS} AND ${ENABLED_ROLES}`),
  informationView('column_privileges', COLUMN, `${COLUMN_GRANTS} AND ${MINE}`),
  informationView('role_column_grants', COLUMN, `${COLUMN_GRANTS} AND ${ENABLED_ROLES}`),
];
