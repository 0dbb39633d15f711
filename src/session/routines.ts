/**
 * Functions and procedures in SQL: their bodies planned once for each session and set of argument types, and run. A body
 * sees what the calling query sees, unless the function is volatile: then every statement begins a command of its own
 * and sees what was done before it.
 */
import type { ProcDesc } from '../catalog/descriptors.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { RoutineCall, Routines } from '../exec/exec-context.js';
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import type { CallDepth } from '../exec/own-stack.js';
import { addContext } from '../exec/row-context.js';
import { writeOperators } from '../exec/write-operators.js';
import {
  type BodyStatement,
  bindBodyStatement,
  isUtility,
  missingResult,
  parseBody,
  routineContext,
} from '../sql/binder/routine-body.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Snapshot } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { commandTag } from './command-tag.js';
import { planBound } from './planner.js';
import { RoutineSettings } from './routine-settings.js';
import { runRoutineUtility } from './routine-utility.js';
import { checkReadOnly, lockedPlan, lockRelations } from './run-planned.js';
import type { Session } from './session.js';
import type { SessionEnvironment } from './session-environment.js';

const instantiate = instantiator(writeOperators);

const SQL_LANGUAGE = 14;
const FIRST_USER_OID = 16384;

interface PlannedPart {
  readonly statement: BodyStatement;
  /** Null for utility statements. */
  planned: PlannedStatement | null;
  /** An instantiated plan that no call is using. */
  idle: Execution | null;
}

interface Body {
  readonly catalogVersion: number;
  readonly settingsVersion: number;
  readonly parts: readonly PlannedPart[];
}

export class SqlRoutines implements Routines {
  private readonly bodies = new Map<string, Body>();

  constructor(
    private readonly environment: SessionEnvironment,
    private readonly session: () => Session,
    readonly depth: CallDepth,
  ) {}

  runs(proc: ProcDesc): boolean {
    return proc.language === SQL_LANGUAGE && proc.oid >= FIRST_USER_OID;
  }

  *run(call: RoutineCall): Task<readonly Datum[]> {
    const session = this.session();
    const settings = new RoutineSettings(session, call.proc);
    this.depth.enter();
    try {
      settings.apply();
      return yield* this.runBody(session, call);
    } finally {
      this.depth.leave();
      settings.restore();
    }
  }

  private *runBody(session: Session, call: RoutineCall): Task<readonly Datum[]> {
    let at = 0;
    try {
      const body = yield* this.body(session, call);
      let result: readonly Datum[] = [];
      for (const part of body.parts) {
        at++;
        result = yield* this.runPart(session, call, part);
      }
      return result;
    } catch (error) {
      const { name } = call.proc;
      throw addContext(
        error,
        at === 0 ? `SQL function "${name}" during startup` : `SQL function "${name}" statement ${at}`,
      );
    }
  }

  private *body(session: Session, call: RoutineCall): Task<Body> {
    const { proc, argTypes, resultType, resultColumns } = call;
    const key = `${proc.oid}(${argTypes.join()})${resultType}:${(resultColumns ?? []).map(({ type }) => type).join()}`;
    const known = this.bodies.get(key);
    if (known !== undefined && this.isCurrent(session, known)) return known;
    const parts: PlannedPart[] = [];
    for (const statement of parseBody(proc)) {
      if (isUtility(statement)) checkUtility(call, statement);
      const planned = isUtility(statement) ? null : yield* this.plan(session, call, statement);
      parts.push({ statement, planned, idle: null });
    }
    this.checkEnd(call, parts);
    const body = {
      catalogVersion: this.environment.catalog.version,
      settingsVersion: session.settings.version,
      parts,
    };
    this.bodies.set(key, body);
    return body;
  }

  private isCurrent(session: Session, body: Body): boolean {
    return (
      body.catalogVersion === this.environment.catalog.version && body.settingsVersion === session.settings.version
    );
  }

