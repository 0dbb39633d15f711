/** docs/sql-support.md says what works and what answers 0A000; this runs all of it. */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

interface Block {
  readonly kind: string;
  readonly statements: readonly string[];
}

function blocks(): Block[] {
  const text = readFileSync('docs/sql-support.md', 'utf8');
  return [...text.matchAll(/```sql (works|0A000)\n([\s\S]*?)```/g)].map(([, kind, body]) => ({
    kind,
    statements: body.split('\n').filter((line) => line.trim() !== ''),
  }));
}

t.test('docs/sql-support.md', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  for (const { kind, statements } of blocks()) {
    for (const statement of statements) {
      const code = await client.query(statement).then(
        () => 'works',
        (error: unknown) =>
          error instanceof pg.DatabaseError
            ? `${error.code === '0A000' ? '' : error.message} ${error.code}`.trim()
            : String(error),
      );
      t.equal(code, kind, statement);
    }
  }
  await client.end();
});
