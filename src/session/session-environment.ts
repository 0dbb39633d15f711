/**
 * What a session offers to binding, execution and functions: one object that implements their service interfaces over
 * the session's state. Everything is read at the moment it is needed.
 */

import type { Node } from '@pgsql/types';
import { relationRights } from '../catalog/acl/rights.js';
import type { CatalogView, RelationDesc } from '../catalog/descriptors.js';
import type { RegInContext } from '../catalog/reg-in.js';
import type { SearchPath } from '../catalog/search-path-view.js';
import type { SettingFact } from '../catalog/system-data.js';
import { type ErrorFields, type SqlError, sqlError } from '../errors/sql-error.js';
import type { CascadeBinding } from '../exec/cascade-binding.js';
import type { ExecServices } from '../exec/exec-context.js';
import { type LongCommand, Progress } from '../exec/progress.js';
import type { RelationCounters } from '../exec/relation-counters.js';
import { BindContext, type BinderServices } from '../sql/binder/bind-context.js';
import { bindStatement } from '../sql/binder/bind-statement.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import type { VariableNames } from '../sql/binder/variable-names.js';
import { bindWriteTarget, defaultExpr, generatedExpr } from '../sql/binder/write-target.js';
import type { FunctionFamily, SessionServices } from '../sql/functions/registry.js';
import { parseSql } from '../sql/parser/parse.js';
import type { PlanAccess } from '../sql/plan/plan-access.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { LockGroup, SessionLocks, Store, Transaction } from '../storage/api.js';
import type { TypeSettings } from '../types/type-context.js';
import { currentRow } from './current-row.js';
import type { Database } from './database.js';
import { databaseSize } from './database-size.js';
import { LanguageRoutines } from './language-routines.js';
import { QueryMemory } from './memory-budget.js';
import type { NoticeSeverity } from './notice-level.js';
import { Notifications } from './notifications.js';
import { requirePlanPrivileges, shownColumns } from './plan-privileges.js';
import { planBound, planCursor, planStatement } from './planner.js';
import type { Portal } from './portal.js';
import { Sequences } from './sequences.js';
import type { ServerControl } from './server-control.js';
import type { Session } from './session.js';
import type { SessionIdentity } from './session-roles.js';
import { currentTimestamp, SessionTypes, timestampOf } from './session-types.js';
import { settingSource } from './setting-source.js';
import type { Settings } from './settings.js';
import type { TransactionBlock } from './transaction-block.js';
import type { DatabaseUsage } from './usage/database-usage.js';
import type { ServerUsage } from './usage/server-usage.js';
import { SessionUsage } from './usage/session-usage.js';

export class SessionEnvironment implements BinderServices, ExecServices, SessionServices {
  readonly types: SessionTypes;
  readonly sequences: Sequences;
  readonly notifications: Notifications;
  readonly functions: FunctionFamily;
  readonly memory: QueryMemory;
  readonly store: Store;
  readonly session: SessionServices = this;
  readonly routines: LanguageRoutines;
  /** What foreign-key actions need to write into tables that the statement does not name. */
  readonly cascade: CascadeBinding = {
    target: (relation) => bindWriteTarget(new BindContext(this, ''), relation).target,
    defaultOf: (relation, attribute) => defaultExpr(new BindContext(this, ''), relation, attribute),
    generatedOf: (attribute, { relation, columns }) =>
      generatedExpr(
        new BindContext(this, ''),
        relation,
        attribute,
        relation.attributes.map((column, i) => ({
          ...column,
          id: columns[i],
          tableOid: relation.oid,
          columnNumber: i + 1,
        })),
      ),
  };
  searchPathSetting: SearchPath;
  readonly usage: SessionUsage;
  private randomState: number | null = null;

  constructor(
    private readonly db: Database,
    private readonly identity: SessionIdentity,
    private readonly settings: Settings,
    private readonly block: TransactionBlock,
    typeSettings: TypeSettings,
    group: LockGroup,
    private readonly emitNotice: (severity: NoticeSeverity, message: string, fields: ErrorFields) => void,
  ) {
    this.functions = db.cluster.functions;
    this.usage = new SessionUsage(db.usage, () => db.cleanUsage());
    this.notifications = new Notifications(db.channels, identity.backendPid, block);
    this.memory = new QueryMemory(db.cluster.memory, () => Number(settings.get('query_memory_limit')));
    this.store = db.store;
    this.sessionLocks = db.store.sessionLocks(group);
    this.searchPathSetting = { names: ['$user', 'public'], user: identity.currentUser, temporary: 0 };
    this.routines = new LanguageRoutines(this, () => this.own);
    this.types = new SessionTypes(
      typeSettings,
      () => this.catalog,
      () => this.regIn(),
    );
    this.sequences = new Sequences(
      db.store,
      () => this.catalog,
      () => this.block.ensure().readOnly,
      (sequence, privileges) =>
        (relationRights(this.catalog, identity.currentRole, sequence).privileges & privileges) !== 0,
    );
  }

