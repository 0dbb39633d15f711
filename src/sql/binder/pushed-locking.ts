/**
 * FOR UPDATE reaches into subqueries and views of FROM: they lock the rows that they read, as if the clause stood in
 * them. This file hands the clauses down before FROM is bound; locking-clause.ts deals with the tables of FROM itself.
 */
import type { LockingClause, Node, SelectStmt } from '@pgsql/types';
import type { BindContext } from './bind-context.js';

const pushed = new WeakSet<LockingClause>();

/** Whether the query locks rows only because queries around it do. */
export function isPushed({ lockingClause = [] }: SelectStmt): boolean {
  return lockingClause.every((node) => 'LockingClause' in node && pushed.has(node.LockingClause));
}

/** The clauses that hold for a FROM item of that name (undefined: it has none), without their lists of names. */
function clausesFor(statement: SelectStmt, name: string | undefined): Node[] {
  return (statement.lockingClause ?? []).flatMap((node) => {
    if (!('LockingClause' in node)) return [];
    const names = (node.LockingClause.lockedRels ?? []).map((rel) => ('RangeVar' in rel ? rel.RangeVar.relname : ''));
    if (names.length > 0 && !names.includes(name)) return [];
    const { strength, waitPolicy } = node.LockingClause;
    const clause: LockingClause = { strength, waitPolicy };
    pushed.add(clause);
    return [{ LockingClause: clause }];
  });
}

/** FROM with the statement's locking clauses in its subqueries. The views among its tables are noted in the context. */
export function lockedFrom(cx: BindContext, statement: SelectStmt): readonly Node[] {
  const from = statement.fromClause ?? [];
  if (statement.lockingClause === undefined) return from;
  return from.map((node) => lockedItem(cx, statement, node));
}

function lockedItem(cx: BindContext, statement: SelectStmt, node: Node): Node {
  if ('RangeVar' in node) {
    const clauses = clausesFor(statement, node.RangeVar.alias?.aliasname ?? node.RangeVar.relname);
    if (clauses.length > 0) cx.lockedRanges.set(node.RangeVar, clauses);
    return node;
  }
  if ('JoinExpr' in node) {
    const { larg, rarg } = node.JoinExpr;
    return {
      JoinExpr: {
        ...node.JoinExpr,
        larg: larg === undefined ? undefined : lockedItem(cx, statement, larg),
        rarg: rarg === undefined ? undefined : lockedItem(cx, statement, rarg),
      },
    };
  }
  if (!('RangeSubselect' in node)) return node;
  const { subquery, alias } = node.RangeSubselect;
  if (subquery === undefined || !('SelectStmt' in subquery) || subquery.SelectStmt.valuesLists !== undefined)
    return node;
  const clauses = clausesFor(statement, alias?.aliasname);
  if (clauses.length === 0) return node;
  return {
    RangeSubselect: { ...node.RangeSubselect, subquery: { SelectStmt: withLocking(subquery.SelectStmt, clauses) } },
  };
}

/** The query with further locking clauses. */
export function withLocking(statement: SelectStmt, clauses: readonly Node[]): SelectStmt {
  return { ...statement, lockingClause: [...(statement.lockingClause ?? []), ...clauses] };
}

/** What a FROM item without rows of its own is, by its name; null when it is a subquery, which locks for itself. */
export function unlockable(from: readonly Node[], name: string): string | null {
  for (const node of from) {
    if ('RangeVar' in node) {
      if ((node.RangeVar.alias?.aliasname ?? node.RangeVar.relname) === name) return 'a WITH query';
    } else if ('JoinExpr' in node) {
      const { larg, rarg, alias } = node.JoinExpr;
      if (alias?.aliasname === name) return 'a join';
      const sides = [larg, rarg].filter((side) => side !== undefined);
      const found = unlockable(sides, name);
      if (found !== null) return found;
    } else if ('RangeFunction' in node && node.RangeFunction.alias?.aliasname === name) return 'a function';
    else if ('RangeTableFunc' in node && node.RangeTableFunc.alias?.aliasname === name) return 'a table function';
  }
  return null;
}
