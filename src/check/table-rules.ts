/**
 * What a table's rows have to obey, beyond what the catalog says in plain columns: expressions, which only a session can
 * bind. The layers put their making above this folder (session/table-rules.ts).
 */
import type { IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import type { ExecContext } from '../exec/exec-context.js';
import type { Row } from '../types/datum.js';

export interface TableRules {
  readonly exec: ExecContext;
  /** Name of a CHECK constraint that the row breaks; null when it breaks none. @throws SqlError of its expressions */
  brokenCheck(row: Row): string | null;
  /** The key under which the index has the row; null: it has none. @throws SqlError of its expressions */
  keyOf(index: IndexDesc): (row: Row) => string | null;
}

/** REQUIRES: a table of a user; those of the system have no expressions. */
export type RulesOf = (relation: RelationDesc) => TableRules;
