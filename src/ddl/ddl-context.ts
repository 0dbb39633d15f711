/**
 * What DDL statements need of the session that runs them. Lookups go through `view`, which is fetched anew because every
 * catalog change makes a new one; changes go through `writer`.
 */
import type { ExecuteStmt, Node, VariableSetStmt } from '@pgsql/types';
import type { CatalogWriter } from '../catalog/catalog-writer.js';
import type { CatalogView } from '../catalog/descriptors.js';
import type { ErrorFields } from '../errors/sql-error.js';
import type { ExecServices } from '../exec/exec-context.js';
import type { BindContext, BinderServices } from '../sql/binder/bind-context.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Store, Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { DatabaseControl } from './database-control.js';

export interface DdlContext {
  readonly store: Store;
  readonly transaction: Transaction;
  readonly writer: CatalogWriter;
  /** The catalogs as of now, the statement's own changes included. */
  view(): CatalogView;
  /** For compiling and evaluating expressions (build-index, checks, USING). */
  readonly exec: ExecServices;
  /** For binding statements of function bodies. */
  readonly planning: BinderServices;
  readonly databases: DatabaseControl;
  /** OID of the current role. */
  readonly role: number;
  readonly roleName: string;
  /** Whether the transaction goes on after the statement. */
  readonly inBlock: boolean;
  /** The text that AST locations count in. */
  readonly text: string;
  /** Values of the statement's parameters. */
  readonly params: readonly Datum[];
  /** A fresh binding context over `text` (default: the statement's). */
  bindContext(text?: string): BindContext;
  /** Plans a query given as AST in `text` (default: the statement's), and locks what it reads. */
  plan(node: Node, text?: string): Task<PlannedStatement>;
  /** The plan of the prepared statement that EXECUTE names, what it reads locked, and the values of its parameters. */
  planExecute(statement: ExecuteStmt): Task<{ planned: PlannedStatement; params: readonly Datum[] }>;
  /** Runs a planned query in this transaction and hands over every batch of rows. */
  run(
    planned: PlannedStatement,
    onRows: (rows: readonly Row[], length: number) => Task<void>,
    params?: readonly Datum[],
  ): Task<void>;
  notice(severity: 'NOTICE' | 'WARNING' | 'INFO', message: string, fields?: ErrorFields & { code?: string }): void;
  /** The value in a SET clause of a function; null to take the clause away. */
  settingValue(statement: VariableSetStmt): string | null;
  /** The schema of temporary objects, made at first use. */
  temporaryNamespace(): Task<number>;
  /** Whether an open cursor or portal of this session reads the relation (a table or an index). */
  isRead(relation: number): boolean;
  /** Registers what must happen at the end of the transaction (ON COMMIT DROP / DELETE ROWS). */
  onCommitAction(relation: number, action: 'drop' | 'delete rows'): void;
  /** What pg_authid keeps of a role's password, by password_encryption; null for an empty one, also when it is encrypted. */
  storedPassword(password: string, role: string): string | null;
  /** VACUUM or ANALYZE has gone over the table; `allColumns`: the changes that were counted since are known now. */
  maintained(relation: number, what: 'vacuum' | 'analyze', allColumns: boolean): void;
  /** Log line for operators, e.g. "created table". */
  log(message: string, fields: Record<string, unknown>): void;
}
