/**
 * Plan nodes. The binder makes logical ones (scans, joins without a method), the optimizer's rules rewrite them until
 * only nodes that the executor has an operator for are left. Every node gives rows of the columns `columns`, in this
 * order. Nodes are immutable.
 */
import type { ConstraintDesc, IndexDesc, RelationDesc, TriggerDesc } from '../../catalog/descriptors.js';
import type { LockWaitPolicy, RowLockMode } from '../../storage/api.js';
import type { AggregateCall, ColumnId, Expr, SortKey, WindowCall, WindowFrame } from './expression.js';

interface Node {
  readonly columns: readonly ColumnId[];
  /** The planner's estimates; 0 until the optimizer has set them. */
  readonly rows: number;
  readonly cost: number;
}

/** The estimates of a node that the optimizer has not seen. */
export const UNESTIMATED = { rows: 0, cost: 0 } as const;

/** One row without columns. */
export interface OneRowNode extends Node {
  readonly kind: 'one row';
}

/** No rows (a filter that is never true). */
export interface EmptyNode extends Node {
  readonly kind: 'empty';
}

export interface ValuesNode extends Node {
  readonly kind: 'values';
  readonly tuples: readonly (readonly Expr[])[];
  /** Those of a long INSERT behind the first one, which are bound when it is their turn. They hold no subqueries and no parameters. */
  readonly further?: FurtherTuples;
}

export interface FurtherTuples {
  readonly length: number;
  /** Tuples from number `from` on, at least one and at most `most`. @throws SqlError what is wrong with them */
  bind(from: number, most: number): readonly (readonly Expr[])[];
}

/** A hidden column of a stored row. 'row id' is the RowId as a number (internal, for DML and locking). */
export type SystemColumn = 'row id' | 'ctid' | 'tableoid' | 'xmin' | 'xmax' | 'cmin' | 'cmax';

/**
 * The columns of a scan are the relation's attributes in storage order (dropped ones included), then the requested
 * system columns. Without system columns the stored rows are handed on as they are.
 */
export interface TableScan extends Node {
  readonly relation: RelationDesc;
  /** As written in the query, for EXPLAIN. */
  readonly alias: string;
  readonly system: readonly SystemColumn[];
  readonly filter: Expr | null;
}

export interface SeqScanNode extends TableScan {
  readonly kind: 'seq scan';
  /** WHERE CURRENT OF: only the row on which this cursor of the session stands. */
  readonly currentOf?: string;
  /** The parameter that holds the cursor's name, where `currentOf` is a variable. */
  readonly currentOfParam?: number;
}

export type IndexCondition =
  /** Equality on the next key column; a NULL value finds nothing. */
  | { readonly kind: 'equal'; readonly value: Expr }
  | { readonly kind: 'is null' }
  /** Equality with any element of an array. Results come in key order when this is not followed by an unsorted use. */
  | { readonly kind: 'any'; readonly array: Expr };

export interface IndexBound {
  readonly value: Expr;
  readonly inclusive: boolean;
}

/**
 * Rows in index order: equality on the first `prefix.length` key columns, then optionally a range on the next one.
 * A NULL bound finds nothing. With a range and no lower/upper NULL handling: NULLs of the ranged column are not given;
 * with neither bound nor `notNull` the whole prefix range comes, NULLs included. Values have the type of the key column.
 */
export interface IndexScanNode extends TableScan {
  readonly kind: 'index scan';
  readonly index: IndexDesc;
  /** What each key column holds, over the scan's columns; for re-checks of older row versions. */
  readonly indexKeys: readonly Expr[];
  readonly indexPredicate: Expr | null;
  readonly prefix: readonly IndexCondition[];
  readonly lower: IndexBound | null;
  readonly upper: IndexBound | null;
  readonly notNull: boolean;
  readonly descending: boolean;
  /** The sequential scan that the optimizer replaced, for joins that would rather look rows up by their key. */
  readonly original?: SeqScanNode;
  /** The conditions that the index answers, for estimates. */
  readonly served: readonly Expr[];
}

/** `column OPERATOR value` for a column of an index; the operator by its number in the operator family. */
export interface ItemCondition {
  readonly column: number;
  readonly strategy: number;
  readonly value: Expr;
}

/**
 * The rows that a gin index finds for all of its conditions, in the order of the table. They are candidates: `filter` has the
 * conditions as well.
 */
