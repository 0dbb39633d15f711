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

  constructor(environment: SessionEnvironment, session: () => Session) {
    this.sql = new SqlRoutines(environment, session);
    this.plpgsql = new PlRoutines(session);
  }

  runs(proc: ProcDesc): boolean {
    return this.plpgsql.runs(proc) || this.sql.runs(proc);
  }

  run(call: RoutineCall): Task<readonly Datum[]> {
    return this.plpgsql.runs(call.proc) ? this.plpgsql.run(call) : this.sql.run(call);
  }
}
