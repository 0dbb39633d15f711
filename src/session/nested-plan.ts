/** The plan of a statement inside a function, with the execution that nobody is using; made anew when it is outdated. */
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import { writeOperators } from '../exec/write-operators.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Snapshot } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { isCurrent, noticeRun, type PlanHolder } from './plan-prepared.js';
import { lockedPlan, lockRelations, tryLockRelations } from './run-planned.js';
import type { Session } from './session.js';

const instantiate = instantiator(writeOperators);

export class NestedPlan implements PlanHolder {
  planned: PlannedStatement | null = null;
  settingsVersion = -1;
  runs = 0;
  private idle: Execution | null = null;

  constructor(private readonly session: Session) {}

  /** The plan with its relations locked, when that needs neither planning nor waiting. */
  tryLocked(): PlannedStatement | null {
    const { planned, session } = this;
    if (planned === null || !isCurrent(session, this)) return null;
    if (!tryLockRelations(session.block.ensure(), planned)) return null;
    return isCurrent(session, this) ? planned : null;
  }

  /** The same with both; `make` binds and plans. */
  *locked(make: () => PlannedStatement): Task<PlannedStatement> {
    const { planned, session } = this;
    if (planned !== null && isCurrent(session, this)) {
      yield* lockRelations(session.block.ensure(), planned, false);
      if (isCurrent(session, this)) return planned;
    }
    const made = yield* lockedPlan(session, make, (plan) => plan);
    this.planned = made;
    this.settingsVersion = session.settings.version;
    this.idle = null;
    return made;
  }

  /** Begins an execution; `finish` takes it back. */
  start(planned: PlannedStatement, snapshot: Snapshot, params: readonly Datum[]): Execution {
    noticeRun(this.session, this);
    const { idle } = this;
    this.idle = null;
    const execution = idle?.planned === planned ? idle : new Execution(planned, this.session.environment, instantiate);
    execution.start(this.session.block.ensure(), snapshot, params);
    return execution;
  }

  finish(execution: Execution): void {
    execution.close();
    if (this.planned === execution.planned) this.idle = execution;
  }

  /** The next use makes a new plan. */
  forget(): void {
    this.planned = null;
    this.idle = null;
  }
}