export interface BitmapScanNode extends TableScan {
  readonly kind: 'bitmap scan';
  readonly index: IndexDesc;
  /** Types of the index's columns. */
  readonly types: readonly number[];
  readonly conditions: readonly ItemCondition[];
  readonly original: SeqScanNode;
  /** The conditions that the index narrows down, as they stand in the filter. */
  readonly served: readonly Expr[];
  /** Conditions of the filter that make the predicate of the index. */
  readonly ofPredicate: readonly Expr[];
}

/** Set-returning (or scalar) functions in FROM; several for ROWS FROM. Each contributes `columnCounts[i]` columns. */
export interface FunctionScanNode extends Node {
  readonly kind: 'function scan';
  readonly functions: readonly Expr[];
  readonly columnCounts: readonly number[];
  /** Types of a column definition list (record-returning functions), per function; null otherwise. */
  readonly columnDefinitions: readonly (readonly { name: string; type: number; typmod: number }[] | null)[];
  /** The last column counts rows from 1. */
  readonly ordinality: boolean;
  readonly alias: string;
}

export interface FilterNode extends Node {
  readonly kind: 'filter';
  readonly input: PlanNode;
  readonly predicate: Expr;
}

/** Computes `exprs[i]` into `columns[i]`. An item that is a column of the input under its own id is passed on. */
export interface ProjectNode extends Node {
  readonly kind: 'project';
  readonly input: PlanNode;
  readonly exprs: readonly Expr[];
}

/** As Project, but items that are calls of set-returning functions give several rows, expanded in lockstep. */
export interface ProjectSetNode extends Node {
  readonly kind: 'project set';
  readonly input: PlanNode;
  readonly exprs: readonly Expr[];
}

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';

interface Join extends Node {
  readonly joinType: JoinType;
  readonly left: PlanNode;
  readonly right: PlanNode;
}

/**
 * The rows of `left` and `right` joined: columns of the left, then of the right (semi and anti: left only). The right
 * side is run again for each left row when it reads columns of the left (`lateral` lists them).
 */
export interface NestedLoopNode extends Join {
  readonly kind: 'nested loop';
  readonly condition: Expr | null;
  readonly lateral: readonly ColumnId[];
}

/** 'right semi' and 'right anti' give rows of the right side, which is built: those with a partner, and those without. */
export type HashJoinType = JoinType | 'right semi' | 'right anti';

/** Equality on `leftKeys[i]` = `rightKeys[i]`; the right side is built. NULL keys never match. `residual`: what else must hold. */
export interface HashJoinNode extends Node {
  readonly kind: 'hash join';
  readonly joinType: HashJoinType;
  readonly left: PlanNode;
  readonly right: PlanNode;
  readonly leftKeys: readonly Expr[];
  readonly rightKeys: readonly Expr[];
  readonly residual: Expr | null;
  /** NOT IN semantics for 'anti': a NULL on either side makes the result unknown. */
  readonly nullAware: boolean;
}

/** Both inputs sorted by their keys, ascending, nulls last. */
export interface MergeJoinNode extends Join {
  readonly kind: 'merge join';
  readonly leftKeys: readonly Expr[];
  readonly rightKeys: readonly Expr[];
  readonly residual: Expr | null;
}

/** A join as the binder makes it; the optimizer picks the method. */
export interface LogicalJoinNode extends Join {
  readonly kind: 'join';
  readonly condition: Expr | null;
  readonly lateral: readonly ColumnId[];
}

/**
 * Columns: one per `groupBy`, then one per aggregate call, then (with `grouping`) one per GROUPING() call.
 * Without `groupBy` one row comes always. `sets` lists indexes into `groupBy` for GROUPING SETS; null for plain GROUP BY.
 */
export interface AggregateNode extends Node {
  readonly kind: 'aggregate';
  readonly input: PlanNode;
  readonly groupBy: readonly Expr[];
  readonly sets: readonly (readonly number[])[] | null;
  readonly calls: readonly AggregateCall[];
  /** For each GROUPING() call the indexes into `groupBy`. */
  readonly grouping: readonly (readonly number[])[];
  /** 'sorted': the input comes ordered by the group columns. */
  readonly strategy: 'hash' | 'sorted' | 'plain';
}

/** Columns of the input, then one per call. One window definition per node. */
export interface WindowNode extends Node {
  readonly kind: 'window';
  readonly input: PlanNode;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFrame;
  readonly calls: readonly WindowCall[];
}

