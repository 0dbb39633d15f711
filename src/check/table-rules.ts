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
  /** Whether an index of another access method than btree has entries. */
  hasEntries(index: IndexDesc): boolean;
  /** The keys under which the index has the row, each once. @throws SqlError of its expressions */
  keysOf(index: IndexDesc): (row: Row) => readonly string[];
}

/** REQUIRES: a table of a user; those of the system have no expressions. */
export type RulesOf = (relation: RelationDesc) => TableRules;
