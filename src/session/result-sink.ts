/**
 * Where a session puts what a statement gives: rows, tags, notices, COPY data. The wire protocol implements it;
 * so do tests and in-process users. Calls only append to an output buffer, so none of them waits; a producer of
 * much output asks `backpressure()` after each batch and yields what it gets.
 */
import type { ErrorFields, Severity } from '../errors/sql-error.js';
import type { Row } from '../types/datum.js';
import type { TypeContext } from '../types/type-context.js';
import type { Task, Wait } from '../util/task.js';

export interface FieldDescription {
  readonly name: string;
  /** OID of the table and attnum of the column that the field shows, or 0. */
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  /** pg_type.typlen. */
  readonly typeLength: number;
  readonly typmod: number;
}

export type Format = 0 | 1;

export interface Notice {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly fields: ErrorFields;
}

export interface ResultSink {
  /** ParameterDescription. */
  parameterTypes(types: readonly number[]): void;
  /** RowDescription; NoData when `fields` is null. `formats` has one entry per field. */
  describeRows(fields: readonly FieldDescription[] | null, formats: readonly Format[]): void;
  /** Says how the rows that follow are to be written (no message is sent). */
  startRows(types: readonly number[], formats: readonly Format[], cx: TypeContext): void;
  /** DataRow of the first `types.length` values of `row`. */
  row(row: Row): void;
  complete(tag: string): void;
  suspended(): void;
  emptyQuery(): void;
  parseComplete(): void;
  bindComplete(): void;
  closeComplete(): void;
  notice(notice: Notice): void;
  parameterStatus(name: string, value: string): void;
  notification(pid: number, channel: string, payload: string): void;
  /** CopyOutResponse, CopyData, CopyDone. */
  copyOut(format: Format, columnFormats: readonly Format[]): void;
  copyData(bytes: Uint8Array): void;
  copyDone(): void;
  /** CopyInResponse; then `readCopyData` gives chunk after chunk, null after CopyDone, and throws 57014 on CopyFail. */
  copyIn(format: Format, columnFormats: readonly Format[]): void;
  readCopyData(): Task<Buffer | null>;
  /** Something to yield while the client has too much unread output, else null. */
  backpressure(): Wait | null;
  /** So much has gathered that `backpressure()` is to be asked before the next row already. */
  readonly crowded: boolean;
}
