/** Records the answers anew from a real PostgreSQL (connection from PGHOST, PGPORT, …). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadTables } from '../../bench/tpch/load.js';
import { inFreshDatabase } from '../golden/fresh-database.js';
import { answers, SCALE, writeAnswers } from './answers.js';

const directory = mkdtempSync(join(tmpdir(), 'orbit-tpch-'));
await inFreshDatabase(async (database) => {
  await loadTables({ ...process.env, PGDATABASE: database }, SCALE, directory);
  const client = new pg.Client({ database });
  await client.connect();
  writeAnswers(await answers(client));
  await client.end();
});
rmSync(directory, { recursive: true });
