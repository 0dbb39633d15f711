/** The name of a statement in messages, mostly its command tag: `ALTER TABLE`, `CREATE MATERIALIZED VIEW`. */
import type { Node, ObjectType } from '@pgsql/types';

/** Nodes whose names do not say the command. */
const TAGS: Readonly<Record<string, string>> = {
  CreateStmt: 'CREATE TABLE',
  IndexStmt: 'CREATE INDEX',
  ViewStmt: 'CREATE VIEW',
  CreateSeqStmt: 'CREATE SEQUENCE',
  CreateEnumStmt: 'CREATE TYPE',
  CreateRangeStmt: 'CREATE TYPE',
  CompositeTypeStmt: 'CREATE TYPE',
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTrigStmt: 'CREATE TRIGGER',
  CreatePLangStmt: 'CREATE LANGUAGE',
  CreateConversionStmt: 'CREATE CONVERSION',
  CreateOpClassStmt: 'CREATE OPERATOR CLASS',
  CreateOpFamilyStmt: 'CREATE OPERATOR FAMILY',
  CreateStatsStmt: 'CREATE STATISTICS',
  CreateFdwStmt: 'CREATE FOREIGN DATA WRAPPER',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  RuleStmt: 'CREATE RULE',
  AlterSeqStmt: 'ALTER SEQUENCE',
  AlterEnumStmt: 'ALTER TYPE',
  AlterTypeStmt: 'ALTER TYPE',
  AlterRoleSetStmt: 'ALTER ROLE',
  AlterDatabaseSetStmt: 'ALTER DATABASE',
  AlterFunctionStmt: 'ALTER FUNCTION',
  AlterOpFamilyStmt: 'ALTER OPERATOR FAMILY',
  TruncateStmt: 'TRUNCATE TABLE',
  RefreshMatViewStmt: 'REFRESH MATERIALIZED VIEW',
  SecLabelStmt: 'SECURITY LABEL',
  DeclareCursorStmt: 'DECLARE CURSOR',
  FetchStmt: 'FETCH',
  ClosePortalStmt: 'CLOSE CURSOR',
  CheckPointStmt: 'CHECKPOINT',
};

const OBJECT_WORDS: Partial<Record<ObjectType, string>> = {
  OBJECT_MATVIEW: 'MATERIALIZED VIEW',
  OBJECT_TABCONSTRAINT: 'TABLE',
  OBJECT_DOMCONSTRAINT: 'DOMAIN',
  OBJECT_ATTRIBUTE: 'TYPE',
  OBJECT_OPCLASS: 'OPERATOR CLASS',
  OBJECT_OPFAMILY: 'OPERATOR FAMILY',
  OBJECT_FDW: 'FOREIGN DATA WRAPPER',
  OBJECT_FOREIGN_SERVER: 'SERVER',
  OBJECT_STATISTIC_EXT: 'STATISTICS',
  OBJECT_TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
  OBJECT_TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
};

function objectWords(kind: ObjectType | undefined, relation: ObjectType | undefined = undefined): string {
  const type = kind === 'OBJECT_COLUMN' || kind === undefined ? (relation ?? 'OBJECT_TABLE') : kind;
  return OBJECT_WORDS[type] ?? type.slice('OBJECT_'.length).replaceAll('_', ' ');
}

const STRENGTHS: Readonly<Record<string, string>> = {
  LCS_FORKEYSHARE: 'SELECT FOR KEY SHARE',
  LCS_FORSHARE: 'SELECT FOR SHARE',
  LCS_FORNOKEYUPDATE: 'SELECT FOR NO KEY UPDATE',
  LCS_FORUPDATE: 'SELECT FOR UPDATE',
};

/** `CreateFunctionStmt` → `CREATE FUNCTION`; what a statement works on decides where its node does not. */
export function commandTag(node: Node): string {
  if ('SelectStmt' in node) {
    if (node.SelectStmt.intoClause !== undefined) return 'SELECT INTO';
    const lock = node.SelectStmt.lockingClause?.[0];
    return lock !== undefined && 'LockingClause' in lock
      ? (STRENGTHS[lock.LockingClause.strength ?? ''] ?? '')
      : 'SELECT';
  }
  if ('CopyStmt' in node) return node.CopyStmt.query === undefined ? 'COPY FROM' : commandTag(node.CopyStmt.query);
  if ('CreateTableAsStmt' in node) {
    const { is_select_into, objtype } = node.CreateTableAsStmt;
    if (is_select_into) return 'SELECT INTO';
    return objtype === 'OBJECT_MATVIEW' ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS';
  }
  if ('AlterTableStmt' in node) return `ALTER ${objectWords(node.AlterTableStmt.objtype)}`;
  if ('RenameStmt' in node) return `ALTER ${objectWords(node.RenameStmt.renameType, node.RenameStmt.relationType)}`;
  if ('AlterObjectSchemaStmt' in node) return `ALTER ${objectWords(node.AlterObjectSchemaStmt.objectType)}`;
  if ('AlterOwnerStmt' in node) return `ALTER ${objectWords(node.AlterOwnerStmt.objectType)}`;
  if ('DropStmt' in node) return `DROP ${objectWords(node.DropStmt.removeType)}`;
  if ('DefineStmt' in node) return `CREATE ${objectWords(node.DefineStmt.kind)}`;
  if ('CreateFunctionStmt' in node)
    return node.CreateFunctionStmt.is_procedure ? 'CREATE PROCEDURE' : 'CREATE FUNCTION';
  if ('GrantStmt' in node) return node.GrantStmt.is_grant ? 'GRANT' : 'REVOKE';
  if ('GrantRoleStmt' in node) return node.GrantRoleStmt.is_grant ? 'GRANT ROLE' : 'REVOKE ROLE';
  const name = Object.keys(node)[0];
  return (
    TAGS[name] ??
    name
      .replace(/Stmt$/, '')
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toUpperCase()
  );
}
