/** The 22 queries of TPC-H with the specification's validation parameters, one file each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCES } from './load.js';

export interface TpchQuery {
  readonly name: string;
  readonly sql: string;
  /** Whether the order of the rows is part of the answer. */
  readonly ordered: boolean;
}

/** Query 11's fraction of the stock's value shrinks as the scale grows. */
export function tpchQueries(scale: number): TpchQuery[] {
  const directory = join(SOURCES, 'queries');
  return readdirSync(directory)
    .sort()
    .map((file) => {
      const text = readFileSync(join(directory, file), 'utf8');
      const sql = text.replaceAll(':fraction', (0.0001 / scale).toFixed(10)).trim();
      return { name: file.replace('.sql', ''), sql, ordered: /^ORDER BY/m.test(sql) };
    });
}
