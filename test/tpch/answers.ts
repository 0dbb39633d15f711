/** The answers to the TPC-H queries at a small scale, as PostgreSQL 15 gives them, in a file that people can read. */
import { readFileSync, writeFileSync } from 'node:fs';
import type pg from 'pg';
import { tpchQueries } from '../../bench/tpch/queries.js';

export const SCALE = 0.005;

/** From the root of the repository, where tests run. */
const FILE = 'test/tpch/answers.txt';

/** Rows as lines, values as text between bars; sorted where the query leaves the order open. */
export async function answers(client: pg.Client): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { name, sql, ordered } of tpchQueries(SCALE)) {
    const { rows } = await client.query<string[]>({
      text: sql,
      rowMode: 'array',
      types: { getTypeParser: () => String },
    });
    const lines = rows.map((row) => row.join('|'));
    if (!ordered) lines.sort();
    found.set(name, lines.join('\n'));
  }
  return found;
}

export function writeAnswers(found: ReadonlyMap<string, string>): void {
  writeFileSync(FILE, [...found].map(([name, lines]) => `== ${name}\n${lines}\n`).join(''));
}

export function storedAnswers(): Map<string, string> {
  const parts = readFileSync(FILE, 'utf8').split(/^== /m).slice(1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1, -1)];
    }),
  );
}
