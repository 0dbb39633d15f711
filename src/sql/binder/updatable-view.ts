/**
 * Views through which rows of one table can be written: a plain SELECT from that table, or from another such view. What
 * the view's plan says of its columns and conditions is taken apart here; INSERT, UPDATE and DELETE then write the table.
 */
import type { Alias, Node, SelectStmt } from '@pgsql/types';
import type { RelationDesc, TriggerEvent } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { parseSql } from '../parser/parse.js';
import { walkExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { substituteColumns } from '../plan/free-columns.js';
import type { PlanNode, SeqScanNode, WriteTarget } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { renameColumns } from './from-item.js';
import { columnExpr, type ScopeColumn, type ScopeTable, targetTable } from './scope.js';
import { bindViewQuery } from './view-query.js';

export type ViewVerb = 'insert into' | 'update' | 'delete from';

/** Expressions read the table's columns under `ids`, one per attribute. */
export interface UpdatableView {
  readonly view: RelationDesc;
  readonly base: RelationDesc;
  /** The view and the views below it. */
  readonly chain: readonly RelationDesc[];
  readonly ids: readonly ColumnId[];
  /** By column of the view: what it shows, and which attribute of the table it is (0: none). */
  readonly columns: readonly { readonly name: string; readonly expr: Expr; readonly attribute: number }[];
  /** The conditions of this view and of those below. */
  readonly where: readonly Expr[];
  /** WITH CHECK OPTION: what new rows have to fulfil, by view. */
  readonly checks: readonly { readonly name: string; readonly expr: Expr }[];
}

/** The view over columns of its table that go by other ids. */
export interface ViewRow {
  readonly table: ScopeTable;
  readonly columns: readonly ScopeColumn[];
  readonly where: readonly Expr[];
  /** Puts the expressions of computed columns in the place of these. */
  settle(expr: Expr): Expr;
}

const EVENTS: Readonly<Record<ViewVerb, TriggerEvent>> = {
  'insert into': 'INSERT',
  update: 'UPDATE',
  'delete from': 'DELETE',
};

/** Whether triggers of the view do what the statement asks for. */
export function hasInsteadOf(view: RelationDesc, verb: ViewVerb): boolean {
  return view.triggers.some(({ timing, events }) => timing === 'INSTEAD OF' && events.includes(EVENTS[verb]));
}

/** @throws SqlError 55000 for a view that is more than that, 42501 over a system catalog */
export function updatableView(cx: BindContext, view: RelationDesc, verb: ViewVerb): UpdatableView {
  const chain = viewChain(cx, view, verb);
  const recorder = cx.access;
  cx.access = recorder.silenced();
  const { plan, columns } = bindViewQuery(cx, view);
  cx.access = recorder;
  const levels: Expr[][] = [];
  const taken = takeApart(plan, levels);
  if (taken === null) throw notSupported(`writing into view "${view.name}"`);
  const { scan, replacement } = taken;
  const base = scan.relation;
  if (base.kind !== 'r') throw refusal(cx, view, verb, NOT_ONE_TABLE);
  if (base.oid < 16384)
    throw cx.error('insufficient_privilege', `permission denied: "${base.name}" is a system catalog`);
  const ids = scan.columns.slice(0, base.attributes.length);
  const shown = columns.map((column, i) => {
    const expr = replacement.get(column.id) ?? columnExpr(column);
    const attribute = expr.kind === 'column' ? ids.indexOf(expr.id) + 1 : 0;
    return { name: view.attributes[i]?.name ?? column.name, expr, attribute };
  });
  if (verb !== 'delete from' && shown.every(({ attribute }) => attribute === 0))
    throw refusal(cx, view, verb, 'Views that have no updatable columns are not automatically updatable.');
  return {
    view,
    base,
    chain,
    ids,
    columns: shown,
    where: levels.flat(),
    checks: checksOf(chain, levels),
  };
}

interface TakenApart {
  readonly scan: SeqScanNode;
  /** Columns of the plan in terms of the scan's. */
  readonly replacement: ReadonlyMap<ColumnId, Expr>;
}

/** Adds the conditions between two projections to `levels`, the outermost view's first; null: not just a scan below. */
function takeApart(node: PlanNode, levels: Expr[][]): TakenApart | null {
  switch (node.kind) {
    case 'seq scan':
      return { scan: node, replacement: new Map() };
    case 'filter': {
      const own = levels.length - 1;
      const taken = takeApart(node.input, levels);
      if (taken === null) return null;
      levels[own].push(substituteColumns(node.predicate, taken.replacement));
      return taken;
    }
    case 'sort':
      return takeApart(node.input, levels);
    case 'project': {
      levels.push([]);
      const taken = takeApart(node.input, levels);
      if (taken === null) return null;
      const replacement = new Map(taken.replacement);
      node.columns.forEach((id, i) => {
        replacement.set(id, substituteColumns(node.exprs[i], taken.replacement));
      });
      return { scan: taken.scan, replacement };
    }
    default:
      return null;
  }
}

/** The view and those below it, down to the table. @throws SqlError 55000 */
function viewChain(cx: BindContext, view: RelationDesc, verb: ViewVerb): RelationDesc[] {
  const chain: RelationDesc[] = [];
  let current: RelationDesc | undefined = view;
  while (current?.kind === 'v') {
    if (hasInsteadOf(current, verb))
      throw notSupported(`writing through view "${current.name}" with INSTEAD OF triggers`);
    chain.push(current);
    const [statement] = parseSql(current.viewQuery ?? '');
    const select: SelectStmt = 'SelectStmt' in statement.node ? statement.node.SelectStmt : {};
    const reason = obstacleToWriting(cx, select);
    if (reason !== null) throw refusal(cx, current, verb, reason);
    const [range] = select.fromClause ?? [];
    const { schemaname, relname = '' } = range !== undefined && 'RangeVar' in range ? range.RangeVar : {};
    current = cx.catalog.relationByName(
      relname,
      schemaname === undefined ? null : (cx.catalog.namespaceByName(schemaname)?.oid ?? null),
    );
  }
  return chain;
}

const NOT_ONE_TABLE = 'Views that do not select from a single table or view are not automatically updatable.';

/** Why a view of the query cannot be written through; null: nothing stands against it. */
export function obstacleToWriting(cx: BindContext, select: SelectStmt): string | null {
  const containing = (what: string): string => `Views containing ${what} are not automatically updatable.`;
  const returning = (what: string): string => `Views that return ${what} functions are not automatically updatable.`;
  if (select.distinctClause !== undefined) return containing('DISTINCT');
  if (select.groupClause !== undefined) return containing('GROUP BY');
  if (select.havingClause !== undefined) return containing('HAVING');
  if (select.op !== undefined && select.op !== 'SETOP_NONE') return containing('UNION, INTERSECT, or EXCEPT');
  if (select.withClause !== undefined) return containing('WITH');
  if (select.limitCount !== undefined || select.limitOffset !== undefined) return containing('LIMIT or OFFSET');
  const calls = callsOf(cx, select.targetList ?? []);
  if (calls.has('aggregate')) return returning('aggregate');
  if (calls.has('window')) return returning('window');
  if (calls.has('set-returning')) return returning('set-returning');
  const items = select.fromClause ?? [];
  return items.length === 1 && 'RangeVar' in items[0] ? null : NOT_ONE_TABLE;
}

/** What kinds of calls the expressions make, subqueries aside. */
function callsOf(cx: BindContext, nodes: readonly Node[]): Set<string> {
  const kinds = new Set<string>();
  const search = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || 'SubLink' in value) return;
    if ('funcname' in value && Array.isArray(value.funcname)) {
      const last: unknown = value.funcname.at(-1);
      const name = typeof last === 'object' && last !== null && 'String' in last ? Object(last.String).sval : '';
      const procs = cx.catalog.procsByName(String(name), null);
      if ('over' in value) kinds.add('window');
      else if (procs.some((proc) => proc.kind === 'a')) kinds.add('aggregate');
      else if (procs.some((proc) => proc.returnsSet)) kinds.add('set-returning');
    }
    for (const part of Object.values(value)) search(part);
  };
  search(nodes);
  return kinds;
}

