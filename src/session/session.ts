/**
 * One connection's session: prepared statements, portals, settings, and the life of each statement (documentation,
 * 55.2). Parsing, planning and execution are done by the layers below; this file keeps their order and the transaction
 * rules around them.
 */

import { parameterRights } from '../catalog/acl/rights.js';
import { settingsOfSession } from '../catalog/ddl/stored-settings.js';
import type { RoleDesc } from '../catalog/descriptors.js';
import { PG_READ_ALL_SETTINGS } from '../catalog/known-oids.js';
import { actsAs } from '../catalog/role-membership.js';
import { type ErrorFields, type SqlError, sqlError } from '../errors/sql-error.js';
import { DeferredChecks } from '../exec/deferred-checks.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { LockGroup, Transaction } from '../storage/api.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Datum } from '../types/datum.js';
import type { TypeSettings } from '../types/type-context.js';
import type { Task, Wait } from '../util/task.js';
import type { Database } from './database.js';
import { ExtendedQuery } from './extended-query.js';
import { expandFormats, fieldsOf } from './message-fields.js';
import { isNoticeWanted, type NoticeSeverity } from './notice-level.js';
import { Portal } from './portal.js';
import { Portals } from './portals.js';
import type { Prepared } from './prepared.js';
import { PreparedStatements } from './prepared-statements.js';
import type { Format, ResultSink } from './result-sink.js';
import { lockPlanned, tryLockPlanned } from './run-planned.js';
import { RunningStatement } from './running-statement.js';
import { splitSearchPath } from './search-path-setting.js';
import { SessionEnvironment } from './session-environment.js';
import { ROLE_SETTINGS, type SessionIdentity, SessionRoles } from './session-roles.js';
import { SessionTimers } from './session-timers.js';
import { currentTimestamp } from './session-types.js';
import { REPORTED, Settings } from './settings.js';
import { runSimpleQuery } from './simple-query.js';
import { applyTypeSetting, checkSetting, initialSettings, newTypeSettings } from './special-settings.js';
import { StatementCache } from './statement-cache.js';
import { runCommitActions, Temporaries } from './temporary-schema.js';
import { TransactionBlock } from './transaction-block.js';
import { transactionSettings } from './transaction-modes.js';
import { rememberTemporaries } from './two-phase-statement.js';
import { describeUtility, isTransactionExit } from './utility.js';
import type { BindParameters, SessionEnding, StartupRequest, TransactionStatus, WireSession } from './wire-session.js';

/** Settings whose value is kept somewhere else as well. */
const APPLIED = [
  'datestyle',
  'intervalstyle',
  'timezone',
  'extra_float_digits',
  'bytea_output',
  'search_path',
  'lock_timeout',
  'deadlock_timeout',
  'statement_timeout',
  'idle_session_timeout',
  'idle_in_transaction_session_timeout',
];

export class Session implements WireSession {
  readonly settings: Settings;
  readonly block: TransactionBlock;
  readonly environment: SessionEnvironment;
  readonly identity: SessionIdentity;
  private readonly roles: SessionRoles;
  readonly prepared = new PreparedStatements();
  readonly portals = new Portals();
  readonly cache = new StatementCache();
  readonly typeSettings: TypeSettings = newTypeSettings();
  readonly lockGroup: LockGroup;
  private sink: ResultSink | null = null;
  private readonly pendingReports = new Set<string>();
  readonly running = new RunningStatement();
  private readonly timers = new SessionTimers(
    (reason) => this.cancel(reason),
    (reason) => this.db.cluster.backends.stop(this.backendPid, reason),
  );
  /** Of the role that has logged in. */
  readonly roleOid: number;
  /** For pg_stat_activity. */
  readonly startedAt = currentTimestamp();
  currentQuery = '';
  state: 'idle' | 'active' = 'idle';
  stateChangedAt = this.startedAt;
  private activeSince = 0;
  private generation: number;

