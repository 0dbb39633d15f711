/** The context of an error in a parameter of a Bind message: which one it is, and as much of its text as a setting allows. */
import { SqlError } from '../errors/sql-error.js';
import { decodeUtf8 } from '../types/text/utf8-input.js';
import type { Settings } from './settings.js';
import type { BindParameters } from './wire-session.js';

/** The error with its context, which parameters in binary have no text in. */
export function inParameter(
  error: unknown,
  parameters: BindParameters,
  i: number,
  settings: Settings,
  portal: string,
): unknown {
  if (!(error instanceof SqlError) || error.fields.where !== undefined || parameters.starts[i] < 0) return error;
  const where = portal === '' ? 'unnamed portal' : `portal "${portal}"`;
  const shown = Number(settings.get('log_parameter_max_length_on_error') ?? 0);
  const { bytes, starts, ends, formats } = parameters;
  const text = formats[i] === 1 ? '' : ` = ${quoted(bytes.subarray(starts[i], ends[i]), shown)}`;
  error.fields = { ...error.fields, where: `${where} parameter $${i + 1}${text}` };
  return error;
}

function quoted(text: Buffer, shown: number): string {
  const cut = shown >= 0 && text.length > shown;
  let length = cut ? shown : text.length;
  // Not in the middle of a character.
  while (cut && length > 0 && (text[length] & 0xc0) === 0x80) length--;
  return `'${decodeUtf8(text, 0, length).replaceAll("'", "''")}${cut ? '...' : ''}'`;
}
