/** Prepared transactions of a whole server: its limit, and what they are after restarts (test/crash/ has crashes). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer, type TestServer } from '../test-server.js';

async function connect(server: TestServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  return client;
}

/** A server on a directory that can be stopped and started again. */
class Restartable {
  private constructor(
    private readonly dataDir: string,
    private server: TestServer,
    public client: pg.Client,
  ) {}

  static async start(t: Test): Promise<Restartable> {
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-two-phase-'));
    const server = await startTestServer({ dataDir });
    const made = new Restartable(dataDir, server, await connect(server));
    t.teardown(async () => {
      await made.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
    return made;
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.server.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.server = await startTestServer({ dataDir: this.dataDir });
    this.client = await connect(this.server);
  }

  /** Runs statements one by one; the rows of the last. */
  async run(...statements: string[]): Promise<unknown[][]> {
    let rows: unknown[][] = [];
    for (const text of statements) ({ rows } = await this.client.query({ text, rowMode: 'array' }));
    return rows;
  }
}

t.test('max_prepared_transactions', async (t) => {
  for (const limit of [0, 1]) {
    const server = await startTestServer({ env: { ORBIT_SERVER_MAX_PREPARED_TRANSACTIONS: String(limit) } });
    const client = await connect(server);
    const prepare = async (gid: string) => {
      await client.query('BEGIN');
      await client.query(`PREPARE TRANSACTION '${gid}'`);
    };
    if (limit === 0) {
      await t.rejects(prepare('a'), {
        code: '55000',
        message: 'prepared transactions are disabled',
        hint: 'Set max_prepared_transactions to a nonzero value.',
      });
    } else {
      await prepare('a');
      await t.rejects(prepare('b'), {
        code: '53200',
        message: 'maximum number of prepared transactions reached',
        hint: 'Increase max_prepared_transactions (currently 1).',
      });
      await client.query("ROLLBACK PREPARED 'a'");
      await prepare('b');
    }
    await client.end();
    await server.stop();
  }
});

t.test('DDL, sequences and foreign keys after a restart', async (t) => {
  const server = await Restartable.start(t);
  await server.run(
    'CREATE TABLE parent (id int PRIMARY KEY)',
    'INSERT INTO parent VALUES (1), (2)',
    'CREATE TABLE child (id serial PRIMARY KEY, parent int REFERENCES parent)',
    'BEGIN',
    'INSERT INTO child (parent) VALUES (1)',
    "PREPARE TRANSACTION 'row'",
    'BEGIN',
    "CREATE TYPE mood AS ENUM ('low', 'high')",
    'CREATE TABLE made (id bigserial PRIMARY KEY, mood mood, CHECK (id < 100))',
    "INSERT INTO made (mood) VALUES ('low'), ('high')",
    'CREATE VIEW seen AS SELECT mood FROM made WHERE id > 1',
    'CREATE INDEX ON made (mood)',
    "PREPARE TRANSACTION 'ddl'",
  );
  await server.restart();
  await t.rejects(server.run('TABLE made'), { code: '42P01' });
  await server.run("SET lock_timeout = '10ms'");
  await t.rejects(server.run('DELETE FROM parent WHERE id = 1'), { code: '55P03' }, 'the foreign key is kept');
  await server.run('DELETE FROM parent WHERE id = 2');
  t.same(await server.run('INSERT INTO child (parent) VALUES (1) RETURNING id'), [[2]], 'no number is given twice');
  await server.run("COMMIT PREPARED 'ddl'");
  t.same(await server.run("INSERT INTO made (mood) VALUES ('high') RETURNING id::int, mood::text"), [[3, 'high']]);
  t.same(await server.run('SELECT mood::text FROM seen ORDER BY 1'), [['high'], ['high']]);
  await t.rejects(server.run('INSERT INTO made (id) VALUES (100)'), { code: '23514' });
  await server.run("COMMIT PREPARED 'row'");
  await server.restart();
  t.same(await server.run('SELECT id FROM child ORDER BY 1'), [[1], [2]]);
  t.same(await server.run("SELECT count(*)::int FROM made WHERE mood = 'high'"), [[2]]);
  await t.rejects(server.run('DELETE FROM parent'), { code: '23503' });
});

t.test('DDL that is rolled back, and drops', async (t) => {
  const server = await Restartable.start(t);
  await server.run(
    'CREATE TABLE old (id int PRIMARY KEY, n int)',
    'INSERT INTO old SELECT g, g FROM generate_series(1, 500) g',
    'BEGIN',
    'CREATE TABLE made (id serial PRIMARY KEY)',
    'INSERT INTO made DEFAULT VALUES',
    "PREPARE TRANSACTION 'made'",
    'BEGIN',
    'DROP TABLE old',
    "PREPARE TRANSACTION 'drop'",
  );
  await server.restart();
  await server.run("ROLLBACK PREPARED 'made'", 'CREATE TABLE made (id serial PRIMARY KEY)');
  t.same(await server.run('INSERT INTO made DEFAULT VALUES RETURNING id'), [[1]]);
  await server.run("SET lock_timeout = '10ms'");
  await t.rejects(server.run('SELECT * FROM old'), { code: '55P03' });
  await server.run("ROLLBACK PREPARED 'drop'");
  t.same(await server.run('SELECT sum(n)::int FROM old'), [[125250]]);
  await server.run('BEGIN', 'ALTER TABLE old DROP COLUMN n', "PREPARE TRANSACTION 'alter'");
  await server.restart();
  await server.run("COMMIT PREPARED 'alter'");
  t.same(await server.run('SELECT * FROM old WHERE id = 7'), [[7]]);
  await server.run('BEGIN', 'TRUNCATE old', "PREPARE TRANSACTION 'truncate'");
  await server.restart();
  await server.run("COMMIT PREPARED 'truncate'", 'INSERT INTO old VALUES (1)');
  await server.restart();
  t.same(await server.run('SELECT * FROM old'), [[1]]);
  t.same(await server.run('SELECT * FROM pg_prepared_xacts'), []);
});

t.test('shared rows and deferred keys after a restart', async (t) => {
  const server = await Restartable.start(t);
  await server.run(
    'CREATE TABLE parent (id int PRIMARY KEY, n int)',
    'INSERT INTO parent VALUES (1, 1)',
    'CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent)',
    'CREATE TABLE later (k int UNIQUE DEFERRABLE INITIALLY DEFERRED)',
  );
  for (const n of [1, 2]) {
    await server.run(
      'BEGIN',
      `INSERT INTO child VALUES (${n}, 1)`,
      `INSERT INTO later VALUES (${n})`,
      `PREPARE TRANSACTION 'child ${n}'`,
    );
  }
  await server.restart();
  await server.run("SET lock_timeout = '10ms'", 'UPDATE parent SET n = 2');
  for (const n of [1, 2]) {
    await t.rejects(server.run('DELETE FROM parent'), { code: '55P03' });
    await t.rejects(
      server.run(`INSERT INTO later VALUES (${n})`),
      { code: '55P03' },
      'the key is checked, and waited for',
    );
    await server.run(`COMMIT PREPARED 'child ${n}'`);
    await t.rejects(server.run(`INSERT INTO later VALUES (${n})`), { code: '23505' });
  }
  await t.rejects(server.run('DELETE FROM parent'), { code: '23503' });
  t.same(await server.run('SELECT k FROM later ORDER BY k'), [[1], [2]]);
});
