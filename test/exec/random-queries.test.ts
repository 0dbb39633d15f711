/** Queries answer the same whichever way they are planned and run: random ones, in two forms (random-queries.ts). */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';
import { QueryMaker, tables } from './random-queries.js';

const SEED = 20;
const QUERIES = 80;
/** Pages get columns of their own when they are read again. */
const TIMES = 2;

const server = await startTestServer();
t.teardown(() => server.stop());
const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
await client.connect();
t.teardown(() => client.end());

async function answer(sql: string): Promise<string> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

for (const statement of tables(SEED)) await client.query(statement);
await client.query('ANALYZE');
const maker = new QueryMaker(SEED);
for (let i = 0; i < QUERIES; i++) {
  const { plain, fenced } = maker.next();
  const expected = await answer(fenced);
  for (let time = 0; time < TIMES; time++) {
    const found = await answer(plain);
    if (found !== expected) t.equal(found, expected, plain);
  }
}
t.pass(`${QUERIES} queries`);
