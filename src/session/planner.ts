/** From a parsed statement to a plan that the executor runs. */
import type { Node } from '@pgsql/types';
import type { IndexDesc } from '../catalog/descriptors.js';
import { BindContext, type BinderServices } from '../sql/binder/bind-context.js';
import { bindStatement } from '../sql/binder/bind-statement.js';
import { exposeRowIds, isPlainScan } from '../sql/binder/row-ids.js';
import { attributeColumns, withoutDropped } from '../sql/binder/scope.js';
import { bindIndexKeys, rowScope } from '../sql/binder/write-target.js';
import type { AccessContext } from '../sql/optimizer/access-path.js';
import { optimize } from '../sql/optimizer/optimize.js';
import type { PlannedStatement, SeqScanNode } from '../sql/plan/plan-node.js';

/** Binds and optimizes. `parameterTypes`: declared ones, 0 for those to be inferred. */
export function planStatement(
  services: BinderServices,
  text: string,
  node: Node,
  parameterTypes: readonly number[],
  infer: boolean,
): PlannedStatement {
  const cx = new BindContext(services, text, parameterTypes, infer);
  return planBound(cx, bindStatement(cx, node));
}

/** The query of a cursor: its rows carry what WHERE CURRENT OF needs. */
export function planCursor(
  services: BinderServices,
  text: string,
  node: Node,
  parameterTypes: readonly number[],
  infer: boolean,
): PlannedStatement {
  const cx = new BindContext(services, text, parameterTypes, infer);
  const planned = optimize(accessContext(cx), exposeRowIds(cx, bindStatement(cx, node)), true);
  const plain = isPlainScan(planned.root);
  return { ...planned, currentRows: planned.currentRows?.filter((row) => row.locked || plain) ?? [] };
}

export function planBound(cx: BindContext, bound: PlannedStatement): PlannedStatement {
  return optimize(accessContext(cx), bound);
}

function accessContext(cx: BindContext): AccessContext {
  const { services } = cx;
  return {
    catalog: services.catalog,
    statistics: {
      rowCount: (relation) => services.rowCount(relation),
      isUnique: (relation, attributes) => relation.indexes.some((index) => coversUnique(index, attributes)),
    },
    indexes: { keys: (scan, index) => indexKeys(cx, scan, index) },
  };
}

function coversUnique(index: IndexDesc, attributes: readonly number[]): boolean {
  return (
    index.unique &&
    index.predicateText === null &&
    index.attributes.slice(0, index.keyColumns).every((number) => number !== 0 && attributes.includes(number))
  );
}

function indexKeys(cx: BindContext, scan: SeqScanNode, index: IndexDesc) {
  const columns = attributeColumns(scan.relation, scan.columns);
  const inner = BindContext.within(cx, '');
  return bindIndexKeys(inner, index, rowScope(scan.relation, withoutDropped(scan.relation, columns)), columns);
}
