/**
 * Writes test/clients/psql/expected.txt from a running PostgreSQL 15 whose superuser is `orbit` and whose database `actors`
 * is empty (PG* environment variables say where it is): the output of psql's commands over schema.sql.
 */
import { writeFileSync } from 'node:fs';
import { COMMANDS, commandOutputs, comparable, EXPECTED_FILE, SCHEMA_FILE } from '../clients/psql/commands.js';
import { dump, EXPECTED_DUMP } from '../clients/psql/dump.js';
import { run } from '../clients/server-process.js';

const loaded = await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', SCHEMA_FILE]);
if (loaded.code !== 0) throw new Error(loaded.stderr);
const outputs = await commandOutputs([]);
writeFileSync(
  EXPECTED_FILE,
  COMMANDS.map((command) => `===== ${command}\n${comparable(command, outputs.get(command) ?? '')}`).join(''),
);
writeFileSync(EXPECTED_DUMP, await dump([]));
