/** Positions in the body of a function as positions in the statement that holds it as a literal. */
import { SqlError } from '../../errors/sql-error.js';

/** Where character `position` (from 1) of a literal's value is in the text; null when the literal is not found. */
export function positionInText(text: string, body: string, position: number): number | null {
  const quoted = `'${body.replaceAll("'", "''")}'`;
  const plain = text.indexOf(quoted);
  if (plain >= 0) {
    const before = [...body].slice(0, position - 1).join('');
    return [...text.slice(0, plain)].length + 1 + position + (before.split("'").length - 1);
  }
  const dollar = text.indexOf(`$${body}$`);
  return dollar < 0 ? null : [...text.slice(0, dollar)].length + 1 + position;
}

/** An error with an internal position in the body becomes one with a position in the statement's text, where it stands there. */
export function placeInStatement(error: unknown, text: string, body: string): unknown {
  if (!(error instanceof SqlError) || error.fields.internalQuery !== body) return error;
  const { internalPosition, internalQuery, ...fields } = error.fields;
  const position = positionInText(text, body, internalPosition ?? 1);
  if (position !== null) error.fields = { ...fields, position };
  return error;
}
