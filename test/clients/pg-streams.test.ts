/** pg-cursor, pg-query-stream and pg-copy-streams over node-postgres. Holds for PostgreSQL as well (target.ts). */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import t, { type Test } from 'tap';
import { withTarget } from './target.js';

async function cursors(t: Test, client: pg.Client): Promise<void> {
  const cursor = client.query(new Cursor('SELECT g, $1::text AS s FROM generate_series(1, 10) g', ['x']));
  t.same(
    await cursor.read(3),
    [1, 2, 3].map((g) => ({ g, s: 'x' })),
  );
  t.equal((await cursor.read(100)).length, 7);
  t.same(await cursor.read(5), []);
  await cursor.close();
  const rows = client.query(new Cursor('SELECT 1, 2', [], { rowMode: 'array' }));
  t.same(await rows.read(1), [[1, 2]]);
  await rows.close();
  const failing = client.query(new Cursor('SELECT 1 / (3 - g) FROM generate_series(1, 5) g'));
  t.equal((await failing.read(2)).length, 2);
  await t.rejects(failing.read(2), { code: '22012' });
  t.same((await client.query('SELECT 1 AS after')).rows, [{ after: 1 }], 'the connection goes on');

  await client.query(
    'BEGIN; CREATE TABLE counted (n int); DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT generate_series(1, 9) n',
  );
  t.same((await client.query('FETCH 2 FROM c')).rows, [{ n: 1 }, { n: 2 }]);
  t.same((await client.query('FETCH ABSOLUTE 9 FROM c')).rows, [{ n: 9 }]);
  await client.query('COMMIT');
  t.same((await client.query('FETCH BACKWARD 2 FROM c')).rows, [{ n: 8 }, { n: 7 }]);
  await client.query('CLOSE c');
}

async function streams(t: Test, client: pg.Client): Promise<void> {
  let sum = 0;
  const all = client.query(
    new QueryStream('SELECT g FROM generate_series(1, 5000) g', [], { batchSize: 100, highWaterMark: 50 }),
  );
  for await (const { g } of all) sum += g;
  t.equal(sum, 12_502_500);
  let seen = 0;
  for await (const _ of client.query(new QueryStream('SELECT g FROM generate_series(1, 100000) g')))
    if (++seen === 150) break;
  t.equal(seen, 150);
  t.same((await client.query('SELECT 2 AS after')).rows, [{ after: 2 }], 'a stream that was left frees its connection');
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function copies(t: Test, client: pg.Client): Promise<void> {
  await client.query('CREATE TABLE load (id int PRIMARY KEY, name text, at date)');
  const lines = Readable.from(
    (function* () {
      for (let i = 0; i < 2000; i++) yield `${i},"n ""${i}""",2024-02-29\n`;
    })(),
  );
  const load = client.query(from('COPY load FROM STDIN (FORMAT csv)'));
  await pipeline(lines, load);
  t.equal(load.rowCount, 2000);
  const unload = client.query(to("COPY (SELECT * FROM load WHERE id < 2 ORDER BY id) TO STDOUT (DELIMITER '|')"));
  t.equal(await text(unload), '0|n "0"|2024-02-29\n1|n "1"|2024-02-29\n');
  const binary = await text(client.query(to('COPY (SELECT 1::int2) TO STDOUT (FORMAT binary)')));
  t.equal(binary.slice(0, 6), 'PGCOPY');
  await t.rejects(pipeline(Readable.from(['1,again,\n']), client.query(from('COPY load FROM STDIN (FORMAT csv)'))), {
    code: '23505',
    where: 'COPY load, line 1',
  });
  await t.rejects(pipeline(Readable.from(['x\n']), client.query(from('COPY load FROM STDIN'))), { code: '22P02' });
  await t.rejects(text(client.query(to('COPY nope TO STDOUT'))), { code: '42P01' });
  t.same((await client.query('SELECT count(*)::int AS n FROM load')).rows, [{ n: 2000 }]);
}

t.test('streams of node-postgres', (t) =>
  withTarget(async (target) => {
    const client = new pg.Client(target);
    await client.connect();
    try {
      await t.test('pg-cursor', (t) => cursors(t, client));
      await t.test('pg-query-stream', (t) => streams(t, client));
      await t.test('pg-copy-streams', (t) => copies(t, client));
    } finally {
      await client.end();
    }
  }),
);
