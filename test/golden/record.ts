/** Records the expectations of all golden files anew from a real PostgreSQL (connection from PGHOST, PGPORT, …). */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { type GoldenCase, goldenFiles, outcome, readGolden, writeGolden } from './golden-file.js';

const only = process.argv[2];
const database = `orbit_golden_${process.pid}`;

async function administer(sql: string): Promise<void> {
  const admin = new pg.Client();
  await admin.connect();
  await admin.query(sql);
  await admin.end();
}

const dropDatabase = (): Promise<void> => administer(`DROP DATABASE IF EXISTS ${database}`);

for (const path of goldenFiles('test/golden')) {
  if (only !== undefined && !path.includes(only)) continue;
  await dropDatabase();
  await administer(`CREATE DATABASE ${database} TEMPLATE template0`);
  const client = new pg.Client({ database });
  await client.connect();
  await client.query("SET timezone = 'UTC'");
  const recorded: GoldenCase[] = [];
  for (const { sql, todo } of readGolden(path)) recorded.push({ sql, todo, expected: await outcome(client, sql) });
  await client.end();
  await dropDatabase();
  writeFileSync(path, writeGolden(recorded));
  process.stdout.write(`${path}: ${recorded.length} statements\n`);
}
