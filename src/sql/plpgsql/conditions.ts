/** Names of conditions as EXCEPTION and RAISE know them: those of SQLSTATE, which some codes share. */
import { SQLSTATE } from '../../errors/sqlstate.js';

/** Names that PL/pgSQL has beside those of the table. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  string_data_right_truncation: ['22001', '01004'],
  null_value_not_allowed: ['22004', '39004'],
  modifying_sql_data_not_permitted: ['2F002', '38002'],
  prohibited_sql_statement_attempted: ['2F003', '38003'],
  reading_sql_data_not_permitted: ['2F004', '38004'],
};

/** Conditions that the table has and that no program may name. */
const NOT_ERRORS = new Set(['successful_completion']);

const CODES: ReadonlyMap<string, string> = new Map(Object.entries(SQLSTATE));

export const OTHERS = 'others';

/** The SQLSTATEs that a name stands for; undefined for unknown names. */
export function conditionCodes(name: string): readonly string[] | undefined {
  if (name === OTHERS) return [OTHERS];
  const several = OTHER_NAMES[name];
  if (several !== undefined) return several;
  if (NOT_ERRORS.has(name)) return undefined;
  const code = CODES.get(name);
  return code === undefined ? undefined : [code];
}

/** Whether a handler for the codes takes an error: a code that ends in 000 stands for its class. */
export function catches(codes: readonly string[], code: string): boolean {
  return codes.some((wanted) => {
    if (wanted === OTHERS) return code !== SQLSTATE.query_canceled && code !== SQLSTATE.assert_failure;
    return wanted === code || (wanted.endsWith('000') && wanted.slice(0, 2) === code.slice(0, 2));
  });
}

/** Whether a text has the form of a SQLSTATE. */
export function isSqlstate(text: string): boolean {
  return /^[0-9A-Z]{5}$/.test(text);
}
