/**
 * One open database: the store, its catalogs, and the sessions on it. The door for edges (`SessionFactory`).
 */

import { bootstrapCatalog } from '../catalog/bootstrap.js';
import { Catalog } from '../catalog/catalog.js';
import type { RoleDesc } from '../catalog/descriptors.js';
import type { RulesOf } from '../check/table-rules.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { builtinFunctions } from '../sql/functions/all.js';
import { type FunctionFamily, joinFamilies } from '../sql/functions/registry.js';
import { loadParser } from '../sql/parser/parse.js';
import type { Store, StoreSettings } from '../storage/api.js';
import { openStore } from '../storage/open-store.js';
import { builtinCodecs } from '../types/codecs.js';
import { runTask, type WaitEvent } from '../util/task.js';
import { aclFunctions } from './functions/acl-functions.js';
import { activityFunctions } from './functions/activity-functions.js';
import { advisoryFunctions } from './functions/advisory-functions.js';
import { catalogFunctions } from './functions/catalog-functions.js';
import { definitionFunctions } from './functions/definition-functions.js';
import { functionSignatures } from './functions/function-signatures.js';
import { lockFunctions } from './functions/lock-functions.js';
import { privilegeFunctions } from './functions/privilege-functions.js';
import { sessionFunctions } from './functions/session-functions.js';
import { signalFunctions } from './functions/signal-functions.js';
import { statisticsFunctions } from './functions/statistics-functions.js';
import { updatableFunctions } from './functions/updatable-functions.js';
import { ServerMemory } from './memory-budget.js';
import { Session } from './session.js';
import { REPORTED, settingFact } from './settings.js';
import { configuredParameters } from './special-settings.js';
import { tableRules } from './table-rules.js';
import { dropAbandonedSchemas, dropTemporarySchemas } from './temporary-schema.js';
import type { RoleCredentials, SessionFactory, StartupRequest, WireSession } from './wire-session.js';

/** The part of a logger that sessions use. */
export interface SessionLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface DatabaseOptions {
  readonly store: StoreSettings;
  readonly superuser: string;
  readonly database: string;
  /** Defaults of configuration parameters from the server's settings, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly maxConnections: number;
  /** 0: PREPARE TRANSACTION is refused. */
  readonly maxPreparedTransactions: number;
  /** What pg_authid keeps of a plain password. */
  readonly makePasswordVerifier: (password: string) => string;
  /** The superuser's password as the settings have it: it goes before that of pg_authid. Null: they have none. */
  readonly superuserVerifier: string | null;
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

const RESERVED_CONNECTIONS = 'superuser_reserved_connections';

export class Database implements SessionFactory {
  readonly functions: FunctionFamily = joinFamilies(
    builtinFunctions,
    sessionFunctions,
    aclFunctions,
    activityFunctions,
    advisoryFunctions,
    lockFunctions,
    signalFunctions,
    catalogFunctions,
    updatableFunctions,
    functionSignatures,
    privilegeFunctions,
    definitionFunctions,
    statisticsFunctions,
  );
  /** Set by the edge that owns the connections. */
  backends: BackendControl = { cancel: () => false, stop: () => false, waitEvent: () => null };
  readonly sessions = new Map<number, Session>();
  readonly memory = new ServerMemory();
  /** Defaults of configuration parameters from the server's settings, in canonical form. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly startedAt = Date.now();
  private closing = false;
  /** What is still done for sessions that have ended. */
  private readonly endings = new Set<Promise<void>>();

  private constructor(
    readonly options: DatabaseOptions,
    readonly store: Store,
    readonly catalog: Catalog,
  ) {
    this.parameters = configuredParameters(options.parameters);
  }

  /** Opens (and at the first start creates) the database. @throws what the store throws, e.g. for a damaged directory */
  static async open(options: DatabaseOptions): Promise<Database> {
    await loadParser();
    const store = await openStore(options.store);
    await runTask(bootstrapCatalog(store, builtinCodecs, { superuser: options.superuser, database: options.database }));
    const catalog = new Catalog(store, { codecs: builtinCodecs, database: options.database });
    await runTask(catalog.pin());
    catalog.adoptPrepared();
    await runTask(dropAbandonedSchemas(store, catalog));
    return new Database(options, store, catalog);
  }

  credentials(user: string): RoleCredentials | undefined {
    const role = this.withView((view) => view.roleByName(user));
    if (role === undefined) return undefined;
    const { superuser, superuserVerifier } = this.options;
    const password = user === superuser && superuserVerifier !== null ? superuserVerifier : role.password;
    return { roleOid: role.oid, canLogin: role.canLogin, password };
  }

  /** Reads the committed catalogs. */
  withView<T>(read: (view: ReturnType<Catalog['view']>) => T): T {
    const transaction = this.store.begin('read committed');
    try {
      return read(this.catalog.view(transaction, { names: [], user: '', temporary: 0 }));
    } finally {
      transaction.rollback();
    }
  }

  open(request: StartupRequest, backendPid: number): WireSession {
    if (this.closing)
      throw sqlError('cannot_connect_now', 'the database system is shutting down', { severity: 'FATAL' });
    const role = this.withView((view) => view.roleByName(request.user));
    if (role === undefined)
      throw sqlError('invalid_authorization_specification', `role "${request.user}" does not exist`, {
        severity: 'FATAL',
      });
    if (!role.canLogin)
      throw sqlError('invalid_authorization_specification', `role "${request.user}" is not permitted to log in`, {
        severity: 'FATAL',
      });
    if (request.database !== this.options.database) {
      throw sqlError('invalid_catalog_name', `database "${request.database}" does not exist`, { severity: 'FATAL' });
    }
    this.checkSlots(role);
    const session = new Session(this, request, backendPid, role);
    this.sessions.set(backendPid, session);
    return session;
  }

  /** Lets `work` have the rules of tables, as the superuser's session binds them. */
  async withRules<T>(work: (rulesOf: RulesOf) => Promise<T>): Promise<T> {
    const role = this.withView((view) => view.roleByName(this.options.superuser));
    if (role === undefined) throw new Error(`role "${this.options.superuser}" does not exist`);
    const request = { user: role.name, database: this.options.database, settings: new Map<string, string>() };
    const session = new Session(this, { ...request, remoteAddress: '', remotePort: 0, tls: false }, 0, role);
    try {
      return await work(tableRules(session));
    } finally {
      session.terminate();
    }
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
    if (temporarySchema === 0) {
      this.sessions.delete(session.backendPid);
      return;
    }
    const ending = runTask(dropTemporarySchemas(this.store, this.catalog, [temporarySchema]))
      // The next start of the server drops what is left.
      .catch((error: unknown) => this.options.log.error({ error }, 'the temporary schema of a session was not dropped'))
      .finally(() => {
        this.endings.delete(ending);
        this.sessions.delete(session.backendPid);
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
    await Promise.all(this.endings);
    this.catalog.close();
    await this.store.close();
  }
}
