/** Functions whose body is made of statements, by their language. */
import type { ProcDesc } from '../catalog/descriptors.js';
import type { RoutineCall, Routines } from '../exec/exec-context.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { PlRoutines } from './plpgsql/pl-routines.js';
import { SqlRoutines } from './routines.js';
import type { Session } from './session.js';
import type { SessionEnvironment } from './session-environment.js';

export class LanguageRoutines implements Routines {
  private readonly sql: SqlRoutines;
  readonly plpgsql: PlRoutines;

  constructor(
    private readonly environment: SessionEnvironment,
    session: () => Session,
  ) {
    this.sql = new SqlRoutines(environment, session);
    this.plpgsql = new PlRoutines(session);
  }

  runs(proc: ProcDesc): boolean {
    return this.plpgsql.runs(proc) || this.sql.runs(proc);
  }

  run(call: RoutineCall): Task<readonly Datum[]> {
    const inPl = this.plpgsql.runs(call.proc);
    const task = inPl ? this.plpgsql.run(call) : this.sql.run(call);
    const { trackedFunctions } = this.environment;
    if (trackedFunctions === 'none' || (trackedFunctions === 'pl' && !inPl)) return task;
    return this.environment.usage.functions.timed(call.proc.oid, task);
  }
}
