/** Records the expectations of all golden files anew from a real PostgreSQL (connection from PGHOST, PGPORT, …). */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { inFreshDatabase } from './fresh-database.js';
import { type GoldenCase, goldenFiles, outcome, readGolden, writeGolden } from './golden-file.js';

const only = process.argv[2];

for (const path of ['test/golden', 'test/clients/browsers'].flatMap(goldenFiles)) {
  if (only !== undefined && !path.includes(only)) continue;
  await inFreshDatabase(async (database) => {
    const client = new pg.Client({ database });
    await client.connect();
    await client.query("SET timezone = 'UTC'");
    const recorded: GoldenCase[] = [];
    for (const { sql, todo } of readGolden(path)) recorded.push({ sql, todo, expected: await outcome(client, sql) });
    await client.end();
    writeFileSync(path, writeGolden(recorded));
    process.stdout.write(`${path}: ${recorded.length} statements\n`);
  });
}
