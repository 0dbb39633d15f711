/**
 * Views that show catalog contents in readable form: tables, views, indexes, sequences, roles, rules, policies.
 */
import { catalogView, columnsOf } from './system-view.js';

const OWNER = 'pg_get_userbyid(c.relowner)';
const IN_SCHEMA = 'FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace';
const WITH_TABLESPACE = `${IN_SCHEMA} LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace`;

export const OBJECT_VIEWS = [
  catalogView(
    'pg_tables',
    {
      schemaname: 'n.nspname',
      tablename: 'c.relname',
      tableowner: OWNER,
      tablespace: 's.spcname',
      hasindexes: 'c.relhasindex',
      hasrules: 'c.relhasrules',
      hastriggers: 'c.relhastriggers',
      rowsecurity: 'c.relrowsecurity',
    },
    `${WITH_TABLESPACE} WHERE c.relkind IN ('r', 'p')`,
  ),
  catalogView(
    'pg_views',
    { schemaname: 'n.nspname', viewname: 'c.relname', viewowner: OWNER, definition: 'pg_get_viewdef(c.oid)' },
    `${IN_SCHEMA} WHERE c.relkind = 'v'`,
  ),
  catalogView(
    'pg_matviews',
    {
      schemaname: 'n.nspname',
      matviewname: 'c.relname',
      matviewowner: OWNER,
      tablespace: 's.spcname',
      hasindexes: 'c.relhasindex',
      ispopulated: 'c.relispopulated',
      definition: 'pg_get_viewdef(c.oid)',
    },
    `${WITH_TABLESPACE} WHERE c.relkind = 'm'`,
  ),
  catalogView(
    'pg_indexes',
    {
      schemaname: 'n.nspname',
      tablename: 't.relname',
      indexname: 'c.relname',
      tablespace: 's.spcname',
      indexdef: 'pg_get_indexdef(c.oid)',
    },
    `FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class c ON c.oid = x.indexrelid
     LEFT JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
     WHERE t.relkind IN ('r', 'm', 'p') AND c.relkind IN ('i', 'I')`,
  ),
  catalogView(
    'pg_sequences',
    {
      schemaname: 'n.nspname',
      sequencename: 'c.relname',
      sequenceowner: OWNER,
      data_type: 's.seqtypid',
      start_value: 's.seqstart',
      min_value: 's.seqmin',
      max_value: 's.seqmax',
      increment_by: 's.seqincrement',
      cycle: 's.seqcycle',
      cache_size: 's.seqcache',
      last_value: "CASE WHEN has_sequence_privilege(c.oid, 'SELECT,USAGE') THEN pg_sequence_last_value(c.oid) END",
    },
    `FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT pg_is_other_temp_schema(n.oid) AND c.relkind = 'S'`,
  ),
  catalogView(
    'pg_rules',
    {
      schemaname: 'n.nspname',
      tablename: 'c.relname',
      rulename: 'r.rulename',
      definition: 'pg_get_ruledef(r.oid)',
    },
    `FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE r.rulename <> '_RETURN'`,
  ),
  catalogView(
    'pg_policies',
    {
      schemaname: 'n.nspname',
      tablename: 'c.relname',
      policyname: 'p.polname',
      permissive: "CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END",
      roles: `CASE WHEN p.polroles = ARRAY[0::oid] THEN ARRAY['public'::name]
        ELSE ARRAY(SELECT a.rolname FROM pg_authid a WHERE a.oid = ANY (p.polroles) ORDER BY 1) END`,
      cmd: `CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        WHEN '*' THEN 'ALL' END`,
      qual: 'pg_get_expr(p.polqual, p.polrelid)',
      with_check: 'pg_get_expr(p.polwithcheck, p.polrelid)',
    },
    'FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace',
  ),
  catalogView(
    'pg_roles',
    {
      ...columnsOf(
        'r',
        'oid rolname rolsuper rolinherit rolcreaterole rolcreatedb rolcanlogin rolreplication rolconnlimit rolvaliduntil rolbypassrls',
      ),
      rolpassword: "'********'",
      rolconfig: 's.setconfig',
    },
    'FROM pg_authid r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0',
  ),
  catalogView(
    'pg_shadow',
    {
      usename: 'r.rolname',
      usesysid: 'r.oid',
      usecreatedb: 'r.rolcreatedb',
      usesuper: 'r.rolsuper',
      userepl: 'r.rolreplication',
      usebypassrls: 'r.rolbypassrls',
      passwd: 'r.rolpassword',
      valuntil: 'r.rolvaliduntil',
      useconfig: 's.setconfig',
    },
    `FROM pg_authid r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
     WHERE r.rolcanlogin`,
  ),
  catalogView(
    'pg_user',
    {
      ...columnsOf('u', 'usename usesysid usecreatedb usesuper userepl usebypassrls valuntil useconfig'),
      passwd: "'********'",
    },
    'FROM pg_shadow u',
  ),
  catalogView(
    'pg_group',
    {
      groname: 'r.rolname',
      grosysid: 'r.oid',
      grolist: 'ARRAY(SELECT m.member FROM pg_auth_members m WHERE m.roleid = r.oid)',
    },
    'FROM pg_authid r WHERE NOT r.rolcanlogin',
  ),
  catalogView(
    'pg_available_extensions',
    {
      name: 'q.name',
      default_version: 'q.default_version',
      installed_version: 'x.extversion',
      comment: 'q.comment',
    },
    'FROM pg_available_extensions() q LEFT JOIN pg_extension x ON x.extname = q.name',
  ),
  catalogView(
    'pg_available_extension_versions',
    {
      ...columnsOf('q', 'name version superuser trusted relocatable schema requires comment'),
      installed: 'x.oid IS NOT NULL',
    },
    `FROM pg_available_extension_versions() q
     LEFT JOIN pg_extension x ON x.extname = q.name AND x.extversion = q.version`,
  ),
  catalogView(
    'pg_publication_tables',
    { pubname: 'p.pubname', schemaname: 'n.nspname', tablename: 'c.relname' },
    `FROM pg_publication p, LATERAL pg_get_publication_tables(p.pubname::text) g, pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = g.relid`,
  ),
];
