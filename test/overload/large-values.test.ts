/** Sizes that programs reach: parameters up to the protocol's limit, wide rows, values and statements of megabytes. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

t.test('large things', async (t) => {
  const server = await startTestServer();
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await server.stop();
  });
  const first = async (sql: string, values: unknown[] = []): Promise<unknown> =>
    Object.values((await client.query(sql, values)).rows[0] ?? {})[0];

  await t.test('parameters', async (t) => {
    const all = numbers(65_535);
    t.equal(await first(`SELECT cardinality(ARRAY[${all.map((i) => `$${i + 1}::int`).join(',')}])`, all), 65_535);
    await t.rejects(client.query('SELECT $65536::int', [1]), {
      code: '42P02',
      message: 'there is no parameter $65536',
    });
    await client.query('CREATE TABLE pairs (a int, b text)');
    const rows = numbers(30_000);
    const inserted = await client.query(
      `INSERT INTO pairs VALUES ${rows.map((i) => `($${2 * i + 1}, $${2 * i + 2})`).join(',')}`,
      rows.flatMap((i) => [i, `b${i}`]),
    );
    t.equal(inserted.rowCount, 30_000);
  });

  await t.test('wide rows', async (t) => {
    const columns = numbers(1600);
    await client.query(`CREATE TABLE wide (${columns.map((i) => `c${i} int`).join(',')})`);
    await client.query(`INSERT INTO wide VALUES (${columns.join(',')})`);
    t.equal((await client.query('SELECT * FROM wide')).rows[0].c1599, 1599);
    const tooMany = { code: '54011', message: 'tables can have at most 1600 columns' };
    await t.rejects(client.query('ALTER TABLE wide ADD COLUMN more int'), tooMany);
    await t.rejects(
      client.query(
        `CREATE TABLE wider (${numbers(1601)
          .map((i) => `c${i} int`)
          .join(',')})`,
      ),
      tooMany,
    );
    t.equal(
      Object.keys(
        (
          await client.query(
            `SELECT ${numbers(1664)
              .map((i) => `${i} AS c${i}`)
              .join(',')}`,
          )
        ).rows[0],
      ).length,
      1664,
    );
    await t.rejects(client.query(`SELECT ${numbers(1665).join(',')}`), { code: '54011' });
  });

  await t.test('values of 16 MB', async (t) => {
    const text = 'yä'.repeat(8_000_000);
    const bytes = Buffer.alloc(16_000_000, 9);
    await client.query('CREATE TABLE large (id int PRIMARY KEY, t text, b bytea)');
    await client.query('INSERT INTO large VALUES (1, $1, $2)', [text, bytes]);
    const { rows } = await client.query('SELECT t, b, length(t) AS n FROM large');
    t.ok(rows[0].t === text && bytes.equals(rows[0].b), 'in text');
    t.equal(rows[0].n, 16_000_000);
    // The driver takes `binary`, its types do not tell of it.
    const binary = { text: 'SELECT t, b FROM large WHERE id = $1', values: [1], binary: true };
    const again = await client.query(binary);
    // It has no reader for bytea in binary and gives its bytes as a text.
    t.ok(again.rows[0].t === text && again.rows[0].b === bytes.toString('latin1'), 'in binary');
  });

  await t.test('statements of megabytes', async (t) => {
    t.equal(await first(`SELECT length('${'z'.repeat(30_000_000)}')`), 30_000_000);
    t.equal(
      await first(`SELECT count(*)::int FROM generate_series(1, 1000) g WHERE g IN (${numbers(200_000).join(',')})`),
      1000,
    );
    const values = numbers(10_000).map((i) => `(${i}, 'a${i}')`);
    t.equal(await first(`SELECT max(column1) FROM (VALUES ${values.join(',')}) v`), 9999);
    t.equal((await client.query(`INSERT INTO pairs VALUES ${values.join(',')}`)).rowCount, 10_000);
  });
});
