/**
 * What the wire protocol asks of a session: one method a message. Every method may throw a SqlError (the session
 * has by then marked its transaction as failed); the protocol sends the error and, in the extended protocol, skips
 * to the next Sync.
 */
import type { SqlError } from '../errors/sql-error.js';
import type { Task, Wait } from '../util/task.js';
import type { Format, ResultSink } from './result-sink.js';

export type TransactionStatus = 'I' | 'T' | 'E';

/** The values of a Bind message: slices of `bytes`, [start, end) by parameter; start -1 means NULL. */
export interface BindParameters {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** One format for each parameter (the protocol's short forms are expanded). */
  readonly formats: readonly Format[];
}

/** Why a session ends, as pg_stat_database counts it: its client has said so, is lost, an error was fatal, somebody has ended it. */
export type SessionEnding = 'normal' | 'abandoned' | 'fatal' | 'killed';

/** Tasks may be null: then everything is done already. */
export interface WireSession {
  /** Query: all statements of `sql`, in one implicit transaction unless it says otherwise. */
  query(sql: string, sink: ResultSink): Task<void>;
  parse(name: string, sql: string, parameterTypes: readonly number[], sink: ResultSink): Task<void>;
  /** `resultFormats` as sent: none, one for all, or one for each column. */
  bind(
    portal: string,
    statement: string,
    parameters: BindParameters,
    resultFormats: readonly Format[],
    sink: ResultSink,
  ): Task<void> | null;
  describeStatement(name: string, sink: ResultSink): void;
  describePortal(name: string, sink: ResultSink): void;
  /** `maxRows` 0 means all. */
  execute(portal: string, maxRows: number, sink: ResultSink): Task<void> | null;
  closeStatement(name: string, sink: ResultSink): void;
  closePortal(name: string, sink: ResultSink): void;
  /** Ends the implicit transaction: commits it, or rolls it back after an error. */
  sync(sink: ResultSink): Task<void> | null;
  readonly transactionStatus: TransactionStatus;
  /** The running statement ends with the error at its next chance. */
  cancel(reason: SqlError): void;
  /** What has to be waited for before the client is shown rows or errors; null: nothing. Ask again afterwards. */
  beforeTelling?(): Wait | null;
  /** The client is about to be told that it may send its next statement. */
  beforeIdle?(): void;
  /** The client has been told that it may send its next statement. */
  becameIdle(): void;
  /** The connection is gone: rolls back and frees everything. Never throws. */
  terminate(ending?: SessionEnding): void;
}

/** The TLS of a connection, as pg_stat_ssl shows it. */
export interface ClientTls {
  readonly version: string;
  readonly cipher: string;
  readonly bits: number;
  /** The names in the client's certificate, and its number in decimal; null when it has shown none. */
  readonly clientDn: string | null;
  readonly clientSerial: string | null;
  readonly issuerDn: string | null;
}

export interface StartupRequest {
  readonly user: string;
  readonly database: string;
  /** Settings from the startup packet (`options=-c …` already split). */
  readonly settings: ReadonlyMap<string, string>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Null: the connection is not encrypted. */
  readonly tls: ClientTls | null;
}

/** How a role proves itself, as pg_authid and the settings have it. */
export interface RoleCredentials {
  readonly roleOid: number;
  readonly canLogin: boolean;
  /** rolpassword: a SCRAM-SHA-256 verifier or an MD5 hash, or null when no password is set. */
  readonly password: string | null;
  /** VALID UNTIL is over. */
  readonly passwordExpired: boolean;
  /** Whether it is the role of that name, or is in it, directly or not. */
  isMemberOf(role: string): boolean;
}

/** The door to the database for edges such as pgwire. */
export interface SessionFactory {
  /** undefined when there is no such role. */
  credentials(user: string): RoleCredentials | undefined;
  /** Null when `open` may be called at once; else when the promise has settled, `prepare` is to be asked again. */
  prepare(request: StartupRequest): Promise<unknown> | null;
  /** Throws 3D000 (no such database), 28000, 53300 (too many connections), 57P03 (shutting down). */
  open(request: StartupRequest, backendPid: number): WireSession;
  /** Settings that ParameterStatus reports, by name as PostgreSQL spells it, for a session just opened. */
  reportedSettings(session: WireSession): readonly [name: string, value: string][];
}
