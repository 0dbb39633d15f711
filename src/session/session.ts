/**
 * One connection's session: prepared statements, portals, settings, and the life of each statement (documentation,
 * 55.2). Parsing, planning and execution are done by the layers below; this file keeps their order and the transaction
 * rules around them.
 */
import type { RoleDesc } from '../catalog/descriptors.js';
import { type ErrorFields, SqlError, sqlError } from '../errors/sql-error.js';
import { DeferredChecks } from '../exec/deferred-checks.js';
import type { Execution } from '../exec/executor.js';
import { truncate } from '../exec/truncate.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import { parseSql } from '../sql/parser/parse.js';
import type { OutputField } from '../sql/plan/plan-node.js';
import type { LockGroup, Transaction } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import { INT4 } from '../types/oids.js';
import type { TypeSettings } from '../types/type-context.js';
import type { Task } from '../util/task.js';
import type { Database } from './database.js';
import { type LiftedQuery, liftLiterals } from './lift-literals.js';
import { Portal } from './portal.js';
import { Prepared } from './prepared.js';
import type { FieldDescription, Format, ResultSink } from './result-sink.js';
import { runPlanned } from './run-planned.js';
import { SessionEnvironment, type SessionIdentity } from './session-environment.js';
import { currentTimestamp } from './session-types.js';
import { REPORTED, Settings } from './settings.js';
import { applyTypeSetting, checkSetting, initialSettings, newTypeSettings } from './special-settings.js';
import { type CachedStatement, StatementCache } from './statement-cache.js';
import { runCommitActions, Temporaries } from './temporary-schema.js';
import { TransactionBlock } from './transaction-block.js';
import { describeUtility, isTransactionExit, runUtility } from './utility.js';
import type { BindParameters, StartupRequest, TransactionStatus, WireSession } from './wire-session.js';

export class Session implements WireSession {
  readonly settings: Settings;
  readonly block: TransactionBlock;
  readonly environment: SessionEnvironment;
  readonly identity: SessionIdentity;
  readonly prepared = new Map<string, Prepared>();
  readonly portals = new Map<string, Portal>();
  private readonly cache = new StatementCache();
  readonly typeSettings: TypeSettings = newTypeSettings();
  readonly lockGroup: LockGroup;
  private sink: ResultSink | null = null;
  private readonly pendingReports = new Set<string>();
  private running: Execution | null = null;
  /** For pg_stat_activity. */
  readonly startedAt = currentTimestamp();
  currentQuery = '';
  state: 'idle' | 'active' = 'idle';

