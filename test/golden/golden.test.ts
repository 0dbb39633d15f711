/**
 * Every golden file, each in a fresh database, against the server. A statement under a comment `-- todo: reason` is
 * expected to differ still: it is run, and its difference is told without failing.
 */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';
import { goldenFiles, outcome, readGolden } from './golden-file.js';

for (const path of ['test/golden', 'test/clients/browsers'].flatMap(goldenFiles)) {
  t.test(path, async (t) => {
    const server = await startTestServer({ env: { ORBIT_SERVER_USER: 'postgres' } });
    t.teardown(() => server.stop());
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'actors' });
    await client.connect();
    for (const { sql, expected, todo } of readGolden(path))
      t.same(await outcome(client, sql), expected, sql, todo === undefined ? {} : { todo });
    await client.end();
  });
}