  /** @throws SqlError 42P13 when the body does not end with a query although a result is due */
  private checkEnd(call: RoutineCall, parts: readonly PlannedPart[]): void {
    if (parts.length > 0 && parts[parts.length - 1].planned !== null) return;
    const missing = missingResult(routineContext(this.environment, call, ''), call);
    if (missing !== null) throw missing;
  }

  private *plan(session: Session, call: RoutineCall, statement: BodyStatement): Task<PlannedStatement> {
    const make = (): PlannedStatement => {
      const cx = routineContext(this.environment, call, statement.text);
      const bound = bindBodyStatement(cx, call, statement);
      if (call.proc.volatility !== 'v' && bound.relations.some((use) => use.write)) throw notVolatile(statement);
      return planBound(this.environment, cx, bound);
    };
    return yield* lockedPlan(session, make, (planned) => planned);
  }

  private *runPart(session: Session, call: RoutineCall, part: PlannedPart): Task<readonly Datum[]> {
    const { statement } = part;
    const ownCommands = call.proc.volatility === 'v';
    const transaction = session.block.ensure();
    if (ownCommands) transaction.nextCommand();
    if (part.planned === null) {
      yield* runRoutineUtility(session, statement, call.argTypes, call.args);
      return [];
    }
    if (part.planned.catalogVersion === this.environment.catalog.version)
      yield* lockRelations(transaction, part.planned, false);
    if (part.planned.catalogVersion !== this.environment.catalog.version) {
      part.planned = yield* this.plan(session, call, statement);
      part.idle = null;
    }
    checkReadOnly(session, part.planned, statement.node);
    const shared = ownCommands ? null : call.snapshot;
    const snapshot = shared ?? transaction.snapshot();
    try {
      return yield* this.execute(session, call, part, part.planned, snapshot);
    } finally {
      if (shared === null && transaction.state === 'active') transaction.releaseSnapshot(snapshot);
      if (!part.planned.readOnly && transaction.state === 'active') transaction.nextCommand();
    }
  }

  private *execute(
    session: Session,
    call: RoutineCall,
    part: PlannedPart,
    planned: PlannedStatement,
    snapshot: Snapshot,
  ): Task<readonly Datum[]> {
    const execution = part.idle ?? new Execution(planned, this.environment, instantiate);
    part.idle = null;
    try {
      execution.start(session.block.ensure(), snapshot, call.args);
      return yield* session.running.nested(execution, this.rows(execution, call, part.statement.last));
    } finally {
      execution.close();
      if (part.planned === planned) part.idle = execution;
    }
  }

  /** The values of the result; a query that gives more than is wanted is not run to its end. */
  private *rows(execution: Execution, { proc, resultType }: RoutineCall, last: boolean): Task<readonly Datum[]> {
    const wanted = last && resultType !== VOID;
    const single = !proc.returnsSet;
    const values: Datum[] = [];
    for (;;) {
      const ready = execution.tryNextBatch();
      const batch = ready === undefined ? yield* execution.nextBatch() : ready;
      if (batch === null) return values;
      if (!wanted) continue;
      for (let i = 0; i < batch.length; i++) if (!single || values.length === 0) values.push(batch.rows[i][0]);
      if (single && values.length > 0 && execution.planned.command === 'select' && execution.planned.readOnly)
        return values;
    }
  }
}

const VOID = 2278;

function notVolatile({ node }: Pick<BodyStatement, 'node'>): Error {
  const message = `${commandTag(node)} is not allowed in a non-volatile function`;
  return sqlError('feature_not_supported', message);
}

/** @throws SqlError 0A000 for what the body of a function may not hold */
function checkUtility({ proc }: RoutineCall, { node }: BodyStatement): void {
  const tag = commandTag(node);
  if ('TransactionStmt' in node) throw sqlError('feature_not_supported', `${tag} is not allowed in an SQL function`);
  if (proc.volatility !== 'v') throw notVolatile({ node });
  if ('CopyStmt' in node) throw notSupported('COPY in an SQL function');
}