  constructor(
    readonly db: Database,
    readonly request: StartupRequest,
    readonly backendPid: number,
    role: RoleDesc,
  ) {
    this.roles = new SessionRoles(backendPid, role, () => this.environment.catalog);
    this.identity = this.roles.identity;
    this.roleOid = role.oid;
    this.generation = db.cluster.generation;
    this.lockGroup = db.store.lockGroup(backendPid, db.oid);
    this.settings = new Settings(
      initialSettings(db.cluster, request, role),
      (name, value) =>
        ROLE_SETTINGS.includes(name) ? this.roles.check(name, value) : checkSetting(name, value, this.typeSettings),
      (name, value) => this.settingChanged(name, value),
      transactionSettings(() => this.block),
    );
    this.block = new TransactionBlock(
      db.store,
      db.catalog,
      this.settings,
      {
        began: () => this.transactionBegan(),
        prepareCommit: (transaction) => this.prepareCommit(transaction),
        beforeCommit: (transaction) => this.beforeCommit(transaction),
        detaching: () => this.prepareTransaction(),
        undoing: (level) => this.undoing(level),
        failing: (level) => this.failing(level),
        released: (level) => {
          this.portals.released(level);
          this.environment.notifications.released(level);
        },
        committed: () => {
          this.environment.usage.transactionEnded(true);
          this.environment.notifications.committed();
        },
        rolledBack: () => this.environment.usage.transactionEnded(false),
        failed: (error) => this.environment.usage.statementFailed(error),
      },
      this.lockGroup,
    );
    this.environment = new SessionEnvironment(
      db,
      this.identity,
      this.settings,
      this.block,
      this.typeSettings,
      this.lockGroup,
      (severity, message, fields) => this.notice(severity, message, fields),
    );
    for (const name of APPLIED) this.settingChanged(name, this.settings.get(name) ?? '');
    const stored = db.withView((view) => settingsOfSession(view, { database: db.oid, role: role.oid }));
    this.settings.setDefaults(stored, request.settings, (error) =>
      db.cluster.options.log.warn({ error, user: role.name, database: db.name }, 'a stored setting was not applied'),
    );
    this.settings.maySet = (key) => this.maySet(key);
    this.settings.mayExamine = () => this.mayExamine();
    this.pendingReports.clear();
  }

  private mayExamine(): boolean {
    const { superuser, currentRole } = this.identity;
    return superuser || actsAs(this.environment.catalog, currentRole, PG_READ_ALL_SETTINGS);
  }

  /** Superusers, and those who were granted SET ON PARAMETER. */
  private maySet(key: string): boolean {
    const { superuser, currentRole } = this.identity;
    if (superuser) return true;
    return (parameterRights(this.environment.catalog, currentRole, key).privileges & PRIVILEGE.SET) !== 0;
  }

  private settingChanged(name: string, value: string): void {
    if (name === 'search_path') {
      this.environment.searchPathSetting = {
        names: splitSearchPath(value),
        user: this.identity.currentUser,
        temporary: this.environment.searchPathSetting.temporary,
      };
    } else if (this.timers.apply(name, value)) return;
    else if (name === 'lock_timeout') this.lockGroup.lockTimeout = Number(value);
    else if (name === 'deadlock_timeout') this.lockGroup.deadlockTimeout = Number(value);
    else if (ROLE_SETTINGS.includes(name)) this.rolesChanged();
    else applyTypeSetting(this.typeSettings, name, value);
    const reported = REPORTED.find((candidate) => candidate.toLowerCase() === name);
    if (reported !== undefined) this.pendingReports.add(reported);
  }

  private rolesChanged(): void {
    this.roles.apply(this.settings.get('session_authorization') ?? '', this.settings.get('role') ?? 'none');
    const { currentUser: user, superuser } = this.identity;
    this.environment.searchPathSetting = { ...this.environment.searchPathSetting, user };
    this.settings.derive('is_superuser', superuser ? 'on' : 'off');
  }

  private transactionBegan(): void {
    this.environment.types.transactionTimestamp = this.environment.types.statementTimestamp;
  }

  private undoing(level: number): void {
    if (level > 0) rememberTemporaries(this);
    if (!this.portals.empty) this.portals.undo(level);
    this.environment.notifications.undo(level);
  }

  private failing(level: number): void {
    if (level > 0) rememberTemporaries(this);
    this.portals.fail(level);
  }

