/** WHEN conditions of triggers: expressions over the old and the new row of an event, by the names `old` and `new`. */
import type { RelationDesc, TriggerDesc } from '../../catalog/descriptors.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { substituteColumns } from '../plan/free-columns.js';
import { BindContext } from './bind-context.js';
import { bindStandaloneExpr } from './bind-function-call.js';
import { coerceToBoolean } from './coercion.js';
import { columnExpr, relationTable, Scope, type ScopeColumn } from './scope.js';
import { relationColumns } from './table-source.js';

/** One of the two rows. */
export interface TriggerRow {
  /** By attribute, dropped ones included. */
  readonly columns: readonly ScopeColumn[];
  /** What `old.*` is: a column of its own, so that it can be printed as it was written. */
  readonly whole: ScopeColumn;
}

export interface TriggerRows {
  readonly scope: Scope;
  readonly old: TriggerRow;
  readonly new: TriggerRow;
}

export function triggerScope(cx: BindContext, relation: RelationDesc): TriggerRows {
  const scope = new Scope(null);
  const row = (name: string): TriggerRow => {
    const { all, visible } = relationColumns(cx, relation);
    const place = { name, tableOid: 0, columnNumber: 0 };
    const whole = { ...place, id: cx.newColumn(name), type: relation.rowType, typmod: -1, collation: 0 };
    scope.tables.push({ ...relationTable(name, relation, visible), wholeRow: whole });
    scope.columns.push(...visible);
    return { columns: all, whole };
  };
  return { scope, old: row('old'), new: row('new') };
}

export interface TriggerCondition {
  readonly expr: Expr;
  /** By attribute. */
  readonly old: readonly ColumnId[];
  readonly new: readonly ColumnId[];
}

/** The WHEN condition of a trigger, bound; null when it has none. */
export function bindTriggerCondition(
  cx: BindContext,
  relation: RelationDesc,
  { whenText }: TriggerDesc,
): TriggerCondition | null {
  if (whenText === null) return null;
  const rows = triggerScope(cx, relation);
  const bound = bindStandaloneExpr(BindContext.within(cx, whenText), whenText, rows.scope);
  const expr = substituteColumns(
    coerceToBoolean(cx, bound, 'WHEN'),
    new Map([rows.old, rows.new].map((row) => [row.whole.id, rowOf(relation, row)])),
  );
  const ids = ({ columns }: TriggerRow): ColumnId[] => columns.map((column) => column.id);
  return { expr, old: ids(rows.old), new: ids(rows.new) };
}

function rowOf(relation: RelationDesc, { columns }: TriggerRow): Expr {
  const live = columns.filter((_, i) => !relation.attributes[i].dropped);
  return {
    kind: 'row',
    fields: live.map((column) => columnExpr(column)),
    names: live.map((column) => column.name),
    type: relation.rowType,
    typmod: -1,
    collation: 0,
    location: -1,
  };
}

/** The names under which a printed condition reads its columns, `old.*` and `new.*` included. */
export function triggerNames(rows: TriggerRows, quote: (name: string) => string): ReadonlyMap<ColumnId, string> {
  const names = new Map<ColumnId, string>();
  for (const [alias, row] of [
    ['old', rows.old],
    ['new', rows.new],
  ] as const) {
    for (const column of row.columns) names.set(column.id, `${alias}.${quote(column.name)}`);
    names.set(row.whole.id, `${alias}.*`);
  }
  return names;
}
