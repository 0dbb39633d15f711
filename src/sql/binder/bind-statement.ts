/** The binder's door: a parsed SELECT, INSERT, UPDATE, DELETE or VALUES to a logical plan with its result columns. */
import type { Node } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { OutputField, PlannedStatement } from '../plan/planned-statement.js';
import { intoOf } from './ast.js';
import type { BindContext } from './bind-context.js';
import { installDomainCheckBinder } from './domain.js';
import './bind-expression.js';
import { bindStandaloneExpr } from './bind-function-call.js';
import { bindInsert } from './bind-insert.js';
import { bindMerge } from './bind-merge.js';
import { bindSelect } from './bind-select.js';
import { bindDelete, bindUpdate } from './bind-update.js';
import { type BoundQuery, binders } from './binders.js';
import { coerceToBoolean } from './coercion.js';
import { Scope, type ScopeColumn } from './scope.js';

/** Whether a statement goes through the planner (others are utility commands). */
export function isPlannable(node: Node): boolean {
  if ('SelectStmt' in node) return intoOf(node.SelectStmt) === undefined;
  return 'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node;
}

/** @throws SqlError for everything that is wrong with the statement, with its position */
export function bindStatement(cx: BindContext, node: Node): PlannedStatement {
  const { command, query, returnsRows } = bindNode(cx, null, node);
  settleParameters(cx);
  const relations = cx.uses();
  return {
    command,
    root: query.plan,
    fields: returnsRows ? query.columns.map(outputField) : null,
    parameterTypes: [...cx.parameterTypes],
    relations,
    readOnly: command === 'select' && !relations.some((use) => use.write || use.rowLock !== null),
    catalogVersion: cx.catalog.version,
    columnNames: cx.columnNames,
    access: cx.access.finish(),
  };
}

interface BoundNode {
  readonly command: PlannedStatement['command'];
  readonly query: BoundQuery;
  readonly returnsRows: boolean;
}

function bindNode(cx: BindContext, parent: Scope | null, node: Node): BoundNode {
  if ('SelectStmt' in node)
    return { command: 'select', query: bindSelect(cx, parent, node.SelectStmt), returnsRows: true };
  if ('InsertStmt' in node) {
    const query = bindInsert(cx, parent, node.InsertStmt);
    return { command: 'insert', query, returnsRows: query.returning };
  }
  if ('UpdateStmt' in node) {
    const query = bindUpdate(cx, parent, node.UpdateStmt);
    return { command: 'update', query, returnsRows: query.returning };
  }
  if ('DeleteStmt' in node) {
    const query = bindDelete(cx, parent, node.DeleteStmt);
    return { command: 'delete', query, returnsRows: query.returning };
  }
  if ('MergeStmt' in node)
    return { command: 'merge', query: bindMerge(cx, parent, node.MergeStmt), returnsRows: false };
  throw notSupported(Object.keys(node)[0].replace(/Stmt$/, '').toUpperCase());
}

function outputField(column: ScopeColumn): OutputField {
  return {
    name: column.name,
    type: column.type === oid.UNKNOWN ? oid.TEXT : column.type,
    typmod: column.typmod,
    collation: column.collation,
    tableOid: column.tableOid,
    columnNumber: column.columnNumber,
  };
}

/** @throws SqlError 42P18 `could not determine data type of parameter $1` */
export function settleParameters(cx: BindContext): void {
  cx.parameterTypes.forEach((type, i) => {
    if (type === oid.UNKNOWN)
      throw cx.error('indeterminate_datatype', `could not determine data type of parameter $${i + 1}`);
  });
}

binders.cteQuery = (cx, parent, node) => bindNode(cx, parent, node).query;

installDomainCheckBinder((cx, domain, value) => {
  const scope = new Scope(null);
  scope.lookupParameter = (name) => (name === 'value' ? value : undefined);
  return cx.services.domainChecks(domain.oid).map((check) => ({
    name: check.name,
    expr: coerceToBoolean(cx, bindStandaloneExpr(cx, check.text, scope), 'CHECK'),
  }));
});
