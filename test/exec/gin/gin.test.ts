/**
 * Random documents and arrays in two tables, one with gin indexes and one without: after every change, in and out of
 * transactions, both must give the same rows for the same conditions. ORBIT_GIN_SEED repeats a run.
 */
import pg from 'pg';
import t from 'tap';
import { startTestServer, type TestServer } from '../../test-server.js';
import { seededRandom } from '../../wal/simulated-files.js';

const SEED = Number(process.env.ORBIT_GIN_SEED ?? Date.now() % 100_000);
const ROUNDS = Number(process.env.ORBIT_GIN_ROUNDS ?? 30);
const QUERIES = 6;
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1';

const random = seededRandom(SEED);
const upTo = (n: number): number => Math.floor(random() * n);
const pick = <T>(items: readonly T[]): T => items[upTo(items.length)];
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const KEYS = ['a', 'b', 'tag', 'ключ', 'x'.repeat(200)];
const SCALARS: readonly unknown[] = [0, 1, 1.5, -2, true, false, null, 'a', 'b', '', "it's", 'y'.repeat(300)];

function document(depth: number): unknown {
  const kind = upTo(depth > 0 ? 4 : 1);
  if (kind < 2) return pick(SCALARS);
  const length = upTo(4);
  if (kind === 2) return Array.from({ length }, () => document(depth - 1));
  return Object.fromEntries(Array.from({ length }, () => [pick(KEYS), document(depth - 1)]));
}

function json(depth: number): string {
  return quoted(JSON.stringify(document(depth)));
}

function array(): string {
  const elements = Array.from({ length: upTo(5) }, () => (upTo(8) === 0 ? 'NULL' : String(upTo(12))));
  return `'{${elements.join(',')}}'`;
}

function path(): string {
  const steps = Array.from({ length: 1 + upTo(3) }, () =>
    pick(['.a', '.b', '.tag', '[*]', '.*', '.**', '[0]', '."ключ"']),
  );
  return `$${steps.join('')}`;
}

function predicate(): string {
  const side = (): string => JSON.stringify(pick(SCALARS.filter((value) => value !== "it's")));
  return pick([
    () => `${path()} == ${side()}`,
    () => `${side()} == ${path()}`,
    () => `${path()} > 0`,
    () => `exists(${path()})`,
    () => `!(${path()} == ${side()})`,
    () => `${path()} == 1 || ${path()} == "a"`,
    () => `${path()} == 1 && exists(${path()})`,
    () => `${path()} starts with "a"`,
    () => `(${path()} == 1) is unknown`,
    () => `${path()}.type() == "string"`,
  ])();
}

function condition(): string {
  return pick([
    () => `d @> ${json(2)}`,
    () => `d ? ${quoted(pick(KEYS))}`,
    () => `d ?| ARRAY[${quoted(pick(KEYS))}, ${quoted(pick(KEYS))}, NULL]`,
    () => `d ?& ARRAY[${quoted(pick(KEYS))}, ${quoted(pick(KEYS))}]`,
    () => `d @@ ${quoted(predicate())}`,
    () => `d @? ${quoted(path())}`,
    () => `d @? ${quoted(`${path()} ? (@ == 1 || @.a == "b")`)}`,
    () => `d @? ${quoted(`strict ${path()} ? (@.b == null)`)}`,
    () => `n @> ${array()}`,
    () => `n && ${array()}`,
    () => `n <@ ${array()}`,
    () => `n = ${array()}`,
    () => `n @> ${array()} AND d @> ${json(1)}`,
    () => `n && ${array()} AND id % 2 = 0`,
  ])();
}

function change(): string {
  const some = `id % ${1 + upTo(20)} = ${upTo(5)}`;
  return pick([
    () => `INSERT INTO TABLE_NAME SELECT max(id) + 1, ${json(3)}, ${array()} FROM TABLE_NAME`,
    () => `INSERT INTO TABLE_NAME SELECT max(id) + 1, NULL, NULL FROM TABLE_NAME`,
    () => `UPDATE TABLE_NAME SET d = ${json(3)} WHERE ${some}`,
    () => `UPDATE TABLE_NAME SET n = ${array()} WHERE ${some}`,
    () => `UPDATE TABLE_NAME SET n = n || ${upTo(12)}, d = jsonb_build_object('a', d) WHERE ${some}`,
    () => `DELETE FROM TABLE_NAME WHERE id > 1 AND id % 31 = ${upTo(31)}`,
  ])();
}

async function connect(server: TestServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  return client;
}

t.test(`rows found by gin indexes and without, seed ${SEED}`, async (t) => {
  const server = await startTestServer();
  const client = await connect(server);
  const reader = await connect(server);
  t.teardown(async () => {
    await client.end();
    await reader.end();
    await server.stop();
  });
  const both = async (sql: string): Promise<void> => {
    for (const name of ['plain', 'indexed']) await client.query(sql.replaceAll('TABLE_NAME', name));
  };
  await both('CREATE TABLE TABLE_NAME (id int, d jsonb, n int[])');
  for (let i = 1; i <= 300; i++) await both(`INSERT INTO TABLE_NAME VALUES (${i}, ${json(3)}, ${array()})`);
  await client.query('CREATE INDEX indexed_d ON indexed USING gin (d)');
  await client.query('CREATE INDEX indexed_n ON indexed USING gin (n)');
  let byIndex = 0;
  const compare = async (who: pg.Client): Promise<void> => {
    for (let i = 0; i < QUERIES; i++) {
      const where = condition();
      const found = async (name: string) =>
        (await who.query({ text: `SELECT id FROM ${name} WHERE ${where} ORDER BY id`, rowMode: 'array' })).rows.flat();
      t.same(await found('indexed'), await found('plain'), where);
      const plan = await who.query(`EXPLAIN SELECT id FROM indexed WHERE ${where}`);
      if (JSON.stringify(plan.rows).includes('Bitmap Index Scan')) byIndex++;
    }
  };
  await reader.query(SNAPSHOT);
  await compare(reader);
  for (let round = 0; round < ROUNDS; round++) {
    const way = upTo(4);
    if (way > 0) await client.query('BEGIN');
    await both(change());
    await compare(client);
    if (way === 2) {
      await client.query('SAVEPOINT s');
      await both(change());
      await compare(client);
      await client.query('ROLLBACK TO s');
      await compare(client);
    }
    if (way > 0) await client.query(way === 3 ? 'ROLLBACK' : 'COMMIT');
    if (round % 10 === 4) {
      const [index, opclass] = pick([
        ['indexed_d', 'd jsonb_path_ops'],
        ['indexed_d', 'd'],
        ['indexed_n', 'n, d'],
      ]);
      // A snapshot that is older than the index, without a lock on the table.
      await reader.query(`COMMIT; ${SNAPSHOT}`);
      await both(change());
      await client.query(`DROP INDEX ${index}; CREATE INDEX ${index} ON indexed USING gin (${opclass})`);
    }
    await compare(client);
    // An older snapshot, which sees versions that have been replaced.
    await compare(reader);
    if (round % 8 === 7) await reader.query(`COMMIT; ${SNAPSHOT}`);
  }
  t.ok(byIndex > ROUNDS, `${byIndex} conditions were answered by an index`);
});
