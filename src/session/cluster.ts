/**
 * An open database cluster: the store, the databases in it, and the sessions. The door for edges (`SessionFactory`).
 */

import { rightsBy } from '../catalog/acl/rights.js';
import { aclOf } from '../catalog/acl/stored-acl.js';
import { bootstrapCatalog } from '../catalog/bootstrap.js';
import { Catalogs } from '../catalog/catalogs.js';
import type { RoleDesc } from '../catalog/descriptors.js';
import { BOOTSTRAP_SUPERUSER } from '../catalog/known-oids.js';
import type { RulesOf } from '../check/table-rules.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { builtinFunctions } from '../sql/functions/all.js';
import { type FunctionFamily, joinFamilies } from '../sql/functions/registry.js';
import { loadParser } from '../sql/parser/parse.js';
import type { Store, StoreSettings } from '../storage/api.js';
import { openStore } from '../storage/open-store.js';
import { bitsOfLetters } from '../types/acl/acl-item.js';
import { builtinCodecs } from '../types/codecs.js';
import { runTask, type Task, type WaitEvent } from '../util/task.js';
import { AutoAnalyze } from './auto-analyze.js';
import type { Database } from './database.js';
import { Databases } from './databases.js';
import { aclFunctions } from './functions/acl-functions.js';
import { activityFunctions } from './functions/activity-functions.js';
import { advisoryFunctions } from './functions/advisory-functions.js';
import { catalogFunctions } from './functions/catalog-functions.js';
import { definitionFunctions } from './functions/definition-functions.js';
import { functionSignatures } from './functions/function-signatures.js';
import { indexPropertyFunctions } from './functions/index-properties.js';
import { informationSchemaFunctions } from './functions/information-schema-functions.js';
import { lockFunctions } from './functions/lock-functions.js';
import { logFunctions } from './functions/log-functions.js';
import { privilegeFunctions } from './functions/privilege-functions.js';
import { sessionFunctions } from './functions/session-functions.js';
import { signalFunctions } from './functions/signal-functions.js';
import { snapshotFunctions } from './functions/snapshot-functions.js';
import { statisticsFunctions } from './functions/statistics-functions.js';
import { statisticsObjectFunctions } from './functions/statistics-objects.js';
import { updatableFunctions } from './functions/updatable-functions.js';
import { ServerMemory } from './memory-budget.js';
import { NO_SERVER, type ServerControl } from './server-control.js';
import { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import { REPORTED, settingFact } from './settings.js';
import { configuredParameters } from './special-settings.js';
import { tableRules } from './table-rules.js';
import { dropTemporarySchemas } from './temporary-schema.js';
import { ServerUsage } from './usage/server-usage.js';
import type { RoleCredentials, SessionFactory, StartupRequest, WireSession } from './wire-session.js';

/** The part of a logger that sessions use. */
export interface SessionLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options that may be exchanged for others while the cluster is open. */
export interface ReloadableOptions {
  /** Defaults of configuration parameters from the server's settings, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The superuser's password as the settings have it: it goes before that of pg_authid. Null: they have none. */
  readonly superuserVerifier: string | null;
}

export interface ClusterOptions extends ReloadableOptions {
  readonly store: StoreSettings;
  readonly superuser: string;
  /** Name of the database that a new store gets beside those that every one has. */
  readonly database: string;
  readonly maxConnections: number;
  /** 0: PREPARE TRANSACTION is refused. */
  readonly maxPreparedTransactions: number;
  /** What pg_authid keeps of a password given to a role; `encryption` is password_encryption. Null: an empty one. */
  readonly storedPassword: (password: string, role: string, encryption: string) => string | null;
  readonly log: SessionLogger;
}

/** What a session can do to the connections of others (and its own). Both give false when there is no such backend. */
export interface BackendControl {
  /** Ends the running statement, if any. */
  cancel(pid: number): boolean;
  /** Ends the connection with a FATAL error. */
  stop(pid: number, reason: SqlError): boolean;
  /** What the backend's statement waits for, if it waits. */
  waitEvent(pid: number): WaitEvent | null;
}

const CONNECT = bitsOfLetters('c');
const RESERVED_CONNECTIONS = 'superuser_reserved_connections';

export class Cluster implements SessionFactory {
  readonly functions: FunctionFamily = joinFamilies(
    builtinFunctions,
    sessionFunctions,
    aclFunctions,
    activityFunctions,
    advisoryFunctions,
    lockFunctions,
    signalFunctions,
    snapshotFunctions,
    catalogFunctions,
    updatableFunctions,
    functionSignatures,
    privilegeFunctions,
    definitionFunctions,
    statisticsObjectFunctions,
    statisticsFunctions,
    informationSchemaFunctions,
    indexPropertyFunctions,
    logFunctions,
  );
  /** Set by the edge that owns the connections. */
  backends: BackendControl = { cancel: () => false, stop: () => false, waitEvent: () => null };
  readonly sessions = new Map<number, Session>();
  readonly databases = new Databases(this);
  readonly autoAnalyze = new AutoAnalyze(this);
  readonly memory = new ServerMemory();
  readonly usage: ServerUsage;
  /** Set by the server that has opened the cluster. */
  server: ServerControl = NO_SERVER;
  readonly startedAt = Date.now();
  /** What the server that has opened it says of itself: parameters by lower-case name. */
  serverSettings: ReadonlyMap<string, string> = new Map();
  /** Grows when settings are read again. */
  generation = 0;
  private reloadable: ReloadableOptions;
  private reloadedAt = this.startedAt;
  private closing = false;
  /** What is still done for sessions that have ended. */
  private readonly endings = new Set<Promise<void>>();

  private constructor(
    readonly options: ClusterOptions,
    readonly store: Store,
    readonly catalogs: Catalogs,
  ) {
    this.usage = new ServerUsage(store);
    const { parameters, superuserVerifier } = options;
    this.reloadable = { parameters: configuredParameters(parameters), superuserVerifier };
  }

  /** Defaults of configuration parameters from the server's settings, in canonical form. */
  get parameters(): ReadonlyMap<string, string> {
    return this.reloadable.parameters;
  }

  /** When the settings were read last: milliseconds since 1970. */
  get configuredAt(): number {
    return this.reloadedAt;
  }

  /**
   * New settings; sessions have them from their next message on. Parameters of which there is one for the whole life of the
   * server stay as they are; returns their names. @throws SqlError 22023 for a parameter's value, and nothing changes
   */
  reconfigure({ parameters: given, superuserVerifier }: ReloadableOptions): string[] {
    const parameters = new Map(configuredParameters(given));
    const kept: string[] = [];
    for (const name of new Set([...this.parameters.keys(), ...parameters.keys()])) {
      const before = this.parameters.get(name);
      if (parameters.get(name) === before || settingFact(name)?.context !== 'postmaster') continue;
      kept.push(name);
      if (before === undefined) parameters.delete(name);
      else parameters.set(name, before);
    }
    this.reloadable = { parameters, superuserVerifier };
    this.reloadedAt = Date.now();
    this.generation++;
    return kept;
  }

  /** Opens (and at the first start creates) the cluster. @throws what the store throws, e.g. for a damaged directory */
  static async open(options: ClusterOptions): Promise<Cluster> {
    await loadParser();
    const store = await openStore(options.store);
    await runTask(bootstrapCatalog(store, builtinCodecs, { superuser: options.superuser, database: options.database }));
    const catalogs = new Catalogs(store, builtinCodecs);
    await runTask(catalogs.pin());
    const cluster = new Cluster(options, store, catalogs);
    const expected = catalogs.databaseByName(options.database);
    if (expected !== undefined) await cluster.databases.keep(expected.number('oid'));
    cluster.autoAnalyze.start();
    return cluster;
  }

  credentials(user: string): RoleCredentials | undefined {
    const role = this.roleByName(user);
    if (role === undefined) return undefined;
    const { superuser } = this.options;
    const { superuserVerifier } = this.reloadable;
    const password = user === superuser && superuserVerifier !== null ? superuserVerifier : role.password;
    return {
      roleOid: role.oid,
      canLogin: role.canLogin,
      password,
      passwordExpired: role.validUntil !== null && role.validUntil < currentTimestamp(),
      isMemberOf: (name) =>
        this.catalogs.readShared((view) => {
          const group = view.roleByName(name);
          return group !== undefined && view.memberRoles(role.oid).has(group.oid);
        }),
    };
  }

  private roleByName(name: string): RoleDesc | undefined {
    return this.catalogs.readShared((view) => view.roleByName(name));
  }

  prepare(request: StartupRequest): Promise<unknown> | null {
    const row = this.catalogs.databaseByName(request.database);
    return row === undefined ? null : this.databases.ready(row.number('oid'));
  }

  open(request: StartupRequest, backendPid: number): WireSession {
    if (this.closing)
      throw sqlError('cannot_connect_now', 'the database system is shutting down', { severity: 'FATAL' });
    const role = this.roleByName(request.user);
    if (role === undefined)
      throw sqlError('invalid_authorization_specification', `role "${request.user}" does not exist`, {
        severity: 'FATAL',
      });
    if (!role.canLogin)
      throw sqlError('invalid_authorization_specification', `role "${request.user}" is not permitted to log in`, {
        severity: 'FATAL',
      });
    this.checkLimit(role);
    this.checkSlots(role);
    const db = this.enter(request.database, role);
    const session = new Session(db, request, backendPid, role);
    this.sessions.set(backendPid, session);
    db.usage.counts.sessions++;
    this.databases.entered(db.oid);
    return session;
  }

  /** The database, if the role may connect to it. @throws SqlError 3D000, 55000, 42501, 53300 */
  private enter(name: string, role: RoleDesc): Database {
    const row = this.catalogs.databaseByName(name);
    const db = row === undefined ? undefined : this.databases.get(row.number('oid'));
    if (row === undefined || db === undefined)
      throw sqlError('undefined_database', `database "${name}" does not exist`, { severity: 'FATAL' });
    if (!row.boolean('datallowconn'))
      throw sqlError('object_not_in_prerequisite_state', `database "${name}" is not currently accepting connections`, {
        severity: 'FATAL',
      });
    const rights = this.catalogs.readShared((view) =>
      rightsBy(view, role.oid, 'd', row.number('datdba'), aclOf(row.datum('datacl'))),
    );
    if ((rights.privileges & CONNECT) === 0) {
      throw sqlError('insufficient_privilege', `permission denied for database "${name}"`, {
        severity: 'FATAL',
        detail: 'User does not have CONNECT privilege.',
      });
    }
    const limit = row.number('datconnlimit');
    if (limit >= 0 && !role.superuser && this.databases.sessionsIn(db.oid) >= limit)
      throw sqlError('too_many_connections', `too many connections for database "${name}"`, { severity: 'FATAL' });
    return db;
  }

  /** Lets `work` have the rules of a database's tables, as the superuser's session binds them. */
  async withRules<T>(db: Database, work: (rulesOf: RulesOf) => Promise<T>): Promise<T> {
    const role = this.catalogs.readShared((view) => view.role(BOOTSTRAP_SUPERUSER));
    if (role === undefined) throw new Error('there is no superuser');
    const request = { user: role.name, database: db.name, settings: new Map<string, string>() };
    const session = new Session(db, { ...request, remoteAddress: '', remotePort: 0, tls: null }, 0, role);
    try {
      return await work(tableRules(session));
    } finally {
      session.terminate();
    }
  }

  /** @throws SqlError 53300 when the role has as many sessions as it may have */
  private checkLimit(role: RoleDesc): void {
    if (role.connectionLimit < 0 || role.superuser) return;
    let count = 0;
    for (const session of this.sessions.values()) if (session.identity.login.oid === role.oid) count++;
    if (count >= role.connectionLimit)
      throw sqlError('too_many_connections', `too many connections for role "${role.name}"`, { severity: 'FATAL' });
  }

  /** The last superuser_reserved_connections slots are for superusers. @throws SqlError 53300 */
  private checkSlots(role: RoleDesc): void {
    const free = this.options.maxConnections - this.sessions.size;
    if (free <= 0) throw sqlError('too_many_connections', 'sorry, too many clients already', { severity: 'FATAL' });
    const reserved = Number(this.parameters.get(RESERVED_CONNECTIONS) ?? settingFact(RESERVED_CONNECTIONS)?.boot ?? 0);
    if (free > reserved || role.superuser) return;
    throw sqlError(
      'too_many_connections',
      'remaining connection slots are reserved for non-replication superuser connections',
      { severity: 'FATAL' },
    );
  }

  /** The session has ended. It keeps its slot until its temporary schema is dropped; 0: it has none. */
  forget(session: Session, temporarySchema: number): void {
    const { db } = session;
    if (temporarySchema === 0) {
      this.sessions.delete(session.backendPid);
      this.databases.released(db.oid);
      return;
    }
    // The next start of the server drops what is left.
    const dropping = dropTemporarySchemas(db.catalog, [temporarySchema]);
    this.endLater(dropping, 'the temporary schema of a session was not dropped', () => {
      this.sessions.delete(session.backendPid);
      this.databases.released(db.oid);
    });
  }

  /** A session ends with a task, which the store is kept open for; `ended` is called after it. */
  endLater(task: Task<void>, failure: string, ended: () => void): void {
    const ending: Promise<void> = runTask(task)
      .catch((error: unknown) => this.options.log.error({ error }, failure))
      .finally(() => {
        this.endings.delete(ending);
        ended();
      });
    this.endings.add(ending);
  }

  reportedSettings(session: WireSession): readonly [name: string, value: string][] {
    if (!(session instanceof Session)) return [];
    return REPORTED.map((name) => [name, session.settings.show(name)]);
  }

  /** REQUIRES: all sessions have ended. */
  async close(): Promise<void> {
    this.closing = true;
    await this.autoAnalyze.stop();
    while (this.endings.size > 0) await Promise.all(this.endings);
    this.usage.keep();
    this.databases.close();
    this.catalogs.close();
    await this.store.close();
  }
}
