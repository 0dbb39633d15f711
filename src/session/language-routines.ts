/** Functions whose body is made of statements, by their language. */
import type { ProcDesc } from '../catalog/descriptors.js';
import type { RoutineCall, Routines, TriggerCall } from '../exec/exec-context.js';
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

  constructor(environment: SessionEnvironment, session: () => Session) {
    this.sql = new SqlRoutines(environment, session, this.depth);
    this.plpgsql = new PlRoutines(session, this.depth);
  }

  runs(proc: ProcDesc): boolean {
    return this.plpgsql.runs(proc) || this.sql.runs(proc);
  }

  *runTrigger(proc: ProcDesc, call: TriggerCall): Task<PgRecord | null> {
    this.triggerDepth++;
    try {
      return yield* this.plpgsql.runTrigger(proc, call);
    } finally {
      this.triggerDepth--;
    }
  }

  run(call: RoutineCall): readonly Datum[] | Task<readonly Datum[]> {
    return this.plpgsql.runs(call.proc) ? this.plpgsql.run(call) : this.sql.run(call);
  }
}