const REMEDIES: Readonly<Record<ViewVerb, string>> = {
  'insert into':
    'To enable inserting into the view, provide an INSTEAD OF INSERT trigger or an unconditional ON INSERT DO INSTEAD rule.',
  update:
    'To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.',
  'delete from':
    'To enable deleting from the view, provide an INSTEAD OF DELETE trigger or an unconditional ON DELETE DO INSTEAD rule.',
};

function refusal(cx: BindContext, view: RelationDesc, verb: ViewVerb, detail: string): Error {
  return cx.error('object_not_in_prerequisite_state', `cannot ${verb} view "${view.name}"`, -1, {
    detail,
    hint: REMEDIES[verb],
  });
}

/** The error that a column of the view is none of the table's. */
export function refusedColumn(cx: BindContext, { view, columns }: UpdatableView, name: string, verb: ViewVerb): Error {
  const column = columns.find((candidate) => candidate.name === name);
  let wholeRow = column?.expr.kind === 'row';
  if (column !== undefined)
    walkExpr(column.expr, (part) => (wholeRow ||= part.kind === 'row' && part.type !== oid.RECORD));
  return cx.error('feature_not_supported', `cannot ${verb} column "${name}" of view "${view.name}"`, -1, {
    detail: wholeRow
      ? 'View columns that return whole-row references are not updatable.'
      : column?.expr.kind === 'column'
        ? 'View columns that refer to system columns are not updatable.'
        : 'View columns that are not columns of their base relation are not updatable.',
  });
}

