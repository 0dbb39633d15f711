/** From a parsed statement to a plan that the executor runs. */
import type { Node } from '@pgsql/types';
import type { IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { storedTextIn } from '../ddl/stored-expression.js';
import type { ExecServices } from '../exec/exec-context.js';
import { constantFolder } from '../exec/standalone-expression.js';

import { BindContext, type BinderServices } from '../sql/binder/bind-context.js';
import { bindStandaloneExpr } from '../sql/binder/bind-function-call.js';
import { bindStatement } from '../sql/binder/bind-statement.js';
import { exposeRowIds, isPlainScan } from '../sql/binder/row-ids.js';
import { attributeColumns, withoutDropped } from '../sql/binder/scope.js';
import { relationColumns } from '../sql/binder/table-source.js';
import { bindIndexKeys, rowScope } from '../sql/binder/write-target.js';
import type { AccessContext, IndexExpressions } from '../sql/optimizer/access-path.js';
import { isConstantCall } from '../sql/optimizer/fold-constants.js';
import { optimize } from '../sql/optimizer/optimize.js';
import { Statistics } from '../sql/optimizer/statistics.js';
import { rewriteExpr } from '../sql/plan/expr-children.js';
import type { Expr } from '../sql/plan/expression.js';
import type { SeqScanNode } from '../sql/plan/plan-node.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import { SampledStatistics } from './table-statistics.js';

/** Conditions are tried on rows while they are planned, which takes what executing them takes. */
export type PlannerServices = BinderServices & ExecServices;

/** Binds and optimizes. `parameterTypes`: declared ones, 0 for those to be inferred. */
export function planStatement(
  services: PlannerServices,
  text: string,
  node: Node,
  parameterTypes: readonly number[],
  infer: boolean,
): PlannedStatement {
  const cx = new BindContext(services, text, parameterTypes, infer);
  return planBound(services, cx, bindStatement(cx, node));
}

/** The query of a cursor: its rows carry what WHERE CURRENT OF needs. */
export function planCursor(
  services: PlannerServices,
  text: string,
  node: Node,
  parameterTypes: readonly number[],
  infer: boolean,
): PlannedStatement {
  return planCursorIn(services, new BindContext(services, text, parameterTypes, infer), node);
}

/** The same with a context that knows what surrounds the query. */
export function planCursorIn(services: PlannerServices, cx: BindContext, node: Node): PlannedStatement {
  const planned = optimized(services, cx, exposeRowIds(cx, bindStatement(cx, node)), true);
  const plain = isPlainScan(planned.root);
  return { ...planned, currentRows: planned.currentRows?.filter((row) => row.locked || plain) ?? [] };
}

export function planBound(services: PlannerServices, cx: BindContext, bound: PlannedStatement): PlannedStatement {
  return optimized(services, cx, bound, false);
}

function optimized(
  services: PlannerServices,
  cx: BindContext,
  bound: PlannedStatement,
  fewRows: boolean,
): PlannedStatement {
  const fold = constantFolder(services);
  const tables = new SampledStatistics(
    services,
    (relation) => services.rowCount(relation),
    (relation, text) => foldedText(cx, fold, relation, text),
  );
  const access: AccessContext = {
    catalog: services.catalog,
    statistics: new Statistics(tables),
    indexes: new BoundIndexKeys(cx),
    fold,
  };
  const planned = optimize(access, bound, fewRows);
  return { ...planned, basis: tables.basis };
}

/** Of expressions that are in no conversion there is nothing to fold. */
function foldedText(cx: BindContext, fold: (expr: Expr) => Expr, relation: RelationDesc, text: string): string {
  if (!text.includes('::')) return text;
  const bind = BindContext.within(cx, text);
  const { all, visible } = relationColumns(bind, relation);
  const expr = rewriteExpr(bindStandaloneExpr(bind, text, rowScope(relation, visible)), (part) =>
    isConstantCall(part) ? fold(part) : part,
  );
  return storedTextIn(cx.services, expr, (id) => all.find((column) => column.id === id)?.name);
}

type IndexKeys = ReturnType<typeof bindIndexKeys>;

/** Join orders ask for the same index of the same scan many times. */
class BoundIndexKeys implements IndexExpressions {
  private readonly known = new Map<IndexDesc, Map<SeqScanNode['columns'], IndexKeys>>();

  constructor(private readonly cx: BindContext) {}

  keys(scan: SeqScanNode, index: IndexDesc): IndexKeys {
    let ofIndex = this.known.get(index);
    if (ofIndex === undefined) {
      ofIndex = new Map();
      this.known.set(index, ofIndex);
    }
    let keys = ofIndex.get(scan.columns);
    if (keys === undefined) {
      const columns = attributeColumns(scan.relation, scan.columns);
      const scope = rowScope(scan.relation, withoutDropped(scan.relation, columns));
      keys = bindIndexKeys(BindContext.within(this.cx, ''), index, scope, columns);
      ofIndex.set(scan.columns, keys);
    }
    return keys;
  }
}