  /** What a commit needs before it and can be had at once; true when `beforeCommit` has more to do. */
  private prepareCommit(transaction: Transaction): boolean {
    if (this.temporaries.actions.size > 0) return true;
    if (DeferredChecks.existing(transaction) !== undefined) return true;
    return !this.portals.empty && this.portals.dropOrdinary();
  }

  /** The cursors of a transaction that is about to be prepared end. */
  private prepareTransaction(): void {
    this.environment.usage.settle(true);
    if (!this.portals.empty) this.portals.dropOrdinary();
  }

  /** Deferred constraints, cursors and ON COMMIT actions. */
  private *beforeCommit(transaction: Transaction): Task<void> {
    const deferred = DeferredChecks.existing(transaction);
    if (deferred !== undefined && deferred !== null) yield* deferred.run();
    if (!this.portals.empty && this.portals.dropOrdinary()) yield* this.portals.hold();
    if (this.temporaries.actions.size > 0) yield* runCommitActions(this);
  }

  readonly temporaries = new Temporaries();

  notice(severity: NoticeSeverity, message: string, fields: ErrorFields = {}, code?: string): void {
    if (!isNoticeWanted(severity, this.settings.get('client_min_messages'))) return;
    const where = fields.where ?? this.environment.routines.plpgsql.contextText();
    const placed = where === undefined ? fields : { ...fields, where };
    this.sink?.notice({
      severity,
      code: code ?? (severity === 'WARNING' ? '01000' : '00000'),
      message,
      fields: placed,
    });
  }

  beforeTelling(): Wait | null {
    return this.db.store.beforeTelling(this.lockGroup);
  }

  get transactionStatus(): TransactionStatus {
    return this.block.status;
  }

  // --- Simple protocol

  *query(sql: string, sink: ResultSink): Task<void> {
    this.enter(sink, sql);
    try {
      yield* runSimpleQuery(this, sql, sink);
    } catch (error) {
      yield* this.block.failing(error);
    } finally {
      this.leave();
    }
  }

  // --- Extended protocol

  private readonly extended = new ExtendedQuery(this);

  parse(name: string, sql: string, parameterTypes: readonly number[], sink: ResultSink): Task<void> {
    return this.extended.parse(name, sql, parameterTypes, sink);
  }

  bind(
    portal: string,
    statement: string,
    parameters: BindParameters,
    resultFormats: readonly Format[],
    sink: ResultSink,
  ): Task<void> | null {
    return this.extended.bind(portal, statement, parameters, resultFormats, sink);
  }

  describeStatement(name: string, sink: ResultSink): void {
    this.extended.describeStatement(name, sink);
  }

  describePortal(name: string, sink: ResultSink): void {
    this.extended.describePortal(name, sink);
  }

  execute(portal: string, maxRows: number, sink: ResultSink): Task<void> | null {
    return this.extended.execute(portal, maxRows, sink);
  }

  closeStatement(name: string, sink: ResultSink): void {
    this.extended.closeStatement(name, sink);
  }

  closePortal(name: string, sink: ResultSink): void {
    this.extended.closePortal(name, sink);
  }

  sync(sink: ResultSink): Task<void> | null {
    return this.extended.sync(sink);
  }

  /** The protocol has found a fault of its own inside a transaction. */
  fail(): void {
    this.block.failNow();
  }

  cancel(reason: SqlError): void {
    this.running.cancel(reason);
    this.environment.cancelled(reason);
    this.block.current?.cancelWait(reason);
  }

  beforeIdle(): void {
    this.environment.notifications.deliver();
  }

  becameIdle(): void {
    this.environment.notifications.isIdle = true;
    const now = currentTimestamp();
    if (this.state === 'active') this.environment.usage.wasActive(now - this.activeSince);
    this.state = 'idle';
    this.stateChangedAt = now;
    this.timers.becameIdle(this.block.inBlock);
  }

  terminate(ending: SessionEnding = 'normal'): void {
    if (this.backendPid !== 0) this.environment.usage.sessionEnded(currentTimestamp() - this.startedAt, ending);
    this.timers.stop();
    this.portals.dropAll();
    if (this.block.isLarge)
      this.db.cluster.endLater(this.block.rollback(), 'a large transaction was not rolled back', () =>
        this.leaveDatabase(),
      );
    else {
      this.block.rollbackNow();
      this.leaveDatabase();
    }
  }

