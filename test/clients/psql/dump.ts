/** Dumps of schema.sql: how they are made comparable, and the file with PostgreSQL's own. */
import { type ProgramResult, run } from '../server-process.js';

export const EXPECTED_DUMP = 'test/clients/psql/expected-dump.sql';
/** Functions, triggers, collations and what else is not in schema.sql, with PostgreSQL's dump of it. */
export const PROGRAMS = {
  schema: 'test/clients/psql/programs.sql',
  dump: 'test/clients/psql/expected-programs-dump.sql',
};

/** A dump without the lines that name versions and carry random keys. @throws Error when pg_dump fails */
export async function dump(connection: readonly string[], ...options: string[]): Promise<string> {
  const result = await run('pg_dump', [...connection, ...options]);
  if (result.code !== 0) throw new Error(result.stderr);
  return comparableDump(result);
}

export function comparableDump({ stdout }: ProgramResult): string {
  return stdout
    .split('\n')
    .filter((line) => !/^-- Dumped (from|by)|^\\(un)?restrict /.test(line))
    .join('\n');
}
