/**
 * What a statement does with tables and functions, for the check of privileges when it is executed: one entry a table
 * reference, in the order in which they are bound. A plan is made anew when the catalogs change, so a check that has
 * passed for a role holds as long as the plan does.
 */
import type { RelationDesc } from '../../catalog/descriptors.js';

export interface TableAccess {
  readonly relation: RelationDesc;
  /** Whose privileges count: the owner's of the view that names the table; 0: the current user's. */
  readonly role: number;
  /** Bits of privileges, all of which are needed on the table or, where columns can have them, on the columns below. */
  required: number;
  /** Numbers of the columns that are read; WHOLE_ROW for all of them. */
  readonly selected: Set<number>;
  readonly inserted: Set<number>;
  readonly updated: Set<number>;
}

/** Column number of a reference to the row as a whole. */
export const WHOLE_ROW = 0;

export interface PlanAccess {
  readonly tables: readonly TableAccess[];
  /** OIDs of called functions that not everybody may execute. */
  readonly functions: ReadonlySet<number>;
  /** The role that the check has passed for, 0 for none yet. */
  passedFor: number;
}