  private leaveDatabase(): void {
    this.environment.sessionLocks.unlockAll();
    this.environment.notifications.close();
    for (const listener of this.onTerminate) listener();
    this.db.cluster.forget(this, this.environment.searchPathSetting.temporary);
  }

  readonly onTerminate: (() => void)[] = [];

  // --- Parts of a statement's life

  enter(sink: ResultSink, sql: string | null): void {
    this.sink = sink;
    this.environment.notifications.isIdle = false;
    const now = currentTimestamp();
    this.environment.types.statementTimestamp = now;
    if (this.generation !== this.db.cluster.generation) this.reconfigure();
    if (this.state === 'idle') {
      this.environment.usage.wasIdle(now - this.stateChangedAt, this.block.inBlock);
      this.activeSince = now;
      this.state = 'active';
    }
    this.stateChangedAt = now;
    if (sql !== null) this.currentQuery = sql;
    this.running.forgetInterrupt();
    this.timers.messageBegan();
  }

  /** The same for a message that belongs to the one before, whose time it takes over: reading the clock is not free. */
  enterFurther(sink: ResultSink): void {
    if (this.state === 'idle') {
      this.enter(sink, null);
      return;
    }
    this.sink = sink;
    this.running.forgetInterrupt();
    this.timers.messageBegan();
  }

  /** The server's settings have been read again. */
  private reconfigure(): void {
    const { cluster } = this.db;
    this.generation = cluster.generation;
    this.settings.reconfigure(initialSettings(cluster, this.request, this.roles.login));
  }

  leave(): void {
    this.running.messageEnded();
    this.timers.messageEnded();
    this.environment.messageEnded();
  }

  /** In a failed transaction only the statements that end it are run. */
  checkFailed(prepared: Prepared): void {
    if (prepared.statement !== null && !isTransactionExit(prepared.statement.node)) this.requireSound();
  }

  /** @throws SqlError 25P02 */
  requireSound(): void {
    if (!this.block.isBroken) return;
    throw sqlError(
      'in_failed_sql_transaction',
      'current transaction is aborted, commands ignored until end of transaction block',
    );
  }

  report(sink: ResultSink): void {
    if (this.pendingReports.size === 0) return;
    for (const name of this.pendingReports) sink.parameterStatus(name, this.settings.show(name));
    this.pendingReports.clear();
  }

  /** A portal over a statement; nothing runs yet. */
  *openPortal(prepared: Prepared, params: readonly Datum[], resultFormats: readonly Format[]): Task<Portal> {
    this.block.ensure();
    if (prepared.statement === null) return new Portal(this, prepared, params, null, []);
    let locked: PlannedStatement | null = null;
    if (isPlannable(prepared.statement.node))
      locked = tryLockPlanned(this, prepared) ?? (yield* lockPlanned(this, prepared));
    else prepared.utilityFields = describeUtility(this, prepared, prepared.statement.node);
    return this.newPortal(prepared, params, resultFormats, locked);
  }

  newPortal(
    prepared: Prepared,
    params: readonly Datum[],
    resultFormats: readonly Format[],
    locked: PlannedStatement | null,
  ): Portal {
    const fields = fieldsOf(prepared);
    const portal = new Portal(this, prepared, params, fields, expandFormats(resultFormats, fields?.length ?? 0));
    portal.locked = locked;
    return portal;
  }

  /** Whether the transaction goes on behind the statement: it stands in a block or in a function. */
  get keepsTransaction(): boolean {
    return this.block.inAnyBlock || !this.environment.routines.depth.isOutermost;
  }

  /** Where the messages of the statement at hand go. */
  get resultSink(): ResultSink {
    if (this.sink === null) throw new Error('no statement is running');
    return this.sink;
  }

  findPortal(name: string): Portal {
    const portal = this.portals.get(name);
    if (portal === undefined) throw sqlError('invalid_cursor_name', `portal "${name}" does not exist`);
    return portal;
  }
}