  constructor(
    readonly db: Database,
    readonly request: StartupRequest,
    readonly backendPid: number,
    role: RoleDesc,
  ) {
    this.identity = { backendPid, currentUser: role.name, currentRole: role.oid, sessionUser: role.name };
    this.lockGroup = db.store.lockGroup(backendPid);
    this.settings = new Settings(initialSettings(db, request, role), checkSetting, (name, value) =>
      this.settingChanged(name, value),
    );
    this.block = new TransactionBlock(
      db.store,
      db.catalog,
      this.settings,
      () => this.transactionBegan(),
      (transaction) => this.beforeCommit(transaction),
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
    for (const name of ['datestyle', 'intervalstyle', 'timezone', 'extra_float_digits', 'bytea_output', 'search_path'])
      this.settingChanged(name, this.settings.get(name) ?? '');
    for (const [name, value] of request.settings) this.settings.set(name, value, false);
    this.settings.commit();
    this.pendingReports.clear();
  }

  private settingChanged(name: string, value: string): void {
    if (name === 'search_path') {
      this.environment.searchPathSetting = {
        names: splitSearchPath(value),
        user: this.identity.currentUser,
        temporary: this.environment.searchPathSetting.temporary,
      };
    } else applyTypeSetting(this.typeSettings, name, value);
    const reported = REPORTED.find((candidate) => candidate.toLowerCase() === name);
    if (reported !== undefined) this.pendingReports.add(reported);
  }

  private transactionBegan(): void {
    this.environment.types.transactionTimestamp = this.environment.types.statementTimestamp;
  }

  /** Deferred constraints and ON COMMIT actions. */
  private *beforeCommit(transaction: Transaction): Task<void> {
    const deferred = DeferredChecks.existing(transaction);
    if (deferred !== undefined && deferred !== null) yield* deferred.run();
    for (const action of this.commitActions) yield* action();
    this.commitActions.length = 0;
    if (this.temporaries.actions.size > 0) yield* runCommitActions(this);
  }

  /** To be run before the transaction commits. */
  readonly commitActions: (() => Task<void>)[] = [];
  readonly temporaries = new Temporaries();

  /** ON COMMIT DELETE ROWS. */
  *truncateTemporary(relation: number): Task<void> {
    const found = this.environment.catalog.relation(relation);
    if (found !== undefined) yield* truncate(this.db.catalog.writer(this.block.ensure()), [found]);
  }

  notice(severity: 'NOTICE' | 'WARNING' | 'INFO', message: string, fields: ErrorFields = {}, code?: string): void {
    const order = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'];
    const threshold = order.indexOf(this.settings.get('client_min_messages') ?? 'notice');
    if (severity !== 'INFO' && order.indexOf(severity.toLowerCase()) < threshold) return;
    this.sink?.notice({ severity, code: code ?? (severity === 'WARNING' ? '01000' : '00000'), message, fields });
  }

  get transactionStatus(): TransactionStatus {
    return this.block.status;
  }

  // --- Simple protocol

  *query(sql: string, sink: ResultSink): Task<void> {
    this.enter(sink, sql);
    try {
      const cached = this.cache.get(sql);
      if (cached !== undefined) {
        yield* this.runSimple(cached.prepared, cached.params, sink, true);
        return;
      }
      const lifted = this.lifted(sql);
      if (lifted !== null) {
        yield* this.runSimple(lifted.prepared, lifted.params, sink, true);
        return;
      }
      const statements = parseSql(sql);
      if (statements.length === 0) {
        sink.emptyQuery();
        return;
      }
      for (const [i, statement] of statements.entries()) {
        const prepared = new Prepared('', sql, statement, [], currentTimestamp(), false, false);
        if (statements.length === 1 && isPlannable(statement.node)) this.cache.add(sql, prepared);
        yield* this.runSimple(prepared, [], sink, i === statements.length - 1);
      }
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  /** The shared plan of a text whose literals are parameters; null when there is none, or when a value does not fit it. */
  private lifted(sql: string): CachedStatement | null {
    if (this.block.failed) return null;
    const lifted = liftLiterals(sql);
    if (lifted === null || this.cache.refuses(lifted.key)) return null;
    const wasIdle = this.block.current === null;
    try {
      const prepared = this.cache.shared(lifted.key) ?? this.prepareLifted(lifted);
      if (prepared === null) return null;
      this.ensurePlanned(prepared);
      const cx = this.environment.types;
      const params = lifted.values.map((value, i): Datum => {
        const type = prepared.parameterTypes[i];
        return typeof value === 'number' && type === INT4 ? value : cx.codec(type).parse(String(value), cx, -1);
      });
      return { prepared, params };
    } catch (error) {
      // The statement as it was written will fail in the same way, and tell the right position.
      if (!(error instanceof SqlError)) throw error;
      if (wasIdle) this.block.rollback();
      return null;
    }
  }

  private prepareLifted(lifted: LiftedQuery): Prepared | null {
    const statements = parseSql(lifted.text);
    const prepared = new Prepared('', lifted.text, statements[0] ?? null, lifted.types, currentTimestamp(), false);
    this.ensurePlanned(prepared);
    if (statements.length !== 1 || this.hasPartialIndex(prepared)) {
      this.cache.refuse(lifted.key);
      return null;
    }
    this.cache.share(lifted.key, prepared);
    return prepared;
  }

  /** A partial index is used only when the query says its condition with the same literals. */
  private hasPartialIndex(prepared: Prepared): boolean {
    return (prepared.planned?.relations ?? []).some((use) =>
      this.environment.catalog.relation(use.oid)?.indexes.some((index) => index.predicateText !== null),
    );
  }

  /** One statement of a Query message; the last one ends the implicit transaction before its tag is sent. */
  private *runSimple(prepared: Prepared, params: readonly Datum[], sink: ResultSink, last: boolean): Task<void> {
    this.checkFailed(prepared);
    const portal = yield* this.openPortal(prepared, params, []);
    try {
      const fields = portal.fields;
      if (fields !== null) {
        const formats = fields.map((): Format => 0);
        sink.describeRows(this.describeFields(fields), formats);
      }
      const tag = yield* this.runPortal(portal, 0, sink);
      if (last && !this.block.inBlock) yield* this.block.commit();
      this.report(sink);
      if (tag !== null) sink.complete(tag);
    } finally {
      portal.close();
    }
  }

  // --- Extended protocol

  *parse(name: string, sql: string, parameterTypes: readonly number[], sink: ResultSink): Task<void> {
    this.enter(sink, sql);
    try {
      if (name !== '' && this.prepared.has(name)) {
        throw sqlError('duplicate_prepared_statement', `prepared statement "${name}" already exists`);
      }
      const statements = parseSql(sql);
      if (statements.length > 1)
        throw sqlError('syntax_error', 'cannot insert multiple commands into a prepared statement');
      const prepared = new Prepared(name, sql, statements[0] ?? null, parameterTypes, currentTimestamp(), false);
      if (prepared.statement !== null) {
        this.checkFailed(prepared);
        this.analyse(prepared);
      }
      this.prepared.set(name, prepared);
      sink.parseComplete();
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  *bind(
    portalName: string,
    statementName: string,
    parameters: BindParameters,
    resultFormats: readonly Format[],
    sink: ResultSink,
  ): Task<void> {
    this.enter(sink, null);
    try {
      const prepared = this.findPrepared(statementName);
      if (portalName !== '' && this.portals.has(portalName))
        throw sqlError('duplicate_cursor', `cursor "${portalName}" already exists`);
      this.checkFailed(prepared);
      this.ensurePlanned(prepared);
      const params = this.readParameters(prepared, parameters);
      this.portals.get(portalName)?.close();
      const portal = yield* this.openPortal(prepared, params, resultFormats);
      this.portals.set(portalName, portal);
      sink.bindComplete();
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  *describeStatement(name: string, sink: ResultSink): Task<void> {
    this.enter(sink, null);
    try {
      const prepared = this.findPrepared(name);
      if (prepared.statement !== null) this.ensurePlanned(prepared);
      sink.parameterTypes(prepared.parameterTypes);
      const fields = this.fieldsOf(prepared);
      sink.describeRows(fields === null ? null : this.describeFields(fields), fields?.map((): Format => 0) ?? []);
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  *describePortal(name: string, sink: ResultSink): Task<void> {
    this.enter(sink, null);
    try {
      const portal = this.findPortal(name);
      sink.describeRows(portal.fields === null ? null : this.describeFields(portal.fields), portal.formats);
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  *execute(name: string, maxRows: number, sink: ResultSink): Task<void> {
    const portal = this.portals.get(name);
    this.enter(sink, portal?.prepared.sql ?? null);
    try {
      const found = this.findPortal(name);
      if (found.prepared.statement === null) {
        sink.emptyQuery();
        return;
      }
      this.checkFailed(found.prepared);
      const tag = yield* this.runPortal(found, maxRows, sink);
      this.report(sink);
      if (tag === null) sink.suspended();
      else sink.complete(tag);
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  *closeStatement(name: string, sink: ResultSink): Task<void> {
    this.dropPrepared(name);
    sink.closeComplete();
  }

  *closePortal(name: string, sink: ResultSink): Task<void> {
    this.portals.get(name)?.close();
    this.portals.delete(name);
    sink.closeComplete();
  }

  *sync(sink: ResultSink): Task<void> {
    if (this.block.inBlock) return;
    if (this.block.current === null) return;
    this.enter(sink, null);
    try {
      this.closePortals();
      yield* this.block.commit();
      this.report(sink);
    } catch (error) {
      this.failed();
      throw error;
    } finally {
      this.leave();
    }
  }

  /** The protocol has found a fault of its own inside a transaction. */
  fail(): void {
    this.failed();
  }

  /** Runs while a message is worked on and `statement_timeout` is set. */
  private timeout: NodeJS.Timeout | null = null;

  cancel(reason: 'user request' | 'statement timeout' = 'user request'): void {
    this.environment.cancelled();
    this.running?.cancel(reason);
    this.block.current?.cancelWait(sqlError('query_canceled', `canceling statement due to ${reason}`));
  }

  terminate(): void {
    this.closePortals();
    this.block.rollback();
    this.environment.sessionLocks.unlockAll();
    for (const listener of this.onTerminate) listener();
    this.db.forget(this);
  }

  readonly onTerminate: (() => void)[] = [];

  // --- Parts of a statement's life

  private enter(sink: ResultSink, sql: string | null): void {
    this.sink = sink;
    this.state = 'active';
    this.environment.types.statementTimestamp = currentTimestamp();
    if (sql !== null) this.currentQuery = sql;
    const timeout = Number(this.settings.get('statement_timeout') ?? 0);
    if (timeout > 0) this.timeout = setTimeout(() => this.cancel('statement timeout'), timeout);
  }

  private leave(): void {
    this.state = 'idle';
    this.running = null;
    if (this.timeout !== null) clearTimeout(this.timeout);
    this.timeout = null;
  }

  private failed(): void {
    const wasBlock = this.block.inBlock;
    this.block.fail();
    if (!wasBlock) this.closePortals();
  }

  /** In a failed transaction only the statements that end it are run. */
  private checkFailed(prepared: Prepared): void {
    if (!this.block.failed || prepared.statement === null || isTransactionExit(prepared.statement.node)) return;
    throw sqlError(
      'in_failed_sql_transaction',
      'current transaction is aborted, commands ignored until end of transaction block',
    );
  }

  private report(sink: ResultSink): void {
    if (this.pendingReports.size === 0) return;
    for (const name of this.pendingReports) sink.parameterStatus(name, this.settings.show(name));
    this.pendingReports.clear();
  }

  /** Settles parameter types and result columns of a statement just parsed. */
  analyse(prepared: Prepared): void {
    this.block.ensure();
    const statement = prepared.statement;
    if (statement === null) return;
    if (isPlannable(statement.node)) this.ensurePlanned(prepared);
    else {
      prepared.parameterTypes = prepared.declaredTypes;
      prepared.utilityFields = describeUtility(this, statement.node);
    }
  }

  /** Plans the statement, again when catalogs or settings have changed since. */
  ensurePlanned(prepared: Prepared): void {
    const statement = prepared.statement;
    if (statement === null || !isPlannable(statement.node)) return;
    const version = this.environment.catalog.version;
    if (
      prepared.planned !== null &&
      prepared.planned.catalogVersion === version &&
      prepared.settingsVersion === this.settings.version
    )
      return;
    const before = prepared.planned?.fields ?? null;
    const infer = prepared.hasParameters && (!prepared.fromSql || prepared.declaredTypes.length === 0);
    const declared = prepared.planned === null ? prepared.declaredTypes : prepared.parameterTypes;
    const planned = this.environment.plan(prepared.sql, statement.node, declared, infer);
    if (prepared.planned !== null && prepared.name !== '' && !sameFields(before, planned.fields)) {
      throw sqlError('feature_not_supported', 'cached plan must not change result type');
    }
    prepared.planned = planned;
    prepared.parameterTypes = planned.parameterTypes;
    prepared.settingsVersion = this.settings.version;
    prepared.idle = null;
  }

  fieldsOf(prepared: Prepared): readonly OutputField[] | null {
    return prepared.planned?.fields ?? prepared.utilityFields;
  }

  describeFields(fields: readonly OutputField[]): FieldDescription[] {
    const view = this.environment.catalog;
    return fields.map((field) => ({
      name: field.name,
      tableOid: field.tableOid,
      columnNumber: field.columnNumber,
      typeOid: field.type,
      typeLength: view.type(field.type)?.len ?? -1,
      typmod: field.typmod,
    }));
  }

  private readParameters(prepared: Prepared, parameters: BindParameters): Datum[] {
    const types = prepared.parameterTypes;
    if (parameters.starts.length !== types.length) {
      throw sqlError(
        'protocol_violation',
        `bind message supplies ${parameters.starts.length} parameters, but prepared statement "${prepared.name}" requires ${types.length}`,
      );
    }
    const cx = this.environment.types;
    return types.map((type, i) => {
      const start = parameters.starts[i];
      if (start < 0) return null;
      const codec = cx.codec(type);
      if (parameters.formats[i] === 1) return codec.receive(parameters.bytes, start, parameters.ends[i], cx, -1);
      return codec.parse(parameters.bytes.toString('utf8', start, parameters.ends[i]), cx, -1);
    });
  }

  /** A portal over a statement; nothing runs yet. */
  *openPortal(prepared: Prepared, params: readonly Datum[], resultFormats: readonly Format[]): Task<Portal> {
    this.block.ensure();
    if (prepared.statement === null) return new Portal(this, prepared, params, null, []);
    if (isPlannable(prepared.statement.node)) this.ensurePlanned(prepared);
    else prepared.utilityFields = describeUtility(this, prepared.statement.node);
    const fields = this.fieldsOf(prepared);
    return new Portal(this, prepared, params, fields, expandFormats(resultFormats, fields?.length ?? 0));
  }

  /** Runs a portal for at most `maxRows` rows (0: all). Returns the command tag, or null when it was suspended. */
  private *runPortal(portal: Portal, maxRows: number, sink: ResultSink): Task<string | null> {
    const { statement } = portal.prepared;
    if (statement === null) throw sqlError('internal_error', 'an empty statement cannot be run');
    if (isPlannable(statement.node)) return yield* runPlanned(this, portal, maxRows, sink);
    return yield* runUtility(this, portal, statement, sink);
  }

  setRunning(execution: Execution | null): void {
    this.running = execution;
  }

  findPrepared(name: string): Prepared {
    const prepared = this.prepared.get(name);
    if (prepared === undefined) {
      throw sqlError(
        'invalid_sql_statement_name',
        name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`,
      );
    }
    return prepared;
  }

  dropPrepared(name: string): void {
    this.prepared.delete(name);
  }

  private findPortal(name: string): Portal {
    const portal = this.portals.get(name);
    if (portal === undefined) throw sqlError('invalid_cursor_name', `portal "${name}" does not exist`);
    return portal;
  }

  closePortals(): void {
    for (const portal of this.portals.values()) portal.close();
    this.portals.clear();
  }
}

function expandFormats(given: readonly Format[], count: number): Format[] {
  if (given.length === 0) return new Array<Format>(count).fill(0);
  if (given.length === 1) return new Array<Format>(count).fill(given[0]);
  if (given.length !== count) {
    throw sqlError(
      'protocol_violation',
      `bind message has ${given.length} result formats but query has ${count} columns`,
    );
  }
  return [...given];
}

function sameFields(a: readonly OutputField[] | null, b: readonly OutputField[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((field, i) => field.type === b[i].type && field.name === b[i].name);
}

/** `"$user", public` to its names. */
export function splitSearchPath(value: string): string[] {
  const names: string[] = [];
  for (const match of value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)) {
    const name = match[1] !== undefined ? match[1].replaceAll('""', '"') : (match[2] ?? '').trim().toLowerCase();
    if (name !== '') names.push(name);
  }
  return names;
}
