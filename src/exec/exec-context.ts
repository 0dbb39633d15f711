/**
 * What one execution of a plan knows: its transaction and snapshot, parameters, the cells of correlated columns, the
 * shared stores of CTEs, and when to give way. It lives as long as the instantiated plan and is begun anew for each
 * execution, so compiled expressions hold on to it and read its fields.
 */
import type { CatalogView, ProcDesc, RelationDesc, TriggerEvent } from '../catalog/descriptors.js';
import type { SqlError } from '../errors/sql-error.js';
import type { FunctionFamily, SessionServices } from '../sql/functions/registry.js';
import type { ColumnId, RecordField } from '../sql/plan/expression.js';
import type { PlanAccess } from '../sql/plan/plan-access.js';
import type { PlanNode } from '../sql/plan/plan-node.js';
import type { Heap, RowId, Snapshot, Store, Transaction } from '../storage/api.js';
import type { Datum, PgRecord, Row } from '../types/datum.js';
import type { TypeContext } from '../types/type-context.js';
import type { Task, Wait } from '../util/task.js';
import { afterInput } from '../util/turn-end.js';
import type { Batch, Operator } from './operator.js';
import { type CallDepth, onOwnStack } from './own-stack.js';
import type { LongCommand, Progress } from './progress.js';
import { RelationCounters } from './relation-counters.js';
import type { RowStore } from './row-store.js';

/** What the session gives to every execution. The fields may be getters: they are read when they are needed. */
export interface ExecServices {
  readonly store: Store;
  readonly catalog: CatalogView;
  readonly functions: FunctionFamily;
  readonly types: TypeContext;
  readonly session: SessionServices;
  readonly routines?: Routines;
  /** WHERE CURRENT OF: the id of the row on which a cursor stands, 0 for none. @throws SqlError 34000, 24000 */
  currentRow?(cursor: string, relation: RelationDesc): RowId;
  /** Whether the user may do what the plan does. @throws SqlError 42501 */
  requirePrivileges?(access: PlanAccess): void;
  /** Which columns of a table messages may show to the user; null: all of them. */
  shownColumns?(relation: RelationDesc): ReadonlySet<number> | null;
  /** Accounts for memory that operators hold; throws 53200. */
  readonly memory?: MemoryBudget;
  /** How far the running command has come; null where it does not say. */
  readonly progress?: Progress | null;
  /** The command says from now on how far it has come. */
  reportProgress?(command: LongCommand, relation: number): Progress;
  /** Counts what an operator does with a table or index (its OID). */
  counters?(relation: number): RelationCounters;
}

/** Functions whose body is made of statements. */
export interface Routines {
  /** How deep calls are inside of each other. */
  readonly depth: CallDepth;
  /** Whether calls of the function run statements. */
  runs(proc: ProcDesc): boolean;
  /** Runs the body. Gives what it returns (all values of a set, otherwise one at the most), or what is left to be done before that. */
  run(call: RoutineCall): readonly Datum[] | Task<readonly Datum[]>;
  /** Runs a trigger function. Gives the record that it returns, in the order of the table's columns; null for NULL. */
  runTrigger?(proc: ProcDesc, call: TriggerCall): Task<PgRecord | null>;
}

/** What a trigger function is told of the event that it is called for. */
export interface TriggerCall {
  readonly name: string;
  readonly when: 'BEFORE' | 'AFTER' | 'INSTEAD OF';
  readonly level: 'ROW' | 'STATEMENT';
  readonly op: TriggerEvent;
  readonly relation: RelationDesc;
  readonly schema: string;
  /** Of CREATE TRIGGER. */
  readonly args: readonly string[];
  /** Values of the columns that are not dropped, in their order; null where the event has no such row. */
  readonly new: Row | null;
  readonly old: Row | null;
}

/** Makes a call and waits for what it returns. */
export function* routineResult(routines: Routines, call: RoutineCall): Task<readonly Datum[]> {
  if (routines.depth.wantsOwnStack) return yield* routineApart(routines, call);
  const run = routines.run(call);
  return isDone(run) ? run : yield* run;
}

/** The same on a stack of its own. */
export function routineApart(routines: Routines, call: RoutineCall): Task<readonly Datum[]> {
  return onOwnStack(routines.depth, function* () {
    const run = routines.run(call);
    return isDone(run) ? run : yield* run;
  });
}

/** Whether a call has returned. */
export function isDone(run: ReturnType<Routines['run']>): run is readonly Datum[] {
  return Array.isArray(run);
}

export interface RoutineCall {
  readonly proc: ProcDesc;
  /** Types as the statement gives them to the call. */
  readonly argTypes: readonly number[];
  readonly resultType: number;
  /** Of a result of type record. */
  readonly resultColumns: readonly RecordField[] | null;
  readonly args: readonly Datum[];
  /** What the calling query sees, which is what functions that are not volatile see; null where nobody knows. */
  readonly snapshot: Snapshot | null;
  /** The same object for all calls of one place. */
  readonly site?: object;
  /** Of a CALL or DO outside of transaction blocks: COMMIT and ROLLBACK are allowed. */
  readonly nonAtomic?: boolean;
}

export interface MemoryBudget {
  /** Adds (or, negative, gives back) an estimate of bytes. */
  reserve(bytes: number): void;
}

/** Where an outer query's column, or a value inside an expression, stands while inner code runs. */
export class Cell {
  value: Datum = null;
}

