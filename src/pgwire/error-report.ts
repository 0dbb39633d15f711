/**
 * From anything thrown to what a client is told. A limit of the engine is told as PostgreSQL tells its own; all other
 * errors that are not SqlErrors are our own mistakes: the client learns no more than that, the log gets the stack.
 */
import { runtimeLimit } from '../errors/runtime-limits.js';
import { SqlError } from '../errors/sql-error.js';
import { SQLSTATE } from '../errors/sqlstate.js';
import type { Report } from './codec/error-message.js';
import type { WireLogger } from './wire-logger.js';

export function reportError(error: unknown, log: WireLogger): Report {
  if (error instanceof SqlError) return error;
  const limit = runtimeLimit(error);
  if (limit !== null) return limit;
  log.error({ err: error }, 'internal error');
  return { severity: 'ERROR', code: SQLSTATE.internal_error, message: 'internal error', fields: {} };
}

/** The same for an error that ends the connection, whatever its severity was. */
export function reportFatal(error: unknown, log: WireLogger): Report {
  // Field by field: an Error's message is not enumerable.
  const { severity, code, message, fields } = reportError(error, log);
  return { severity: severity === 'PANIC' ? severity : 'FATAL', code, message, fields };
}
