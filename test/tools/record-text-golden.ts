/** Records PostgreSQL's answers to TEXT_CASES: `node dist/test/tools/record-text-golden.js <connection string> <output file>`. */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import type { GoldenAnswer, GoldenTextFile } from '../sql/functions/text-golden.js';
import { TEXT_CASES, type TextCase } from './text-cases.js';

const [, , connectionString, output] = process.argv;

async function answer(client: pg.Client, item: TextCase, args: readonly string[]): Promise<GoldenAnswer> {
  const casts = item.types.map((type, i) => `($${i + 1}::text)::${type}`).join(', ');
  try {
    const sql = `SELECT (pg_catalog.${item.name}(${casts}))::text AS value`;
    const { rows } = await client.query<{ value: string | null }>(sql, [...args]);
    return { value: rows[0].value };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { error: error.code ?? '', message: error.message };
  }
}

const client = new pg.Client({ connectionString });
await client.connect();
const file: GoldenTextFile = { functions: [] };
for (const item of TEXT_CASES) {
  const calls: GoldenTextFile['functions'][number]['calls'] = [];
  for (const args of item.args) calls.push([[...args], await answer(client, item, args)]);
  file.functions.push({ prosrc: item.prosrc, types: [...item.types], result: item.result, calls });
}
await client.end();
const lines = file.functions.map(({ calls, ...rest }) => {
  const rows = calls.map((entry) => JSON.stringify(entry)).join(',\n');
  return `${JSON.stringify(rest).slice(0, -1)},"calls":[\n${rows}\n]}`;
});
writeFileSync(output, `{"functions":[\n${lines.join(',\n')}\n]}\n`);