/** State that has to be forgotten between executions (subplans, CTE stores). */
export interface Resettable {
  reset(): void;
  close(): void;
}

/** Makes the operator of a node. Injected, because subplans inside expressions need it as well. */
export type Instantiate = (node: PlanNode, cx: ExecContext) => Operator;

/**
 * Longest stretch of work before the event loop gets a turn, in milliseconds. A cold point read takes about four turns
 * of the loop, so it waits four times this long beside a long query.
 */
const SLICE_MS = 2;

export class ExecContext {
  private active: { transaction: Transaction; snapshot: Snapshot } | null = null;
  params: readonly Datum[] = [];
  /** Counts suspensions, so that a completed subplan can tell that it is evaluated again for the same row. */
  suspensions = 0;
  /** Where a `row source` node gets its rows. */
  rowSource: (() => Task<Batch | null>) | null = null;
  readonly ctes = new Map<number, RowStore>();
  readonly workTables = new Map<number, RowStore>();
  /** Plans of CTEs and of the seeds of recursive queries, by id: they say the types of columns. */
  readonly ctePlans = new Map<number, PlanNode>();
  private readonly cells = new Map<ColumnId, Cell>();
  private readonly resettables: Resettable[] = [];
  private interrupt: SqlError | null = null;
  /** Ends what an expression waits for when the statement is cancelled. */
  onInterrupt: (() => void) | null = null;
  /** Whether code compiled now may suspend its evaluation (suspend.ts) because a function takes long. */
  mayWait = false;
  private sliceEnd = 0;
  private reserved = 0;
  /** The number of executions begun so far. */
  execution = 0;
  private readonly pause: Wait = {
    subscribe: (resume) => {
      afterInput(() => {
        this.sliceEnd = performance.now() + SLICE_MS;
        resume();
      });
    },
  };

  constructor(
    readonly services: ExecServices,
    readonly instantiate: Instantiate,
  ) {}

  get transaction(): Transaction {
    return this.running().transaction;
  }

  get snapshot(): Snapshot {
    return this.running().snapshot;
  }

  private running(): { transaction: Transaction; snapshot: Snapshot } {
    if (this.active === null) throw new Error('no execution is running');
    return this.active;
  }

  /** Starts an execution: everything that an earlier one left is forgotten. */
  begin(transaction: Transaction, snapshot: Snapshot, params: readonly Datum[]): void {
    if (this.active === null) this.active = { transaction, snapshot };
    else {
      this.active.transaction = transaction;
      this.active.snapshot = snapshot;
    }
    this.params = params;
    this.execution++;
    this.interrupt = null;
    this.sliceEnd = 0;
    for (const item of this.resettables) item.reset();
  }

  /** Ends the execution: subplans are closed and reserved memory is given back. */
  end(): void {
    for (const item of this.resettables) item.close();
    if (this.reserved > 0) this.services.memory?.reserve(-this.reserved);
    this.reserved = 0;
    this.execution++;
  }

  onReset(item: Resettable): void {
    this.resettables.push(item);
  }

  /** The cell of a column that is not in a row at hand. One cell a column and execution. */
  cell(id: ColumnId): Cell {
    let cell = this.cells.get(id);
    if (cell === undefined) {
      cell = new Cell();
      this.cells.set(id, cell);
    }
    return cell;
  }

  /** For one operator, which keeps it. */
  counters(relation: number): RelationCounters {
    return this.services.counters?.(relation) ?? new RelationCounters(relation, []);
  }

  heap(relation: RelationDesc): Heap {
    return this.services.store.heap(relation.storage, {
      columns: relation.attributes.length,
      missing: missingValues(relation),
      relation: relation.oid,
    });
  }

  /** Ends the statement with the error at its next chance. Called from outside while the task is suspended. */
  cancel(error: SqlError): void {
    this.interrupt = error;
    this.onInterrupt?.();
  }

  /** @throws the error that is to end the statement */
  checkInterrupt(): void {
    if (this.interrupt !== null) throw this.interrupt;
  }

  /** Has `compile` make code that is evaluated where nobody can wait. */
  withoutWaiting<T>(compile: () => T): T {
    const before = this.mayWait;
    this.mayWait = false;
    try {
      return compile();
    } finally {
      this.mayWait = before;
    }
  }

  /** A suspended execution goes on: a cancel request that came too late for its last run does not concern this one. */
  forgetInterrupt(): void {
    this.interrupt = null;
  }

  /**
   * To be asked about once a batch by whatever runs long. Throws when the statement was cancelled; true when the
   * caller must `yield cx.giveWay()`.
   */
  overdue(): boolean {
    this.checkInterrupt();
    if (this.sliceEnd === 0) {
      this.sliceEnd = performance.now() + SLICE_MS;
      return false;
    }
    return performance.now() > this.sliceEnd;
  }

  /** Gives the event loop back once, and starts a new slice. */
  giveWay(): Wait {
    return this.pause;
  }

  /** Accounts for memory that is held until it is given back (negative bytes), roughly. @throws SqlError 53200 */
  reserve(bytes: number): void {
    if (this.services.memory === undefined || bytes === 0) return;
    this.services.memory.reserve(bytes);
    this.reserved += bytes;
  }
}

/** Values of columns for rows that were stored before the columns were added. */
function missingValues(relation: RelationDesc): Row | undefined {
  return relation.attributes.some((attribute) => attribute.missing !== null)
    ? relation.attributes.map((attribute) => attribute.missing)
    : undefined;
}
