/**
 * Notes while a statement is bound what it needs privileges for: tables with their columns, and functions. Columns are
 * told apart by their ids, which a table reference makes known when it becomes visible.
 */
import type { ProcDesc, RelationDesc } from '../../catalog/descriptors.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import type { ColumnId } from '../plan/expression.js';
import { type PlanAccess, type TableAccess, WHOLE_ROW } from '../plan/plan-access.js';
import type { ScopeColumn } from './scope.js';

interface Recorded {
  readonly tables: TableAccess[];
  readonly functions: Set<number>;
  readonly columns: Map<ColumnId, { readonly access: TableAccess; readonly number: number }>;
  /** Settles entries that depend on others, when everything is bound. */
  readonly derived: (() => void)[];
}

export class AccessRecorder {
  private constructor(
    private readonly recorded: Recorded,
    /** Whose privileges count, 0 for the current user's. */
    readonly role: number,
    private readonly silent: boolean,
  ) {}

  static forStatement(): AccessRecorder {
    return new AccessRecorder({ tables: [], functions: new Set(), columns: new Map(), derived: [] }, 0, false);
  }

  /** For the query of a view: its tables are read in the owner's name. */
  under(role: number): AccessRecorder {
    return new AccessRecorder(this.recorded, role, this.silent);
  }

  /** For texts of the catalog that belong to a table (defaults, checks, index keys): they need no privileges on it. */
  silenced(): AccessRecorder {
    return this.silent ? this : new AccessRecorder(this.recorded, this.role, true);
  }

  /** Adds a table reference that needs the privileges (bits). */
  table(relation: RelationDesc, required: number, role = this.role): TableAccess {
    const access: TableAccess = {
      relation,
      role,
      required,
      selected: new Set(),
      inserted: new Set(),
      updated: new Set(),
    };
    if (!this.silent) this.recorded.tables.push(access);
    return access;
  }

  /** From now on reading one of the columns is reading the table's. */
  expose(access: TableAccess, columns: readonly ScopeColumn[]): void {
    if (this.silent) return;
    for (const { id, columnNumber } of columns) this.recorded.columns.set(id, { access, number: columnNumber });
  }

  /** The statement reads the column. */
  read(column: ScopeColumn): void {
    if (this.silent) return;
    const found = this.recorded.columns.get(column.id);
    if (found !== undefined) readColumn(found.access, found.number);
  }

  /** The statement reads the row as a whole. */
  readRow(columns: readonly ScopeColumn[]): void {
    if (this.silent) return;
    for (const { id } of columns) {
      const found = this.recorded.columns.get(id);
      if (found !== undefined) readColumn(found.access, WHOLE_ROW);
    }
  }

  /** The tables of the columns need the privileges too. */
  require(columns: readonly ScopeColumn[], privileges: number): void {
    for (const { id } of columns) {
      const found = this.recorded.columns.get(id);
      if (found !== undefined) found.access.required |= privileges;
    }
  }

  call(proc: ProcDesc): void {
    if (proc.acl !== null) this.recorded.functions.add(proc.oid);
  }

  derive(settle: () => void): void {
    if (!this.silent) this.recorded.derived.push(settle);
  }

  finish(): PlanAccess {
    const { tables, functions, derived } = this.recorded;
    for (const settle of derived) settle();
    return { tables, functions, passedFor: 0 };
  }
}

/** A column that is read makes reading the table necessary, whatever else is done with it. */
export function readColumn(access: TableAccess, number: number): void {
  access.required |= PRIVILEGE.SELECT;
  access.selected.add(number);
}
