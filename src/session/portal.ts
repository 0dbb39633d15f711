/**
 * A portal: a statement with its parameters, and how far it has been run. Binding makes one, and so does DECLARE, whose
 * portals are the cursors of SQL. While its transaction lasts a started query holds its execution and snapshot.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Execution } from '../exec/executor.js';
import type { OutputField, PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Snapshot, Transaction } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { Cursor } from './cursor.js';
import type { CursorOptions } from './cursor-options.js';
import { PROTOCOL_PORTAL } from './cursor-options.js';
import type { LargeOutput } from './large-output.js';
import type { Prepared } from './prepared.js';
import type { Format } from './result-sink.js';
import type { Session } from './session.js';

export class Portal {
  /** 'done': a statement without rows has run. 'failed': an error has ended it; it can only be closed. */
  status: 'ready' | 'active' | 'done' | 'failed' = 'ready';
  execution: Execution | null = null;
  snapshot: Snapshot | null = null;
  transaction: Transaction | null = null;
  /** The plan whose relations were locked when the portal was made. */
  locked: PlannedStatement | null = null;
  /** Made when rows are fetched in parts. */
  cursor: Cursor | null = null;
  /** Rows that the present run has given. */
  sent = 0;
  /** All rows were given in one go: how many. */
  drained: number | null = null;
  /** The statement's command tag, once it has run. */
  tag = '';
  largeOutput: LargeOutput | null = null;
  /** Savepoints that were open when it was made. */
  level = 0;
  /** Its transaction has been committed (WITH HOLD). */
  held = false;
  name = '';

  constructor(
    readonly session: Session,
    /** Its cursor form once rows were fetched in parts from a portal with a name. */
    public prepared: Prepared,
    readonly params: readonly Datum[],
    readonly fields: readonly OutputField[] | null,
    readonly formats: readonly Format[],
    readonly options: CursorOptions = PROTOCOL_PORTAL,
    /** Microseconds since 2000-01-01 UTC. */
    readonly createdAt: number = session.environment.types.statementTimestamp,
  ) {}

  get columnTypes(): readonly number[] {
    return this.fields === null ? [] : this.prepared.typesOf(this.fields);
  }

  /** Whether it is a query that is run as far as rows are asked for; others run to their end at once. */
  get isQuery(): boolean {
    const planned = this.prepared.planned;
    return planned !== null && planned.command === 'select' && !planned.relations.some((use) => use.write);
  }

  /** Marks the beginning of a run. @throws SqlError 55000 */
  enter(): void {
    if (this.status !== 'ready')
      throw sqlError('object_not_in_prerequisite_state', `portal "${this.name}" cannot be run`);
    this.status = 'active';
  }

  leave(): void {
    if (this.status === 'active') this.status = 'ready';
  }

  fail(): void {
    this.status = 'failed';
    this.dispose();
  }

  /** Lets go of everything; nothing can be fetched any more. */
  dispose(): void {
    this.close();
    this.cursor?.rows.release();
  }

  /** Ends the execution and gives it back to the statement for its next use. */
  close(): void {
    const { execution } = this;
    if (execution !== null) {
      this.execution = null;
      execution.close();
      if (this.prepared.planned === execution.planned && this.prepared.idle === null) this.prepared.idle = execution;
    }
    if (this.snapshot !== null && this.transaction !== null && this.transaction.state === 'active')
      this.transaction.releaseSnapshot(this.snapshot);
    this.snapshot = null;
  }
}
