/**
 * Errors that a client sees. Raise them with `sqlError('undefined_table', 'relation "x" does not exist', { position })`.
 */
import { type ConditionName, SQLSTATE } from './sqlstate.js';

export type Severity = 'ERROR' | 'FATAL' | 'PANIC' | 'WARNING' | 'NOTICE' | 'DEBUG' | 'INFO' | 'LOG';

/** The optional fields of ErrorResponse and NoticeResponse. */
export interface ErrorFields {
  detail?: string;
  hint?: string;
  /** 1-based character offset into the statement's text. */
  position?: number;
  internalPosition?: number;
  internalQuery?: string;
  where?: string;
  schema?: string;
  table?: string;
  column?: string;
  dataType?: string;
  constraint?: string;
  severity?: Severity;
}

export class SqlError extends Error {
  override readonly name = 'SqlError';
  severity: Severity;
  fields: ErrorFields;

  constructor(
    readonly condition: ConditionName,
    message: string,
    fields: ErrorFields = {},
    /** Programs may raise codes that no condition has. */
    readonly code: string = SQLSTATE[condition],
  ) {
    super(message);
    this.severity = fields.severity ?? 'ERROR';
    this.fields = fields;
  }

  /** Adds a position to an error that has none yet, where a caller knows the place better than the thrower. */
  at(position: number | undefined): this {
    if (position !== undefined && this.fields.position === undefined) this.fields = { ...this.fields, position };
    return this;
  }
}

/** Makes (does not throw) the error for a condition of SQLSTATE. */
export function sqlError(condition: ConditionName, message: string, fields?: ErrorFields): SqlError {
  return new SqlError(condition, message, fields);
}

/** The error for something PostgreSQL has and this server has not: SQLSTATE 0A000, naming the feature. */
export function notSupported(feature: string, fields?: ErrorFields): SqlError {
  return new SqlError('feature_not_supported', `${feature} is not supported`, fields);
}