/** `limit`: only the first so many rows are wanted (top-N), null for all. `presorted`: so many leading keys hold already. */
export interface SortNode extends Node {
  readonly kind: 'sort';
  readonly input: PlanNode;
  readonly keys: readonly SortKey[];
  readonly limit: Expr | null;
  readonly presorted: number;
}

/** NULL means no limit / offset 0; negative values are 2201W / 2201X. `tiesKeys`: FETCH … WITH TIES. */
export interface LimitNode extends Node {
  readonly kind: 'limit';
  readonly input: PlanNode;
  readonly limit: Expr | null;
  readonly offset: Expr | null;
  readonly tiesKeys: readonly SortKey[] | null;
}

/** Drops duplicates by `keys`, keeping the first row of each; input order is kept. `sorted`: equal keys are adjacent. */
export interface DistinctNode extends Node {
  readonly kind: 'distinct';
  readonly input: PlanNode;
  readonly keys: readonly Expr[];
  readonly sorted: boolean;
}

/** Rows of all inputs, one after the other; column i of every input becomes `columns[i]`. */
export interface AppendNode extends Node {
  readonly kind: 'append';
  readonly inputs: readonly PlanNode[];
}

export interface SetOperationNode extends Node {
  readonly kind: 'set operation';
  readonly operation: 'intersect' | 'except';
  readonly all: boolean;
  readonly left: PlanNode;
  readonly right: PlanNode;
}

export interface CteDefinition {
  readonly id: number;
  readonly name: string;
  readonly plan: PlanNode;
}

/** Runs `body`, in which `cte scan` nodes read the definitions. Each is run at most once, lazily (data-modifying ones always, to their end). */
export interface WithNode extends Node {
  readonly kind: 'with';
  readonly ctes: readonly CteDefinition[];
  readonly body: PlanNode;
}

export interface CteScanNode extends Node {
  readonly kind: 'cte scan';
  readonly cte: number;
  readonly name: string;
  readonly alias: string;
}

/** WITH RECURSIVE: the rows of `seed`, then of `step` until it gives none; `work table scan` nodes in it read the last round. */
export interface RecursiveUnionNode extends Node {
  readonly kind: 'recursive union';
  readonly id: number;
  readonly seed: PlanNode;
  readonly step: PlanNode;
  /** UNION (not ALL): duplicates are dropped. */
  readonly distinct: boolean;
}

export interface WorkTableScanNode extends Node {
  readonly kind: 'work table scan';
  readonly id: number;
  readonly name: string;
}

/** Rows that come from outside the plan (COPY FROM); whoever runs the plan sets `ExecContext.rowSource`. */
export interface RowSourceNode extends Node {
  readonly kind: 'row source';
}

/** FOR UPDATE and friends. Each lock names the columns that hold the row and its row id. */
export interface LockRowsNode extends Node {
  readonly kind: 'lock rows';
  readonly input: PlanNode;
  readonly locks: readonly {
    readonly relation: RelationDesc;
    readonly rowId: ColumnId;
    /** The row's columns in the input by attribute, -1 where the input does not have it. */
    readonly attributes: readonly ColumnId[];
    readonly mode: RowLockMode;
    readonly policy: LockWaitPolicy;
  }[];
  /** The clause stands in a query around this one. */
  readonly pushed: boolean;
  /** Columns of the input that were computed from others, which may be those of a locked row: in this order. */
  readonly recomputed: readonly { readonly column: ColumnId; readonly expr: Expr }[];
  /**
   * Outer joins below, inner ones first. When a locked row has moved and the condition no longer holds, the columns of
   * the other side become null.
   */
  readonly padded: readonly { readonly condition: Expr; readonly columns: readonly ColumnId[] }[];
  /** To be evaluated again with the new version's columns when a locked row has moved. */
  readonly recheck: Expr | null;
}

/** What writing into a relation takes. Expressions read the new row through `columns` (one per attribute). */
export interface WriteTarget {
  readonly relation: RelationDesc;
  readonly columns: readonly ColumnId[];
  /** `ofView`: the condition of a view WITH CHECK OPTION, which goes by its name. */
  readonly checks: readonly { readonly name: string; readonly expr: Expr; readonly ofView?: boolean }[];
  readonly indexes: readonly TargetIndex[];
  readonly triggers: readonly TargetTrigger[];
  /** Where triggers may change rows: the stored generated columns, which are computed after that. */
  readonly generated: readonly { readonly slot: number; readonly expr: Expr }[];
}

