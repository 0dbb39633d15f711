/** Values of variables and parameters in the details of messages. */
import type { Datum } from '../../types/datum.js';
import type { Frame } from './frame.js';

/** `name = 'value'`, for messages. */
export function shownValue(frame: Frame, name: string, value: Datum, type: number): string {
  if (value === null) return `${name} = NULL`;
  const { types } = frame.fn.runtime.session.environment;
  return `${name} = '${types.codec(type).format(value, types).replaceAll("'", "''")}'`;
}
