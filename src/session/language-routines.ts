/** Functions whose body is made of statements, by their language. */
import type { ProcDesc } from '../catalog/descriptors.js';
import { isDone, type RoutineCall, type Routines, type TriggerCall } from '../exec/exec-context.js';
import { CallDepth } from '../exec/own-stack.js';
import type { Datum, PgRecord } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { PlRoutines } from './plpgsql/pl-routines.js';
import { SqlRoutines } from './routines.js';
import type { Session } from './session.js';
import type { SessionEnvironment } from './session-environment.js';

export class LanguageRoutines implements Routines {
  readonly depth = new CallDepth();
  /** How many triggers are running inside each other. */
  triggerDepth = 0;
  private readonly sql: SqlRoutines;
  readonly plpgsql: PlRoutines;

  constructor(
    private readonly environment: SessionEnvironment,
    session: () => Session,
  ) {
    this.sql = new SqlRoutines(environment, session, this.depth);
    this.plpgsql = new PlRoutines(session, this.depth);
  }

  runs(proc: ProcDesc): boolean {
    return this.plpgsql.runs(proc) || this.sql.runs(proc);
  }

  *runTrigger(proc: ProcDesc, call: TriggerCall): Task<PgRecord | null> {
    this.triggerDepth++;
    try {
      const task = this.plpgsql.runTrigger(proc, call);
      return yield* this.isTracked(true) ? this.environment.usage.functions.timed(proc.oid, task) : task;
    } finally {
      this.triggerDepth--;
    }
  }

  run(call: RoutineCall): readonly Datum[] | Task<readonly Datum[]> {
    const inPl = this.plpgsql.runs(call.proc);
    if (this.isTracked(inPl)) return this.environment.usage.functions.timed(call.proc.oid, this.start(call, inPl));
    return inPl ? this.plpgsql.run(call) : this.sql.run(call);
  }

  /** The call as a task in any case, so that all of it is timed. */
  private *start(call: RoutineCall, inPl: boolean): Task<readonly Datum[]> {
    const result = inPl ? this.plpgsql.run(call) : this.sql.run(call);
    return isDone(result) ? result : yield* result;
  }

  /** Whether track_functions wants calls counted. */
  private isTracked(inPl: boolean): boolean {
    const { trackedFunctions } = this.environment;
    return trackedFunctions === 'all' || (trackedFunctions === 'pl' && inPl);
  }
}
