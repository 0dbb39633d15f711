/** Errors on their way between threads: an object loses its class when it is sent. */
import { type ErrorFields, type SqlError, sqlError } from './sql-error.js';
import type { ConditionName } from './sqlstate.js';

export interface SentError {
  readonly condition: ConditionName;
  readonly message: string;
  readonly fields: ErrorFields;
}

export function toSentError(error: SqlError): SentError {
  return { condition: error.condition, message: error.message, fields: error.fields };
}

export function fromSentError(error: SentError): SqlError {
  return sqlError(error.condition, error.message, error.fields);
}
