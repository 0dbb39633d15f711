/** What errors say of the SQL inside a function that they come from. */
import { SqlError } from '../../errors/sql-error.js';
import { addContext } from '../../exec/row-context.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';

const KINDS: Readonly<Record<Fragment['kind'], string>> = {
  expression: 'SQL expression',
  assignment: 'PL/pgSQL assignment',
  statement: 'SQL statement',
};

/** What is put before an expression to make a statement of it. */
export const SELECT = 'SELECT ';

export function sqlOf({ kind, text, start }: Fragment): string {
  return kind === 'statement' ? text : SELECT + text.slice(start);
}

export function contextLine({ kind, text }: Pick<Fragment, 'kind' | 'text'>): string {
  return `${KINDS[kind]} "${text}"`;
}

/** An error with a position shows the text, any other names it. */
export function inFragment(error: unknown, fragment: Pick<Fragment, 'kind' | 'text' | 'start'>): unknown {
  if (!(error instanceof SqlError)) return error;
  const { position, ...fields } = error.fields;
  if (position === undefined) return addContext(error, contextLine(fragment));
  const shift = fragment.kind === 'statement' ? 0 : SELECT.length - [...fragment.text.slice(0, fragment.start)].length;
  error.fields = { ...fields, internalPosition: Math.max(1, position - shift), internalQuery: fragment.text };
  return error;
}
