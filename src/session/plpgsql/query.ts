/** A SQL statement of a function: planned with the variables as parameters, and run with the function's view of the data. */
import type { Node } from '@pgsql/types';
import { sqlError } from '../../errors/sql-error.js';
import type { Execution } from '../../exec/executor.js';
import type { Batch } from '../../exec/operator.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import { bindStatement } from '../../sql/binder/bind-statement.js';
import { parseSql } from '../../sql/parser/parse.js';
import type { OutputField, PlannedStatement } from '../../sql/plan/planned-statement.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';
import type { Snapshot, Transaction } from '../../storage/api.js';
import type { Datum, Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { commandTag } from '../command-tag.js';
import { NestedPlan } from '../nested-plan.js';
import { planBound } from '../planner.js';
import { checkReadOnly } from '../run-planned.js';
import type { Frame } from './frame.js';
import { release } from './owned-arrays.js';
import type { PlRuntime } from './runtime.js';
import { shownValue } from './shown-value.js';
import { inFragment, sqlOf } from './sql-context.js';
import { FrameNames } from './variable-names.js';

/** A statement that is bound, with the context that knows its columns. */
export interface BoundQuery {
  readonly cx: BindContext;
  readonly bound: PlannedStatement;
}

/** What came of a statement. */
export interface Finished {
  readonly fields: readonly OutputField[] | null;
  /** Rows given or changed. */
  readonly processed: number;
}

export class PlQuery {
  private readonly plan: NestedPlan;
  private shapes: FrameNames['shapes'] = [];
  private used: ReadonlySet<number> = new Set();
  private node: Node | null = null;

  constructor(
    private readonly runtime: PlRuntime,
    readonly fragment: Fragment,
    /** Binds the statement; by default as it stands in the function. */
    private readonly bindWith: ((frame: Frame) => BoundQuery) | null = null,
    /** Types of parameters that are no variables. */
    private readonly parameterTypes: readonly number[] | null = null,
  ) {
    this.plan = new NestedPlan(runtime.session);
  }

  /** @throws SqlError 42601 */
  get statement(): Node {
    if (this.node === null) {
      try {
        const parsed = parseSql(sqlOf(this.fragment));
        if (parsed.length === 0) throw sqlError('syntax_error', 'missing SQL statement');
        this.node = parsed[0].node;
      } catch (error) {
        throw inFragment(error, this.fragment);
      }
    }
    return this.node;
  }

  /** The variables that the statement reads, with their values. */
  parameters(frame: Frame): string {
    return [...this.used]
      .sort((a, b) => a - b)
      .map((dno) => {
        const { name, type } = frame.fn.tree.variables[dno];
        return shownValue(frame, name, frame.values[dno], type.oid);
      })
      .join(', ');
  }

  /** The statement, where the text has several. */
  use(node: Node): void {
    this.node = node;
  }

  private make(frame: Frame): PlannedStatement {
    const { environment } = this.runtime.session;
    if (this.bindWith !== null) {
      const { cx, bound } = this.bindWith(frame);
      return planBound(environment, cx, bound);
    }
    const sql = sqlOf(this.fragment);
    const types = this.parameterTypes ?? frame.fn.tree.variables.map(({ type }) => type.oid);
    const cx = new BindContext(environment, sql, types, false);
    if (this.parameterTypes === null) {
      const names = new FrameNames(frame, this.fragment.names);
      this.shapes = names.shapes;
      this.used = names.used;
      cx.variables = names;
    }
    const bound = bindStatement(cx, this.statement);
    const writes = frame.fn.readOnly ? bound.relations.find((use) => use.write || use.rowLock !== null) : undefined;
    if (writes !== undefined) {
      const tag = writes.write ? commandTag(this.statement) : `SELECT FOR ${writes.rowLock?.toUpperCase()}`;
      throw sqlError('feature_not_supported', `${tag} is not allowed in a non-volatile function`);
    }
    return planBound(environment, cx, bound);
  }

  /** The plan with its relations locked. */
  *planned(frame: Frame): Task<PlannedStatement> {
    if (this.shapes.length > 0 && !FrameNames.sameShapes(frame, this.shapes)) this.plan.forget();
    try {
      const planned = this.plan.tryLocked() ?? (yield* this.plan.locked(() => this.make(frame)));
      checkReadOnly(this.runtime.session, planned, this.statement);
      return planned;
    } catch (error) {
      throw inFragment(error, this.fragment);
    }
  }

  /** Runs the statement, giving rows until `each` says false. */
  *run(frame: Frame, params: readonly Datum[], each: (row: Row) => boolean): Task<Finished> {
    const scan = yield* this.open(frame, params);
    let processed = 0;
    try {
      const { fields } = scan.planned;
      for (;;) {
        const batch = yield* scan.next();
        if (batch === null) break;
        let going = fields !== null;
        for (let i = 0; i < batch.length && going; i++) {
          processed++;
          going = each(batch.rows[i]);
        }
        if (!going && fields !== null && scan.planned.readOnly) break;
        if (!going && fields !== null) processed = scan.affected;
      }
      if (scan.planned.command !== 'select') processed = scan.affected;
      return { fields, processed };
    } finally {
      scan.close();
    }
  }

  /** Begins to run it; rows are given as they are asked for. */
  *open(frame: Frame, params: readonly Datum[]): Task<QueryScan> {
    const planned = yield* this.planned(frame);
    if (frame.owned !== null) release(frame, this.used);
    const { session } = this.runtime;
    const transaction = session.block.ensure();
    const shared = frame.fn.readOnly ? frame.call.snapshot : null;
    if (shared === null) transaction.nextCommand();
    const snapshot = shared ?? transaction.snapshot();
    try {
      const execution = this.plan.start(planned, snapshot, params);
      return new QueryScan(frame, this, planned, execution, snapshot, shared === null, this.plan);
    } catch (error) {
      if (shared === null) transaction.releaseSnapshot(snapshot);
      throw inFragment(error, this.fragment);
    }
  }
}

/** A statement that is running. */
export class QueryScan {
  private open = true;

  constructor(
    private readonly frame: Frame,
    private readonly query: PlQuery,
    readonly planned: PlannedStatement,
    private readonly execution: Execution,
    private readonly snapshot: Snapshot,
    private readonly ownsSnapshot: boolean,
    private readonly plan: NestedPlan,
  ) {
    this.transaction = frame.fn.runtime.session.block.ensure();
    frame.fn.runtime.scans.add(this);
  }

  private readonly transaction: Transaction;
  private held: Row[] | null = null;

  /** The next rows as a list of their own, which stays as it is while the transaction ends. */
  *nextRows(): Task<readonly Row[] | null> {
    const batch = yield* this.next();
    return batch === null ? null : batch.rows.slice(0, batch.length);
  }

  /** The transaction is about to end: what is left is fetched (or, where it is undone, given up). */
  *hold(): Task<void> {
    if (!this.open || this.held !== null) return;
    const held: Row[] = [];
    for (let batch = yield* this.next(); batch !== null; batch = yield* this.next())
      held.push(...batch.rows.slice(0, batch.length));
    this.close();
    this.held = held;
  }

  /** Does something whose errors tell of the statement. */
  inContext(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw inFragment(error, this.query.fragment);
    }
  }

  get affected(): number {
    return this.execution.rowsAffected;
  }

  /** The next rows, or null at the end. */
  *next(): Task<Batch | null> {
    const { frame, query, execution, held } = this;
    if (held !== null) {
      this.held = [];
      return held.length === 0 ? null : { rows: held, length: held.length };
    }
    const outer = frame.sql;
    frame.sql = query.fragment;
    try {
      const ready = execution.tryNextBatch();
      if (ready !== undefined) return ready;
      return yield* frame.fn.runtime.session.running.nested(execution, execution.nextBatch());
    } catch (error) {
      throw inFragment(error, query.fragment);
    } finally {
      frame.sql = outer;
    }
  }

  /** Ends the run. Harmless when it has ended. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.plan.finish(this.execution);
    const { runtime } = this.frame.fn;
    runtime.scans.delete(this);
    const { transaction } = this;
    if (transaction.state === 'active') {
      if (this.ownsSnapshot) transaction.releaseSnapshot(this.snapshot);
      if (!this.planned.readOnly) transaction.nextCommand();
    }
    runtime.refresh();
  }
}