/** A trigger with its WHEN condition over the old and the new row, columns by attribute. */
export interface TargetTrigger {
  readonly trigger: TriggerDesc;
  readonly when: { readonly expr: Expr; readonly old: readonly ColumnId[]; readonly new: readonly ColumnId[] } | null;
}

export interface TargetIndex {
  readonly index: IndexDesc;
  readonly keys: readonly Expr[];
  readonly predicate: Expr | null;
  readonly constraint: ConstraintDesc | null;
}

/** RETURNING: expressions over the target's `columns` (new row; for DELETE the old one) and the input's columns. */
export interface Returning {
  readonly exprs: readonly Expr[];
  /** System columns of the written row that `exprs` read, and where they stand. */
  readonly system: readonly SystemColumn[];
  readonly systemIds: readonly ColumnId[];
}

export interface OnConflict {
  readonly action: 'nothing' | 'update';
  /** The unique indexes that arbitrate; empty: all of them (DO NOTHING without a target). */
  readonly arbiters: readonly IndexDesc[];
  /** For DO UPDATE: the existing row's columns by attribute (the proposed row is read through the target's `columns`). */
  readonly existing: readonly ColumnId[];
  /** The row to store, one expression per attribute over `existing` and the proposed row. */
  readonly newRow: readonly Expr[];
  readonly changed: readonly number[];
  readonly where: Expr | null;
}

/** The input gives complete rows in the target's layout (defaults and generated columns computed). Columns: RETURNING's, or none. */
export interface InsertNode extends Node {
  readonly kind: 'insert';
  readonly input: PlanNode;
  readonly target: WriteTarget;
  readonly onConflict: OnConflict | null;
  readonly returning: Returning | null;
}

/**
 * The input gives the old row (`oldColumns`, one per attribute), its row id (`rowId`) and whatever `newRow` reads.
 * Only the first of several input rows for the same target row counts. `recheck`: see LockRows.
 */
export interface UpdateNode extends Node {
  readonly kind: 'update';
  readonly input: PlanNode;
  readonly target: WriteTarget;
  readonly rowId: ColumnId;
  readonly oldColumns: readonly ColumnId[];
  readonly newRow: readonly Expr[];
  /** Attribute numbers that SET names (generated columns that depend on them included). */
  readonly changed: readonly number[];
  readonly recheck: Expr | null;
  readonly returning: Returning | null;
}

export interface DeleteNode extends Node {
  readonly kind: 'delete';
  readonly input: PlanNode;
  readonly target: WriteTarget;
  readonly rowId: ColumnId;
  readonly oldColumns: readonly ColumnId[];
  readonly recheck: Expr | null;
  readonly returning: Returning | null;
}

/** What MERGE does with a row whose `condition` holds. Expressions read the input; the first action that fits is done. */
export type MergeAction = { readonly matched: boolean; readonly condition: Expr | null } & (
  | { readonly kind: 'nothing' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'update'; readonly newRow: readonly Expr[]; readonly changed: readonly number[] }
  /** `stored`: the row with its generated columns, over the target's `columns`; null where there are none. */
  | { readonly kind: 'insert'; readonly newRow: readonly Expr[]; readonly stored: readonly Expr[] | null }
);

/**
 * The input gives the rows of the source, each with the target's row that it matches (`oldColumns` and `rowId`, which is
 * NULL where none does). `recheck`: the condition of the join, see LockRows.
 */
export interface MergeNode extends Node {
  readonly kind: 'merge';
  readonly input: PlanNode;
  readonly target: WriteTarget;
  readonly rowId: ColumnId;
  readonly oldColumns: readonly ColumnId[];
  readonly actions: readonly MergeAction[];
  readonly recheck: Expr | null;
}

export type PlanNode =
  | OneRowNode
  | EmptyNode
  | ValuesNode
  | SeqScanNode
  | IndexScanNode
  | BitmapScanNode
  | FunctionScanNode
  | FilterNode
  | ProjectNode
  | ProjectSetNode
  | LogicalJoinNode
  | NestedLoopNode
  | HashJoinNode
  | MergeJoinNode
  | AggregateNode
  | WindowNode
  | SortNode
  | LimitNode
  | DistinctNode
  | AppendNode
  | SetOperationNode
  | WithNode
  | CteScanNode
  | RecursiveUnionNode
  | WorkTableScanNode
  | RowSourceNode
  | LockRowsNode
  | InsertNode
  | UpdateNode
  | DeleteNode
  | MergeNode;
