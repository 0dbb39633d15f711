/**
 * Every table and view of pg_catalog and the information_schema has PostgreSQL 15's columns (relations.json, recorded by
 * test/tools/export-relations.ts), can be read, and describes itself to clients with these columns.
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';
import { RELATIONS_FILE, type RelationFact, relationList } from './relation-list.js';

t.test('system tables and views', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(() => client.end());
  const expected: readonly RelationFact[] = JSON.parse(readFileSync(RELATIONS_FILE, 'utf8'));
  const found = new Map((await relationList(client)).map((relation) => [relation.name, relation]));

  await t.test('are all there, with names, types, order and OIDs', async (t) => {
    t.same(
      [...found.keys()],
      expected.map(({ name }) => name),
    );
    for (const relation of expected) t.same(found.get(relation.name), relation, relation.name);
  });

  await t.test('can be read', async (t) => {
    for (const { name, columns } of expected) {
      const result = await client.query(`SELECT * FROM ${name} LIMIT 3`).catch((error: unknown) => String(error));
      if (typeof result === 'string') t.fail(`${name}: ${result}`);
      else
        t.same(
          result.fields.map((field) => field.name),
          columns.map(([column]) => column),
          name,
        );
    }
  });
});