  get catalog(): CatalogView {
    return this.db.catalog.view(this.block.ensure(), this.searchPathSetting);
  }

  counters(relation: number): RelationCounters {
    return this.usage.counters(relation);
  }

  get trackedFunctions(): string {
    return this.settings.frequent.trackedFunctions;
  }

  /** How far the running command has come, where it says so. */
  progress: Progress | null = null;

  reportProgress(command: LongCommand, relation: number): Progress {
    this.progress = new Progress(command, relation);
    return this.progress;
  }

  get databaseUsage(): DatabaseUsage {
    return this.db.usage;
  }

  /** What is counted in the whole server. */
  get serverUsage(): ServerUsage {
    return this.db.cluster.usage;
  }

  get database(): string {
    return this.db.name;
  }

  get currentRole(): number {
    return this.identity.currentRole;
  }

  requirePrivileges(access: PlanAccess): void {
    const { currentRole } = this.identity;
    if (access.passedFor !== currentRole) requirePlanPrivileges(this.catalog, currentRole, access);
  }

  shownColumns(relation: RelationDesc): ReadonlySet<number> | null {
    const access = this.sessions.get(this.identity.backendPid)?.running.access ?? null;
    return shownColumns(this.catalog, this.identity.currentRole, relation, access);
  }

  get currentUser(): string {
    return this.identity.currentUser;
  }

  get sessionUser(): string {
    return this.identity.sessionUser;
  }

  get backendPid(): number {
    return this.identity.backendPid;
  }

  /** The session that this belongs to. */
  private get own(): Session {
    const session = this.db.cluster.sessions.get(this.identity.backendPid);
    if (session === undefined) throw new Error('the session has ended');
    return session;
  }

  /** The variables of the function in which a utility statement with a query inside is running. */
  variables: { readonly names: VariableNames; readonly types: readonly number[] } | null = null;

  /** Plans a statement over `text`; see planStatement. */
  plan(text: string, node: Node, declared: readonly number[], infer: boolean): PlannedStatement {
    if (this.variables !== null) {
      const cx = new BindContext(this, text, this.variables.types, false);
      cx.variables = this.variables.names;
      return planBound(this, cx, bindStatement(cx, node));
    }
    return planStatement(this, text, node, declared, infer);
  }

  /** The same for a cursor's query; see planCursor. */
  planCursor(text: string, node: Node, declared: readonly number[], infer: boolean): PlannedStatement {
    return planCursor(this, text, node, declared, infer);
  }

  /** The relations that the statement being planned has named so far. */
  readonly namedRelations = new Set<number>();

  relationNamed(relation: number): void {
    this.namedRelations.add(relation);
  }

  currentRow(cursor: string, relation: RelationDesc): number {
    return currentRow(this.db.cluster.sessions.get(this.identity.backendPid)?.portals.get(cursor), cursor, relation);
  }

  rowCount(relation: RelationDesc): number {
    if (relation.storage === 0) return 1000;
    return this.store.heap(relation.storage, { columns: relation.attributes.length }).rowCount;
  }

  /** Versions of its rows that are kept for older snapshots only. */
  oldVersions(relation: RelationDesc): number {
    if (relation.storage === 0) return 0;
    return this.store.heap(relation.storage, { columns: relation.attributes.length }).oldVersions();
  }

  identitySequence(relation: number, attribute: number): number {
    const PG_CLASS = 1259;
    for (const row of this.catalog.rows('pg_depend_reference_index', [PG_CLASS, relation, attribute])) {
      if (
        row.text('deptype') === 'i' &&
        row.number('classid') === PG_CLASS &&
        this.catalog.relation(row.number('objid'))?.kind === 'S'
      )
        return row.number('objid');
    }
    return 0;
  }

