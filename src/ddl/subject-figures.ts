/** Figures of one column or expression of a sample, with the operators by which they were made. */
import type { StoredSlot } from '../catalog/ddl/statistics.js';
import type { TypeDesc } from '../catalog/descriptors.js';
import type { ExecContext } from '../exec/exec-context.js';
import { keyFunction } from '../exec/group-key.js';
import { valueComparator } from '../exec/row-order.js';
import { columnSample } from '../exec/statistics/column-sample.js';
import { type ColumnFigures, columnFigures, STATISTIC } from '../exec/statistics/column-statistics.js';
import { elementSlots } from '../exec/statistics/element-statistics.js';
import { storedWidth } from '../exec/statistics/stored-width.js';
import { evaluateFor } from '../exec/write-operator.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';

const ROWS_AT_ONCE = 64;

export interface Subject {
  readonly type: number;
  readonly collation: number;
  /** Entries of lists. */
  readonly target: number;
  /** Set by the user; null: to be estimated. */
  readonly distinct: number | null;
}

/** Undefined leaves a row out. */
export function* sampledValues(
  execution: ExecContext,
  rows: readonly Row[],
  value: (row: Row) => Datum | undefined,
): Task<Datum[]> {
  const values: Datum[] = [];
  for (let i = 0; i < rows.length; i++) {
    if (i % ROWS_AT_ONCE === 0 && execution.overdue()) yield execution.giveWay();
    const found = yield* evaluateFor(value, rows[i]);
    if (found !== undefined) values.push(found);
  }
  return values;
}

/** `values`: of the sample; `total`: rows of the whole table. Null for types without code, and for an empty sample. */
export function* valueFigures(
  cx: DdlContext,
  execution: ExecContext,
  { type, collation, target, distinct }: Subject,
  values: readonly Datum[],
  total: number,
): Task<{ readonly figures: ColumnFigures; readonly slots: readonly StoredSlot[] } | null> {
  const desc = cx.view().type(type);
  const codec = desc?.codec;
  if (desc === undefined || codec === undefined) return null;
  const operators = operatorsOf(cx, desc);
  const sample = yield* columnSample(execution, values, {
    compare: operators.less === 0 ? null : valueComparator(cx.exec.types, { type, collation }),
    key: operators.equal === 0 ? (value) => value : keyFunction(cx.exec.types, type),
    width: storedWidth(desc, codec, cx.exec.types),
  });
  const order = operators.equal === 0 ? 0 : operators.less === 0 ? 1 : 2;
  const figures = columnFigures(sample, { target, total, order, fixedWidth: Math.max(0, desc.len), distinct });
  if (figures === null) return null;
  if (desc.kind === 'r' || desc.kind === 'm') return { figures: ofRanges(figures), slots: [] };
  const slots = figures.slots.map(
    (slot): StoredSlot => ({
      ...slot,
      operator: slot.kind === STATISTIC.commonValues ? operators.equal : operators.less,
      collation,
      valueType: type,
    }),
  );
  slots.push(...(yield* arraySlots(cx, execution, desc, { collation, target }, values)));
  return { figures, slots };
}

/** Ranges are taken to be all different; PostgreSQL has histograms of their bounds, which nothing here would read. */
function ofRanges(figures: ColumnFigures): ColumnFigures {
  return { ...figures, distinct: figures.distinct === 0 ? 0 : -1, slots: [] };
}

function* arraySlots(
  cx: DdlContext,
  execution: ExecContext,
  type: TypeDesc,
  { collation, target }: Pick<Subject, 'collation' | 'target'>,
  values: readonly Datum[],
): Task<StoredSlot[]> {
  const element = type.isArray ? cx.view().type(type.element) : undefined;
  if (element?.codec === undefined) return [];
  const { codec } = element;
  const { equal, less } = operatorsOf(cx, element);
  if (equal === 0 || less === 0) return [];
  const order = { compare: (a: Datum, b: Datum) => codec.compare(a, b), key: keyFunction(cx.exec.types, element.oid) };
  const slots = yield* elementSlots(execution, values, order, target);
  return slots.map((slot) => ({ ...slot, operator: equal, collation, valueType: element.oid }));
}

/** OIDs of `=` and `<` by which values of a type are compared by default, 0 where there are none. */
function operatorsOf(cx: DdlContext, type: TypeDesc): { readonly equal: number; readonly less: number } {
  const view = cx.view();
  let base: TypeDesc | undefined = type;
  while (base?.kind === 'd') base = view.type(base.baseType);
  const tree = view.defaultOpclass(base?.oid ?? 0, 'btree');
  if (tree !== undefined) {
    const operator = (strategy: number): number =>
      view.familyOperator(tree.family, tree.inputType, tree.inputType, strategy);
    return { equal: operator(3), less: operator(1) };
  }
  const hash = view.defaultOpclass(base?.oid ?? 0, 'hash');
  const equal = hash === undefined ? 0 : view.familyOperator(hash.family, hash.inputType, hash.inputType, 1);
  return { equal, less: 0 };
}
