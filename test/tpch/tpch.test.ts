/** The 22 queries of TPC-H on small tables: the same answers as PostgreSQL's (test/tpch/record.ts). */
import pg from 'pg';
import t from 'tap';
import { loadTables } from '../../bench/tpch/load.js';
import { startTestServer } from '../test-server.js';
import { answers, SCALE, storedAnswers } from './answers.js';

const server = await startTestServer();
t.teardown(() => server.stop());
const address = { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' };
await loadTables(
  {
    ...process.env,
    PGHOST: address.host,
    PGPORT: String(address.port),
    PGUSER: address.user,
    PGDATABASE: address.database,
  },
  SCALE,
  t.testdir(),
);
const client = new pg.Client(address);
await client.connect();
const stored = storedAnswers();
const found = await answers(client);
await client.end();
t.equal(stored.size, 22);
for (const [name, lines] of found) t.equal(lines, stored.get(name), name);
