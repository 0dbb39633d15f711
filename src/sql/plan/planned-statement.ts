/** A statement that was planned: the plan with what its users have to know of it. */
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { PlannedIndexes, RowLockMode } from '../../storage/api.js';
import type { ColumnId } from './expression.js';
import type { PlanAccess } from './plan-access.js';
import type { PlanNode } from './plan-node.js';

export interface OutputField {
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  readonly collation: number;
  readonly tableOid: number;
  readonly columnNumber: number;
}

/** Where the rows of a cursor's query carry the row id of a table's row, for WHERE CURRENT OF. */
export interface CurrentRow {
  /** OID of the table. */
  readonly relation: number;
  readonly slot: number;
  /** Named by FOR UPDATE or FOR SHARE. */
  readonly locked: boolean;
}

export interface RelationUse {
  readonly oid: number;
  readonly write: boolean;
  readonly rowLock: RowLockMode | null;
  /** To be locked after it. */
  readonly indexes: PlannedIndexes | null;
  /** Where the statement first names it, as a position in characters. */
  readonly position?: number | undefined;
}

/** What a plan was chosen for. */
export interface PlanBasis {
  readonly relation: RelationDesc;
  /** How many it had. */
  readonly rows: number;
  /** Conditions could not be tried on rows, because none were in memory. */
  readonly untried: boolean;
}

/** A statement that runs through the executor, ready to be cached. */
export interface PlannedStatement {
  readonly command: 'select' | 'insert' | 'update' | 'delete' | 'merge';
  readonly root: PlanNode;
  /** Result columns, in the order of `root.columns`; null when the statement returns no rows. */
  readonly fields: readonly OutputField[] | null;
  readonly parameterTypes: readonly number[];
  /** Relations to lock before execution. */
  readonly relations: readonly RelationUse[];
  /** Whether running it can change data or take row locks (for read-only transactions and snapshots). */
  readonly readOnly: boolean;
  readonly access: PlanAccess;
  readonly catalogVersion: number;
  /** Set for the queries of cursors, whose rows have columns for it behind those of `fields`. */
  readonly currentRows?: readonly CurrentRow[];
  readonly basis?: readonly PlanBasis[];
  /** Names and types of columns, by id, for EXPLAIN. */
  readonly columnNames: ReadonlyMap<ColumnId, string>;
}
