/** RAISE: a message with its options, as a notice or an error. */
import { SqlError, sqlError } from '../../errors/sql-error.js';
import { type ConditionName, SQLSTATE } from '../../errors/sqlstate.js';
import { conditionCodes, isSqlstate } from '../../sql/plpgsql/conditions.js';
import type { RaiseOption, RaiseStatement } from '../../sql/plpgsql/syntax.js';
import type { Task } from '../../util/task.js';
import type { PlExpression } from './expression.js';
import { type Code, type Frame, NEXT, type Step } from './frame.js';
import type { StepCompiler } from './step-compiler.js';

interface Parts {
  readonly parameters: readonly PlExpression[];
  readonly options: readonly { readonly option: RaiseOption; readonly value: PlExpression }[];
}

export function raiseStep(compiler: StepCompiler, statement: RaiseStatement): Step {
  const parts: Parts = {
    parameters: compiler.expressions(statement.parameters),
    options: statement.options.map(({ option, value }) => ({ option, value: compiler.expression(value) })),
  };
  return { line: statement.line, what: 'RAISE', run: (frame) => raise(frame, statement, parts) };
}

interface Message {
  code: string | null;
  message: string | null;
  fields: Partial<Record<'detail' | 'hint' | 'column' | 'constraint' | 'dataType' | 'table' | 'schema', string>>;
}

function* raise(frame: Frame, statement: RaiseStatement, parts: Parts): Task<Code> {
  const { condition, format, level, options } = statement;
  if (condition === null && format === null && options.length === 0) throw reraised(frame);
  const message: Message = { code: null, message: null, fields: {} };
  if (condition !== null) {
    message.code = codeOf(condition);
  }
  if (format !== null) message.message = yield* formatted(frame, format, parts.parameters);
  for (const { option, value } of parts.options) {
    const text = yield* textOf(frame, value);
    if (text === null) throw sqlError('null_value_not_allowed', 'RAISE statement option cannot be null');
    setOption(message, option, text);
  }
  const asked = message.code === SQLSTATE.successful_completion ? null : message.code;
  const code = asked ?? (level === 'exception' ? SQLSTATE.raise_exception : null);
  const text = message.message ?? condition ?? code ?? SQLSTATE.raise_exception;
  if (level === 'exception') throw errorOf(code ?? SQLSTATE.raise_exception, text, message.fields);
  tell(frame, level, text, message, code);
  return NEXT;
}

function tell(
  frame: Frame,
  level: Exclude<RaiseStatement['level'], 'exception'>,
  text: string,
  { fields }: Message,
  code: string | null,
): void {
  const { session } = frame.fn.runtime;
  const severity = level === 'debug' || level === 'log' ? LOUD[level] : TOLD[level];
  session.notice(
    severity,
    text,
    fields,
    code ?? (level === 'warning' ? SQLSTATE.warning : SQLSTATE.successful_completion),
  );
}

const LOUD = { debug: 'DEBUG', log: 'LOG' } as const;
const TOLD = { info: 'INFO', notice: 'NOTICE', warning: 'WARNING' } as const;

function errorOf(code: string, message: string, fields: Message['fields']): SqlError {
  return new SqlError(conditionOf(code), message, { ...fields }, code);
}

const NAMES: ReadonlyMap<string, ConditionName> = new Map(
  (Object.entries(SQLSTATE) as [ConditionName, string][]).map(([name, code]) => [code, name]),
);

function conditionOf(code: string): ConditionName {
  return NAMES.get(code) ?? 'raise_exception';
}

function codeOf(condition: string): string {
  return conditionCodes(condition)?.[0] ?? condition;
}

/** @throws SqlError 42601 for an option that is given twice, 42704 */
function setOption(message: Message, option: RaiseOption, text: string): void {
  const twice = (): SqlError => sqlError('syntax_error', `RAISE option already specified: ${option.toUpperCase()}`);
  if (option === 'errcode') {
    if (message.code !== null) throw twice();
    message.code = errorCode(text);
  } else if (option === 'message') {
    if (message.message !== null) throw twice();
    message.message = text;
  } else {
    const field = option === 'datatype' ? 'dataType' : option;
    if (message.fields[field] !== undefined) throw twice();
    message.fields[field] = text;
  }
}

/** @throws SqlError 42704 */
function errorCode(text: string): string {
  if (isSqlstate(text)) return text;
  const code = text === 'others' ? undefined : conditionCodes(text)?.[0];
  if (code === undefined) throw sqlError('undefined_object', `unrecognized exception condition "${text}"`);
  return code;
}

/** The error that the innermost handler is for. @throws SqlError 0Z002 when there is none */
function reraised(frame: Frame): SqlError {
  if (frame.handled === null)
    return sqlError(
      'stacked_diagnostics_accessed_without_active_handler',
      'RAISE without parameters cannot be used outside an exception handler',
    );
  const { condition, message, fields, code } = frame.handled;
  frame.rethrown = new SqlError(condition, message, fields, code);
  return frame.rethrown;
}

function* formatted(frame: Frame, format: string, parameters: readonly PlExpression[]): Task<string> {
  let text = '';
  let next = 0;
  for (let i = 0; i < format.length; i++) {
    if (format[i] !== '%') text += format[i];
    else if (format[i + 1] === '%') {
      text += '%';
      i++;
    } else text += (yield* textOf(frame, parameters[next++])) ?? '<NULL>';
  }
  return text;
}

/** A value in its text form. */
export function* textOf(frame: Frame, expression: PlExpression): Task<string | null> {
  const value = yield* expression.get(frame);
  if (value === null) return null;
  const { types } = frame.fn.runtime.session.environment;
  return types.codec(expression.type).format(value, types);
}
