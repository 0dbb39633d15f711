/**
 * Writes test/catalog/relations.json from a running PostgreSQL 15 (PG* environment variables say where it is): every
 * table and view of pg_catalog and the information_schema, one a line, with its columns and their types.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { RELATIONS_FILE, relationList } from '../catalog/relation-list.js';

const client = new pg.Client();
await client.connect();
try {
  const relations = await relationList(client);
  writeFileSync(RELATIONS_FILE, `[\n${relations.map((relation) => JSON.stringify(relation)).join(',\n')}\n]\n`);
} finally {
  await client.end();
}
