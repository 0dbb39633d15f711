/** Tables of which many rows have changed are analysed without being asked to. */
import pg from 'pg';
import { pino } from 'pino';
import t from 'tap';
import { loadConfig } from '../../src/config/config.js';
import { OrbitServer } from '../../src/server/server.js';

const config = loadConfig({ port: '0', 'log-level': 'silent' }, { ORBIT_PERSISTENCE_PROVIDER: 'memory' }, '/');
const server = await OrbitServer.start(config, pino({ level: 'silent' }));
t.teardown(() => server.stop());
const connect = async (database: string): Promise<pg.Client> => {
  const client = new pg.Client({ host: '127.0.0.1', port: server.address?.port ?? 0, user: 'orbit', database });
  await client.connect();
  return client;
};
const client = await connect('actors');
t.teardown(() => client.end());

interface Analyzed {
  readonly relname: string;
  readonly rows: number;
  readonly columns: string;
  readonly runs: string;
  readonly changed: string;
}

async function analyzed(): Promise<Analyzed[]> {
  const { rows } = await client.query<Analyzed>(`SELECT c.relname, c.reltuples AS rows, s.autoanalyze_count AS runs,
    s.n_mod_since_analyze AS changed, (SELECT count(*) FROM pg_stats WHERE tablename = c.relname) AS columns
    FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid ORDER BY 1`);
  return rows;
}

t.test('a round looks at tables with many changes', async (t) => {
  await client.query(`CREATE TABLE many (a int, b text); INSERT INTO many SELECT g, 'x' FROM generate_series(1, 500) g;
    CREATE TABLE few (a int); INSERT INTO few VALUES (1), (2);
    CREATE TABLE left_alone (a int) WITH (autovacuum_enabled = off);
    INSERT INTO left_alone SELECT generate_series(1, 500);
    CREATE TEMPORARY TABLE mine AS SELECT generate_series(1, 500) AS a`);
  await server.cluster.autoAnalyze.analyzeChanged();
  t.same(await analyzed(), [
    { relname: 'few', rows: -1, columns: '0', runs: '0', changed: '2' },
    { relname: 'left_alone', rows: -1, columns: '0', runs: '0', changed: '500' },
    { relname: 'many', rows: 500, columns: '2', runs: '1', changed: '0' },
    { relname: 'mine', rows: -1, columns: '0', runs: '0', changed: '500' },
  ]);
});

t.test('what was analysed is not analysed again before it has changed by a tenth', async (t) => {
  const many = async (): Promise<Analyzed | undefined> => (await analyzed()).find(({ relname }) => relname === 'many');
  await client.query('UPDATE many SET b = $1 WHERE a <= 90', ['y']);
  await server.cluster.autoAnalyze.analyzeChanged();
  t.match(await many(), { runs: '1', changed: '90' });
  await client.query('UPDATE many SET b = $1 WHERE a <= 90', ['z']);
  await server.cluster.autoAnalyze.analyzeChanged();
  t.match(await many(), { runs: '2', changed: '0' });
});

t.test('a locked table waits for the next round', async (t) => {
  await client.query('INSERT INTO many SELECT g FROM generate_series(1, 500) g');
  await client.query('BEGIN');
  await client.query('LOCK TABLE many IN SHARE MODE');
  await server.cluster.autoAnalyze.analyzeChanged();
  await client.query('COMMIT');
  t.match((await analyzed())[2], { rows: 500, runs: '2' });
  await server.cluster.autoAnalyze.analyzeChanged();
  t.match((await analyzed())[2], { rows: 1000, runs: '3' });
});

t.test('a database is dropped after a round that is in it', async (t) => {
  await client.query('CREATE DATABASE other');
  const other = await connect('other');
  await other.query('CREATE TABLE o AS SELECT generate_series(1, 5000) AS a');
  await other.end();
  const round = server.cluster.autoAnalyze.analyzeChanged();
  await client.query('DROP DATABASE other');
  await round;
  t.same((await client.query(`SELECT 1 FROM pg_database WHERE datname = 'other'`)).rows, []);
});
