/**
 * ErrorResponse and NoticeResponse with all their fields.
 */
import type { ErrorFields, Severity } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BACKEND } from './message-types.js';

/** What an error or a notice says. */
export interface Report {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly fields: ErrorFields;
}

export function writeErrorResponse(out: ByteWriter, report: Report): void {
  writeReport(out, BACKEND.errorResponse, report);
}

export function writeNoticeResponse(out: ByteWriter, report: Report): void {
  writeReport(out, BACKEND.noticeResponse, report);
}

function writeReport(out: ByteWriter, type: number, report: Report): void {
  const { fields } = report;
  out.u8(type);
  const start = out.length;
  out.i32(0);
  field(out, 'S', report.severity);
  field(out, 'V', report.severity);
  field(out, 'C', report.code);
  field(out, 'M', report.message);
  field(out, 'D', fields.detail);
  field(out, 'H', fields.hint);
  field(out, 'P', fields.position);
  field(out, 'p', fields.internalPosition);
  field(out, 'q', fields.internalQuery);
  field(out, 'W', fields.where);
  field(out, 's', fields.schema);
  field(out, 't', fields.table);
  field(out, 'c', fields.column);
  field(out, 'd', fields.dataType);
  field(out, 'n', fields.constraint);
  out.u8(0);
  out.patchI32(start, out.length - start);
}

function field(out: ByteWriter, code: string, value: string | number | undefined): void {
  if (value === undefined || value === '') return;
  out.latin1(code);
  // A zero byte would end the field early and shift all that follow.
  out.cstring(String(value).replaceAll('\0', ''));
}
