/**
 * MERGE: the source joined with the target, and what is done with each row. Actions for rows that match nothing keep the
 * source's rows in the join; without such an action it is an inner one.
 */
import type { MergeStmt, MergeWhenClause, Node } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import type { Expr } from '../plan/expression.js';
import { type MergeAction, type MergeNode, UNESTIMATED } from '../plan/plan-node.js';
import { bindAssignments, newRowExprs } from './assignments.js';
import type { BindContext } from './bind-context.js';
import { bindFromClause } from './bind-from.js';
import { bindInsertedRow } from './bind-insert.js';
import { bindWhere } from './bind-select.js';
import { bindWith } from './bind-with.js';
import type { BoundQuery } from './binders.js';
import { makeJoin } from './from-item.js';
import { forbiddenAggregates, Scope, type ScopeTable } from './scope.js';
import { bindTableSource, findRelation, type TableSource } from './table-source.js';
import { markUpdated } from './target-access.js';
import { type BoundTarget, bindWriteTarget } from './write-target.js';

/** @throws SqlError for everything that is wrong with the statement */
export function bindMerge(cx: BindContext, parent: Scope | null, statement: MergeStmt): BoundQuery {
  const scope = new Scope(parent);
  if (statement.withClause?.recursive === true)
    throw cx.error('syntax_error', 'WITH RECURSIVE is not supported for MERGE statement');
  const wrap = statement.withClause === undefined ? null : bindWith(cx, scope, statement.withClause);
  const { relation: range, sourceRelation, joinCondition } = statement;
  if (range === undefined || sourceRelation === undefined || joinCondition === undefined)
    throw notSupported('MERGE without a table, a source or a condition');
  const clauses = (statement.mergeWhenClauses ?? []).flatMap((node) =>
    'MergeWhenClause' in node ? [node.MergeWhenClause] : [],
  );
  checkReachable(cx, clauses);
  const relation = findRelation(cx, range);
  checkMergeable(cx, relation);
  cx.useRelation(relation, 'write', range.location);
  const source = bindTableSource(
    cx,
    relation,
    range.alias?.aliasname ?? relation.name,
    range.alias,
    cx.access.table(relation, neededPrivileges(clauses)),
  );
  const scopes = bindSource(cx, scope, source, sourceRelation);
  const condition = bindWhere(cx, scopes.both, joinCondition, 'JOIN/ON', 'JOIN conditions');
  const target = bindWriteTarget(cx, relation);
  const actions = clauses.map((clause) => bindAction(cx, scopes, source, target, clause));
  const rowId = source.systemColumn('row id');
  const joinType = actions.some((action) => !action.matched) ? 'left' : 'inner';
  const node: MergeNode = {
    kind: 'merge',
    input: makeJoin(joinType, scopes.build(), source.build(), condition),
    target: target.target,
    rowId,
    oldColumns: source.allColumns.map((column) => column.id),
    actions,
    recheck: condition,
    columns: [],
    ...UNESTIMATED,
  };
  return { plan: wrap === null ? node : wrap(node), columns: [] };
}

const NEEDED: Partial<Record<NonNullable<MergeWhenClause['commandType']>, number>> = {
  CMD_INSERT: PRIVILEGE.INSERT,
  CMD_UPDATE: PRIVILEGE.UPDATE,
  CMD_DELETE: PRIVILEGE.DELETE,
};

function neededPrivileges(clauses: readonly MergeWhenClause[]): number {
  return clauses.reduce((bits, { commandType = 'CMD_NOTHING' }) => bits | (NEEDED[commandType] ?? 0), 0);
}

/** @throws SqlError 42601 */
function checkReachable(cx: BindContext, clauses: readonly MergeWhenClause[]): void {
  const ended = { matched: false, unmatched: false };
  for (const { matched, condition } of clauses) {
    const kind = matched === true ? 'matched' : 'unmatched';
    if (ended[kind])
      throw cx.error('syntax_error', 'unreachable WHEN clause specified after unconditional WHEN clause');
    ended[kind] = condition === undefined;
  }
}

