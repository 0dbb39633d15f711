/** The errors of date and time input. Each takes the whole input text. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';

export function badFormat(type: string, text: string): SqlError {
  return sqlError('invalid_datetime_format', `invalid input syntax for type ${type}: "${text}"`);
}

export function fieldOverflow(text: string): SqlError {
  return sqlError('datetime_field_overflow', `date/time field value out of range: "${text}"`);
}

/** As `fieldOverflow`, where the order of day and month may be the reason. */
export function orderOverflow(text: string): SqlError {
  return sqlError('datetime_field_overflow', `date/time field value out of range: "${text}"`, {
    hint: 'Perhaps you need a different "datestyle" setting.',
  });
}

export function zoneOverflow(text: string): SqlError {
  return sqlError('invalid_time_zone_displacement_value', `time zone displacement out of range: "${text}"`);
}

export function unknownZone(name: string): SqlError {
  return sqlError('invalid_parameter_value', `time zone "${name}" not recognized`);
}
