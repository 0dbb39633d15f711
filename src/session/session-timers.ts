/**
 * The timeouts of one session: of its running statement, and of idling inside and outside a transaction. A timeout of
 * 0 is off and costs nothing.
 */
import { type SqlError, sqlError } from '../errors/sql-error.js';

export function statementCanceled(reason: 'user request' | 'statement timeout'): SqlError {
  return sqlError('query_canceled', `canceling statement due to ${reason}`);
}

const idleInTransaction = (): SqlError =>
  sqlError('idle_in_transaction_session_timeout', 'terminating connection due to idle-in-transaction timeout', {
    severity: 'FATAL',
  });

const idleSession = (): SqlError =>
  sqlError('idle_session_timeout', 'terminating connection due to idle-session timeout', { severity: 'FATAL' });

export class SessionTimers {
  /** Milliseconds, by setting; 0: off. */
  private statementTimeout = 0;
  private idleTimeout = 0;
  private idleInTransactionTimeout = 0;
  private statement: NodeJS.Timeout | null = null;
  private idle: NodeJS.Timeout | null = null;

  constructor(
    /** Ends the running statement. */
    private readonly cancel: (reason: SqlError) => void,
    /** Ends the connection. */
    private readonly disconnect: (reason: SqlError) => void,
  ) {}

  /** Takes over a changed setting; false when it is none of the timeouts. */
  apply(setting: string, value: string): boolean {
    const milliseconds = Number(value);
    if (setting === 'statement_timeout') this.statementTimeout = milliseconds;
    else if (setting === 'idle_session_timeout') this.idleTimeout = milliseconds;
    else if (setting === 'idle_in_transaction_session_timeout') this.idleInTransactionTimeout = milliseconds;
    else return false;
    return true;
  }

  /** A message of the client is being worked on. */
  messageBegan(): void {
    if (this.idle !== null) clearTimeout(this.idle);
    this.idle = null;
    if (this.statementTimeout === 0) return;
    this.statement = setTimeout(() => this.cancel(statementCanceled('statement timeout')), this.statementTimeout);
  }

  messageEnded(): void {
    if (this.statement !== null) clearTimeout(this.statement);
    this.statement = null;
  }

  /** The client has been told that it may send the next statement. */
  becameIdle(inTransaction: boolean): void {
    const timeout = inTransaction ? this.idleInTransactionTimeout : this.idleTimeout;
    if (timeout === 0) return;
    if (this.idle !== null) clearTimeout(this.idle);
    this.idle = setTimeout(() => this.disconnect(inTransaction ? idleInTransaction() : idleSession()), timeout);
  }

  stop(): void {
    if (this.idle !== null) clearTimeout(this.idle);
    this.idle = null;
    this.messageEnded();
  }
}
