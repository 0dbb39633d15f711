/** FOR UPDATE and its weaker forms: which tables, which strength, what to do when somebody else holds a row. */
import type { LockingClause, Node, SelectStmt } from '@pgsql/types';
import type { LockWaitPolicy, RowLockMode } from '../../storage/api.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import type { ColumnId } from '../plan/expression.js';
import type { LockRowsNode } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { unlockable } from './pushed-locking.js';
import type { Scope, ScopeTable } from './scope.js';

export interface BoundLocking {
  readonly locks: LockRowsNode['locks'];
}

const STRENGTHS: Record<string, { mode: RowLockMode; label: string }> = {
  LCS_FORKEYSHARE: { mode: 'key share', label: 'FOR KEY SHARE' },
  LCS_FORSHARE: { mode: 'share', label: 'FOR SHARE' },
  LCS_FORNOKEYUPDATE: { mode: 'no key update', label: 'FOR NO KEY UPDATE' },
  LCS_FORUPDATE: { mode: 'update', label: 'FOR UPDATE' },
};

const ORDER: readonly RowLockMode[] = ['key share', 'share', 'no key update', 'update'];

function policyOf(clause: LockingClause): LockWaitPolicy {
  if (clause.waitPolicy === 'LockWaitError') return 'nowait';
  return clause.waitPolicy === 'LockWaitSkip' ? 'skip' : 'wait';
}

/** The first locking clause of a statement, as messages name it. */
export function lockingLabel(statement: SelectStmt): string {
  const [first] = statement.lockingClause ?? [];
  const strength = first !== undefined && 'LockingClause' in first ? first.LockingClause.strength : undefined;
  return STRENGTHS[strength ?? 'LCS_FORUPDATE'].label;
}

/** For a locking clause of a set operation or of one of its sides. */
export function lockedSetOperation(cx: BindContext, statement: SelectStmt): Error {
  return cx.error('feature_not_supported', `${lockingLabel(statement)} is not allowed with UNION/INTERSECT/EXCEPT`);
}

/** `refusal` names what makes row locks impossible here, if anything. */
export function bindLocking(
  cx: BindContext,
  scope: Scope,
  statement: SelectStmt,
  refusal: string | null,
): BoundLocking | null {
  const nodes = statement.lockingClause ?? [];
  const chosen = new Map<ScopeTable, { mode: RowLockMode; policy: LockWaitPolicy }>();
  for (const node of nodes) {
    if (!('LockingClause' in node)) continue;
    const clause = node.LockingClause;
    const { mode, label } = STRENGTHS[clause.strength ?? 'LCS_FORUPDATE'];
    if (refusal !== null) {
      throw cx.error('feature_not_supported', `${label} is not allowed with ${refusal}`);
    }
    for (const table of lockedTables(cx, scope, statement.fromClause ?? [], clause, label)) {
      if (table.nullable === true)
        throw cx.error('feature_not_supported', `${label} cannot be applied to the nullable side of an outer join`);
      if (table.system === null) continue;
      const known = chosen.get(table);
      const policy = policyOf(clause);
      if (known === undefined || ORDER.indexOf(mode) > ORDER.indexOf(known.mode))
        chosen.set(table, { mode, policy: known === undefined || policy !== 'wait' ? policy : known.policy });
      else if (policy !== 'wait') known.policy = policy;
    }
  }
  return chosen.size === 0 ? null : { locks: [...chosen].map(([table, lock]) => makeLock(cx, table, lock)) };
}

/** Subqueries and views are among them, though they lock for themselves. */
function lockedTables(
  cx: BindContext,
  scope: Scope,
  from: readonly Node[],
  clause: LockingClause,
  label: string,
): ScopeTable[] {
  const named = clause.lockedRels ?? [];
  if (named.length === 0)
    return scope.tables.filter((table) => table.relation !== null || unlockable(from, table.alias) === null);
  return named.map((node) => {
    const name = 'RangeVar' in node ? (node.RangeVar.relname ?? '') : '';
    const location = 'RangeVar' in node ? node.RangeVar.location : -1;
    if ('RangeVar' in node && node.RangeVar.schemaname !== undefined)
      throw cx.error('syntax_error', `${label} must specify unqualified relation names`, location);
    const table = scope.tables.find((candidate) => candidate.alias === name);
    if (table === undefined)
      throw cx.error('undefined_table', `relation "${name}" in ${label} clause not found in FROM clause`, location);
    const what = table.relation === null ? unlockable(from, name) : null;
    if (what !== null) throw cx.error('feature_not_supported', `${label} cannot be applied to ${what}`, location);
    return table;
  });
}

function makeLock(
  cx: BindContext,
  table: ScopeTable,
  lock: { mode: RowLockMode; policy: LockWaitPolicy },
): LockRowsNode['locks'][number] {
  const { relation, system } = table;
  if (relation === null || system === null) throw cx.error('internal_error', 'a locked table has no rows of its own');
  if (relation.kind === 'S' || relation.kind === 'm') {
    const kind = relation.kind === 'S' ? 'sequence' : 'materialized view';
    throw cx.error('wrong_object_type', `cannot lock rows in ${kind} "${relation.name}"`);
  }
  cx.useRelation(relation, lock.mode);
  cx.access.require(table.columns, PRIVILEGE.UPDATE);
  const attributes: ColumnId[] = relation.attributes.map(
    (attribute) => table.columns.find((column) => column.columnNumber === attribute.number)?.id ?? -1,
  );
  return { relation, rowId: system('row id'), attributes, mode: lock.mode, policy: lock.policy };
}