/** The error that two columns of a view are one of the table's. */
export function assignedTwice(cx: BindContext, name: string): Error {
  return cx.error('syntax_error', `multiple assignments to same column "${name}"`);
}

/** A view's own option, or that of a cascading one above it, makes its condition one that new rows have to fulfil. */
function checksOf(chain: readonly RelationDesc[], levels: readonly (readonly Expr[])[]): UpdatableView['checks'] {
  const checks: { name: string; expr: Expr }[] = [];
  let cascaded = false;
  chain.forEach((view, i) => {
    const option = view.options.find((text) => text.startsWith('check_option='))?.slice('check_option='.length);
    cascaded ||= option === 'cascaded';
    if (option === undefined && !cascaded) return;
    if (levels.length !== chain.length) throw notSupported('WITH CHECK OPTION of a view with ORDER BY');
    for (const arg of levels[i]) {
      const expr: Expr = {
        kind: 'boolean test',
        arg,
        value: true,
        negated: false,
        type: oid.BOOL,
        typmod: -1,
        collation: 0,
        location: -1,
      };
      checks.unshift({ name: view.name, expr });
    }
  });
  return checks;
}

/** `columns`: the table's, by attribute. */
export function viewRow(
  cx: BindContext,
  { view, ids, columns: shown, where }: UpdatableView,
  columns: readonly ScopeColumn[],
  alias: string,
  aliasNode: Alias | undefined,
): ViewRow {
  const renamed = new Map<ColumnId, Expr>(ids.map((id, i) => [id, columnExpr(columns[i])]));
  const computed = new Map<ColumnId, Expr>();
  const visible = shown.map(({ name, expr, attribute }, i): ScopeColumn => {
    const place = { name, tableOid: view.oid, columnNumber: i + 1 };
    if (attribute > 0) return { ...columns[attribute - 1], ...place };
    const id = cx.newColumn(name);
    computed.set(id, substituteColumns(expr, renamed));
    return { id, type: expr.type, typmod: expr.typmod, collation: expr.collation, ...place };
  });
  const named = renameColumns(cx, visible, aliasNode, alias);
  return {
    table: targetTable(cx.catalog, alias, view, named),
    columns: named,
    where: where.map((part) => substituteColumns(part, renamed)),
    settle: (expr) => substituteColumns(expr, computed),
  };
}

/** The table as a target of the view, whose conditions new rows may have to fulfil. */
export function checkedTarget(target: WriteTarget, { ids, checks }: UpdatableView): WriteTarget {
  if (checks.length === 0) return target;
  const renamed = new Map<ColumnId, Expr>(
    target.relation.attributes.map(({ name, type, typmod, collation }, i) => [
      ids[i],
      { kind: 'column', id: target.columns[i], name, type, typmod, collation, location: -1 },
    ]),
  );
  const own = checks.map(({ name, expr }) => ({ name, expr: substituteColumns(expr, renamed), ofView: true }));
  return { ...target, checks: [...target.checks, ...own] };
}

/** SET items with the names that the table has for the view's columns. */
export function baseTargets(
  cx: BindContext,
  view: UpdatableView,
  nodes: readonly Node[],
  verb: ViewVerb = 'update',
): Node[] {
  const taken = new Set<number>();
  return nodes.map((node) => {
    if (!('ResTarget' in node)) return node;
    const { name = '', location } = node.ResTarget;
    const column = view.columns.find((candidate) => candidate.name === name);
    if (column === undefined) {
      const message = `column "${name}" of relation "${view.view.name}" does not exist`;
      throw cx.error('undefined_column', message, location);
    }
    if (column.attribute === 0) throw refusedColumn(cx, view, name, verb);
    const base = view.base.attributes[column.attribute - 1].name;
    if (taken.has(column.attribute) && node.ResTarget.indirection === undefined) throw assignedTwice(cx, base);
    taken.add(column.attribute);
    return { ResTarget: { ...node.ResTarget, name: base } };
  });
}
