/**
 * information_schema: roles and privileges.
 */
import { CATALOG, yesNo } from './information-parts.js';
import { informationView } from './system-view.js';

const GRANT = { grantor: 'o.rolname', grantee: "COALESCE(g.rolname, 'PUBLIC')", privilege_type: 'x.privilege_type' };
const GRANTABLE = yesNo("x.is_grantable OR (x.grantee <> 0 AND pg_has_role(x.grantee, c.relowner, 'USAGE'))");
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

export const INFORMATION_PRIVILEGE_VIEWS = [
  informationView('enabled_roles', { role_name: 'a.rolname' }, "FROM pg_authid a WHERE pg_has_role(a.oid, 'USAGE')"),
  informationView('applicable_roles', MEMBERSHIP, MEMBERSHIPS),
  informationView('administrable_role_authorizations', MEMBERSHIP, `${MEMBERSHIPS} AND m.admin_option`),
  informationView('table_privileges', WITH_HIERARCHY, `${TABLE_GRANTS} AND ${MINE}`),
  informationView('role_table_grants', WITH_HIERARCHY, `${TABLE_GRANTS} AND ${ENABLED_ROLES}`),
  informationView('column_privileges', COLUMN, `${COLUMN_GRANTS} AND ${MINE}`),
  informationView('role_column_grants', COLUMN, `${COLUMN_GRANTS} AND ${ENABLED_ROLES}`),
];
