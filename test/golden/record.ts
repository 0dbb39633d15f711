/** Records the expectations of all golden files anew from a real PostgreSQL (connection from PGHOST, PGPORT, …). */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { type GoldenCase, goldenFiles, outcome, readGolden, writeGolden } from './golden-file.js';

const only = process.argv[2];
for (const path of goldenFiles('test/golden')) {
  if (only !== undefined && !path.includes(only)) continue;
  const admin = new pg.Client();
  await admin.connect();
  await admin.query('DROP DATABASE IF EXISTS orbit_golden');
  await admin.query('CREATE DATABASE orbit_golden');
  await admin.end();
  const client = new pg.Client({ database: 'orbit_golden' });
  await client.connect();
  await client.query("SET timezone = 'UTC'");
  const recorded: GoldenCase[] = [];
  for (const { sql } of readGolden(path)) recorded.push({ sql, expected: await outcome(client, sql) });
  await client.end();
  writeFileSync(path, writeGolden(recorded));
  process.stdout.write(`${path}: ${recorded.length} statements\n`);
}