const REFUSED_KINDS: Readonly<Record<string, string>> = {
  v: 'views',
  m: 'materialized views',
  S: 'sequences',
  i: 'indexes',
  c: 'composite types',
};

/** @throws SqlError 0A000, 42501 */
function checkMergeable(cx: BindContext, relation: RelationDesc): void {
  if (relation.kind === 'r') {
    if (relation.oid < 16384)
      throw cx.error('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
    return;
  }
  throw cx.error('feature_not_supported', `cannot execute MERGE on relation "${relation.name}"`, -1, {
    detail: `This operation is not supported for ${REFUSED_KINDS[relation.kind] ?? 'such relations'}.`,
  });
}

interface MergeScopes {
  /** Sees target and source. */
  readonly both: Scope;
  /** Sees the source, and knows of the target. */
  readonly sourceOnly: Scope;
  build: ReturnType<typeof bindFromClause>;
}

function bindSource(cx: BindContext, scope: Scope, target: TableSource, node: Node): MergeScopes {
  const inner = scope.sibling();
  const build = bindFromClause(cx, inner, [node]);
  const { alias } = target.tables[0];
  if (inner.tables.some((table) => table.alias === alias)) {
    throw cx.error('duplicate_alias', `name "${alias}" specified more than once`, -1, {
      detail: 'The name is used both as MERGE target table and data source.',
    });
  }
  const both = scope.sibling();
  both.tables.push(...target.tables, ...inner.tables);
  both.columns = [...target.columns, ...inner.columns];
  const sourceOnly = scope.sibling();
  sourceOnly.tables.push(...target.tables.map((table) => ({ ...table, visible: false })), ...inner.tables);
  sourceOnly.columns = [...inner.columns];
  return { both, sourceOnly, build };
}

function bindAction(
  cx: BindContext,
  scopes: MergeScopes,
  source: TableSource,
  { columns }: BoundTarget,
  clause: MergeWhenClause,
): MergeAction {
  const matched = clause.matched === true;
  const scope = matched ? scopes.both : scopes.sourceOnly;
  const { condition: node } = clause;
  const condition: Expr | null =
    node === undefined ? null : bindWhere(cx, conditionScope(cx, scope), node, 'WHEN', 'MERGE WHEN conditions');
  const { relation, allColumns, access } = source;
  switch (clause.commandType) {
    case 'CMD_UPDATE': {
      scope.clause = 'UPDATE';
      scope.aggregates = forbiddenAggregates('UPDATE');
      scope.setReturningForbidden = 'UPDATE';
      markUpdated(access, clause.targetList ?? []);
      const assignments = bindAssignments(cx, scope, relation, allColumns, clause.targetList ?? []);
      const { exprs: newRow, changed } = newRowExprs(cx, relation, allColumns, assignments);
      return { kind: 'update', matched, condition, newRow, changed };
    }
    case 'CMD_DELETE':
      return { kind: 'delete', matched, condition };
    case 'CMD_INSERT':
      return { kind: 'insert', matched, condition, ...bindInsertedRow(cx, scope, relation, columns, clause, access) };
    default:
      return { kind: 'nothing', matched, condition };
  }
}

/** The same without system columns, of which conditions may read tableoid only. */
function conditionScope(cx: BindContext, scope: Scope): Scope {
  const inner = scope.sibling();
  inner.columns = scope.columns;
  inner.tables.push(
    ...scope.tables.map((table) => ({
      ...table,
      system: table.system === null ? null : allowedSystemColumn(cx, table.system),
    })),
  );
  return inner;
}

function allowedSystemColumn(cx: BindContext, ask: NonNullable<ScopeTable['system']>): ScopeTable['system'] {
  return (column) => {
    if (column === 'tableoid' || column === 'row id') return ask(column);
    throw cx.error('invalid_column_reference', `cannot use system column "${column}" in MERGE WHEN condition`);
  };
}