  domainChecks(domain: number): { name: string; text: string }[] {
    return this.catalog
      .rows('pg_constraint_contypid_index', [domain])
      .filter((row) => row.text('contype') === 'c')
      .map((row) => ({ name: row.text('conname'), text: row.text('conbin') }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  notice(severity: NoticeSeverity, message: string, detail?: string | ErrorFields, hint?: string): void {
    const fields: ErrorFields = typeof detail === 'string' ? { detail } : { ...detail };
    if (hint !== undefined) fields.hint = hint;
    this.emitNotice(severity, message, fields);
  }

  private regIn(): RegInContext {
    return {
      view: this.catalog,
      database: this.db.name,
      parseTypeName: (text) => this.parseTypeName(text),
    };
  }

  /** A type name in SQL syntax to its OID. @throws 42704, 42601 */
  parseTypeName(text: string): number {
    const [statement] = parseSql(`SELECT NULL::${text}`);
    const select = statement?.node;
    const target = select !== undefined && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined;
    const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
    if (value === undefined || !('TypeCast' in value) || value.TypeCast.typeName === undefined) {
      throw sqlError('syntax_error', `invalid type name "${text}"`);
    }
    return resolveTypeName(new BindContext(this, ''), { ...value.TypeCast.typeName, location: -1 }).type;
  }

  searchPath(includeImplicit: boolean): readonly string[] {
    const view = this.catalog;
    const names = view.searchPath.map((oid) => view.namespace(oid)?.name ?? '');
    if (includeImplicit) return names;
    const wanted = this.searchPathSetting.names.map((name) => (name === '$user' ? this.identity.currentUser : name));
    return names.filter((name) => wanted.includes(name));
  }

  getSetting(name: string): string | undefined {
    return this.settings.get(name) === undefined ? undefined : this.settings.show(name);
  }

  /** Where a parameter's value comes from, as pg_settings says it. */
  settingSource(fact: SettingFact): string {
    return settingSource(this.settings, this.db.cluster.parameters, fact);
  }

  setSetting(name: string, value: string, local: boolean): string {
    this.settings.set(name, value, local);
    return this.settings.show(name);
  }

  // --- For system functions

  private readonly cancelListeners = new Set<(error: SqlError) => void>();

  /** Runs `listener` when the statement is cancelled; the result takes it back. */
  onCancel(listener: (error: SqlError) => void): () => void {
    this.cancelListeners.add(listener);
    return () => this.cancelListeners.delete(listener);
  }

  private readonly unfinished = new Set<() => void>();

  /** Runs `abandon` at the end of the message if the result has not taken it back by then. */
  abandonAtEnd(abandon: () => void): () => void {
    this.unfinished.add(abandon);
    return () => this.unfinished.delete(abandon);
  }

  /** The message has been worked on. */
  messageEnded(): void {
    this.progress = null;
    if (this.unfinished.size === 0) return;
    for (const abandon of this.unfinished) abandon();
    this.unfinished.clear();
  }

  cancelled(error: SqlError): void {
    for (const listener of [...this.cancelListeners]) listener(error);
  }

  exportSnapshot(): string {
    return this.block.exportSnapshot();
  }

  currentQuery(): string {
    return this.db.cluster.sessions.get(this.identity.backendPid)?.currentQuery ?? '';
  }

  get portals(): Iterable<Portal> {
    return this.db.cluster.sessions.get(this.identity.backendPid)?.portals.all() ?? [];
  }

  /** Start of the server, microseconds since 2000-01-01 UTC. */
  startTime(): number {
    return timestampOf(this.db.cluster.startedAt);
  }

  /** When the server's settings were read last, microseconds since 2000-01-01 UTC. */
  configuredTime(): number {
    return timestampOf(this.db.cluster.configuredAt);
  }

  /** What the server around the databases does and tells. */
  get server(): ServerControl {
    return this.db.cluster.server;
  }

  /** The id of the running transaction; null when it has none and `assign` is false. */
  transactionId(assign: boolean): number | null {
    const transaction = this.block.ensure();
    if (assign) return transaction.ensureXid();
    return transaction.xid === 0 ? null : transaction.xid;
  }

  /** Bytes that a database takes on disk. */
  databaseSize(database = this.databaseOid): Promise<number> {
    return databaseSize(this.db.cluster, database);
  }

  get sessions(): ReadonlyMap<number, Session> {
    return this.db.cluster.sessions;
  }

  get startup(): Settings {
    return this.settings;
  }

  readonly sessionLocks: SessionLocks;

  get transaction(): Transaction {
    return this.block.ensure();
  }

  get databaseOid(): number {
    return this.db.oid;
  }

  /** How many sessions are in a database. */
  sessionsIn(database: number): number {
    return this.db.cluster.databases.sessionsIn(database);
  }

  nextval(sequence: number, own: boolean): number | bigint {
    return this.sequences.nextval(sequence, own);
  }

  currval(sequence: number): number | bigint {
    return this.sequences.currval(sequence);
  }

  lastval(): number | bigint {
    return this.sequences.lastval();
  }

  setval(sequence: number, value: number | bigint, isCalled: boolean): void {
    this.sequences.setval(sequence, value, isCalled);
  }

  /** xorshift32 once a seed was set, the runtime's generator before. */
  random(): number {
    if (this.randomState === null) return Math.random();
    let x = this.randomState;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.randomState = x;
    return (x >>> 0) / 4294967296;
  }

  setSeed(seed: number): void {
    this.randomState = Math.floor((seed + 1) * 1073741823) | 1;
  }

  clockTimestamp(): number {
    return currentTimestamp();
  }
}
