/** GET DIAGNOSTICS and GET STACKED DIAGNOSTICS. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { DiagnosticsStatement } from '../../sql/plpgsql/syntax.js';
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { type Frame, NEXT, type Step } from './frame.js';
import { assign } from './records.js';
import type { StepCompiler } from './step-compiler.js';

export function diagnosticsStep(_compiler: StepCompiler, statement: DiagnosticsStatement): Step {
  const { stacked, items, line } = statement;
  return {
    line,
    what: stacked ? 'GET STACKED DIAGNOSTICS' : 'GET DIAGNOSTICS',
    run(frame) {
      if (stacked && frame.handled === null) {
        throw sqlError(
          'stacked_diagnostics_accessed_without_active_handler',
          'GET STACKED DIAGNOSTICS cannot be used outside an exception handler',
        );
      }
      for (const { item, target } of items) {
        const type = item === 'row_count' ? oid.INT8 : oid.TEXT;
        assign(frame, target, valueOf(frame, item), type, -1);
      }
      return NEXT;
    },
  };
}

function valueOf(frame: Frame, item: string): Datum {
  if (item === 'row_count') return frame.rowCount;
  if (item === 'pg_context') return frame.fn.runtime.contextText() ?? '';
  if (frame.handled === null) return null;
  if (item !== 'pg_exception_context') return stackedValue(frame.handled, item) ?? '';
  const outer = frame.fn.runtime.contextText(frame);
  return [frame.handled.fields.where, outer].filter((part) => part !== undefined && part !== '').join('\n');
}

function stackedValue({ code, message, fields }: SqlError, item: string): string | undefined {
  switch (item) {
    case 'returned_sqlstate':
      return code;
    case 'message_text':
      return message;
    case 'pg_exception_detail':
      return fields.detail;
    case 'pg_exception_hint':
      return fields.hint;
    case 'column_name':
      return fields.column;
    case 'constraint_name':
      return fields.constraint;
    case 'pg_datatype_name':
      return fields.dataType;
    case 'table_name':
      return fields.table;
    default:
      return fields.schema;
  }
}
