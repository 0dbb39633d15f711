/** pg_stat_* and pg_statio_*: what statements did, as PostgreSQL 15 counts it for the same statements. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import t, { type Test } from 'tap';
import { startTestServer, type TestServer } from '../../test-server.js';

let directory = '';
let server: TestServer;

t.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orbit-usage-'));
  server = await startTestServer({ dataDir: directory });
});

t.teardown(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

async function connect(t: Test): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end().catch(() => {}));
  return client;
}

/** The one row of a query; numbers as numbers. */
async function row(client: pg.Client, sql: string, params: unknown[] = []): Promise<unknown[]> {
  const { rows } = await client.query({ text: sql, values: params, rowMode: 'array' });
  return (rows[0] ?? []).map((value: unknown) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
  );
}

const TABLE = 'SELECT seq_scan, seq_tup_read, idx_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = $1';
const WRITES =
  'SELECT n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd, n_live_tup, n_mod_since_analyze, n_ins_since_vacuum FROM pg_stat_user_tables WHERE relname = $1';

t.test('scans', async (t) => {
  const client = await connect(t);
  await client.query('CREATE TABLE s (id int PRIMARY KEY, v int, w text); CREATE INDEX s_v ON s (v)');
  await client.query("INSERT INTO s SELECT g, g % 10, 'x' FROM generate_series(1, 1000) g");
  t.same(await row(client, TABLE, ['s']), [0, 0, 0, 0]);
  await client.query('SELECT count(*) FROM s');
  await client.query("SELECT * FROM s WHERE w = 'y'");
  t.same(await row(client, TABLE, ['s']), [2, 2000, 0, 0], 'rows count before the condition');
  for (const id of [5, 7, 5000]) await client.query('SELECT * FROM s WHERE id = $1', [id]);
  t.same(await row(client, TABLE, ['s']), [2, 2000, 3, 2]);
  await client.query('SELECT * FROM s WHERE id BETWEEN 11 AND 20');
  const index = 'SELECT idx_scan, idx_tup_read, idx_tup_fetch FROM pg_stat_user_indexes WHERE indexrelname = $1';
  t.same(await row(client, index, ['s_pkey']), [4, 12, 12]);
  t.same(await row(client, index, ['s_v']), [0, 0, 0]);
});

t.test('changes, committed or not', async (t) => {
  const client = await connect(t);
  await client.query('CREATE TABLE w (id int PRIMARY KEY, v int)');
  await client.query('INSERT INTO w SELECT g, g FROM generate_series(1, 100) g');
  await client.query(
    'UPDATE w SET v = 0 WHERE id <= 3; UPDATE w SET id = 200 WHERE id = 4; DELETE FROM w WHERE id = 5',
  );
  t.same(await row(client, WRITES, ['w']), [100, 4, 1, 3, 99, 105, 100]);
  await client.query('BEGIN');
  await client.query('INSERT INTO w VALUES (300, 1), (301, 1)');
  const running = await row(client, "SELECT n_tup_ins, n_tup_del FROM pg_stat_xact_user_tables WHERE relname = 'w'");
  t.same(running, [2, 0], 'of the running transaction');
  t.same((await row(client, WRITES, ['w']))[0], 100, 'which others do not see yet');
  await client.query('ROLLBACK');
  t.same(
    await row(client, WRITES, ['w']),
    [102, 4, 1, 3, 99, 105, 102],
    'what was undone counts as done, not as changed',
  );
  await t.rejects(client.query('INSERT INTO w VALUES (400, 1), (1, 1)'), { code: '23505' });
  t.same((await row(client, WRITES, ['w']))[0], 103);
  await client.query('ANALYZE w (v); VACUUM w').catch((error: unknown) => t.match(error, { code: '25001' }));
  await client.query('ANALYZE w (v)');
  await client.query('VACUUM w');
  t.same((await row(client, WRITES, ['w'])).slice(5), [105, 0], 'of one column only');
  await client.query('ANALYZE w');
  t.same((await row(client, WRITES, ['w'])).slice(5), [0, 0]);
  const runs =
    "SELECT vacuum_count, last_vacuum <= now(), analyze_count >= 2, last_analyze >= last_vacuum, last_autoanalyze FROM pg_stat_user_tables WHERE relname = 'w'";
  t.same(await row(client, runs), [1, true, true, true, null]);
});

t.test('rows that only older snapshots need', async (t) => {
  const client = await connect(t);
  const reader = await connect(t);
  await client.query('CREATE TABLE o AS SELECT g AS id, 0 AS v FROM generate_series(1, 10) g');
  t.same(await row(client, "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'o'"), [10]);
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await reader.query('SELECT * FROM o');
  await client.query('UPDATE o SET v = 1 WHERE id <= 4');
  await client.query('UPDATE o SET v = 2 WHERE id = 1');
  await client.query('DELETE FROM o WHERE id = 10');
  const dead = "SELECT n_live_tup, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'o'";
  t.same(await row(client, dead), [9, 6]);
  await reader.query('COMMIT');
  await client.query('UPDATE o SET v = 3 WHERE id = 2');
  const [, left] = await row(client, dead);
  t.ok(Number(left) <= 1, 'they go by themselves');
});

t.test('foreign keys and bitmap scans look into indexes', async (t) => {
  const client = await connect(t);
  await client.query('CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2)');
  await client.query('CREATE TABLE c (id int REFERENCES p)');
  await client.query('INSERT INTO c VALUES (1), (2), (1)');
  const [scans] = await row(client, "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'p_pkey'");
  t.ok(Number(scans) >= 2);
  await client.query('CREATE TABLE g (a int[]); CREATE INDEX g_a ON g USING gin (a)');
  await client.query('INSERT INTO g SELECT ARRAY[i, i + 1] FROM generate_series(1, 2000) i');
  await client.query('SELECT * FROM g WHERE a @> ARRAY[7]');
  t.same(await row(client, "SELECT idx_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'g'"), [1, 2]);
});

t.test('databases and sessions', async (t) => {
  const watcher = await connect(t);
  const counts = async (): Promise<number[]> =>
    (
      await row(
        watcher,
        `SELECT xact_commit, xact_rollback, deadlocks, sessions, sessions_killed, tup_inserted, tup_deleted
         FROM pg_stat_database WHERE datname = 'actors'`,
      )
    ).map(Number);
  await watcher.query('CREATE TABLE d (id int PRIMARY KEY); INSERT INTO d VALUES (1), (2)');
  const before = await counts();
  const [one, two] = [await connect(t), await connect(t)];
  for (const client of [one, two]) await client.query("SET deadlock_timeout = '10ms'; BEGIN");
  await one.query('DELETE FROM d WHERE id = 1');
  await two.query('DELETE FROM d WHERE id = 2');
  const waiting = one.query('DELETE FROM d WHERE id = 2').catch((error: unknown) => error);
  const other = two.query('DELETE FROM d WHERE id = 1').catch((error: unknown) => error);
  await Promise.all([waiting, other]);
  await one.query('ROLLBACK');
  await two.query('ROLLBACK');
  await watcher.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
  const killed = "SELECT sessions_killed FROM pg_stat_database WHERE datname = 'actors'";
  for (let i = 0; i < 300 && Number((await row(watcher, killed))[0]) < before[4] + 2; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const after = await counts();
  t.ok(after[0] > before[0], 'commits');
  t.equal(after[1] - before[1], 2, 'rollbacks');
  t.equal(after[2] - before[2], 1, 'deadlocks');
  t.equal(after[3] - before[3], 2, 'sessions');
  t.equal(after[4] - before[4], 2, 'ended by others');
  t.equal(after[6] - before[6], 3, 'deleted rows');
  const times =
    "SELECT session_time > 0, active_time > 0, idle_in_transaction_time > 0 FROM pg_stat_database WHERE datname = 'actors'";
  t.same(await row(watcher, times), [true, true, true]);
});

t.test('a clean end keeps the counters, a reset clears them', async (t) => {
  const before = await connect(t);
  await before.query('CREATE TABLE k AS SELECT 1 AS a');
  await before.query('SELECT * FROM k');
  await before.end();
  await server.stop();
  server = await startTestServer({ dataDir: directory });
  const client = await connect(t);
  t.same((await row(client, TABLE, ['k'])).slice(0, 2), [1, 1]);
  await client.query('SELECT * FROM k');
  t.same((await row(client, TABLE, ['k'])).slice(0, 2), [2, 2], 'and they go on');
  const pages =
    "SELECT heap_blks_read + heap_blks_hit AS pages, heap_blks_read FROM pg_statio_user_tables WHERE relname = 'k'";
  const [looked, read] = await row(client, pages);
  t.same([looked, read], [2, 1], 'one page was read from disk since');
  await client.query("SELECT pg_stat_reset_single_table_counters('k'::regclass)");
  t.same((await row(client, TABLE, ['k'])).slice(0, 2), [0, 0]);
  t.same((await row(client, TABLE, ['s'])).slice(0, 2), [2, 2000], 'of no other table');
  await client.query('SELECT pg_stat_reset()');
  t.same((await row(client, TABLE, ['s'])).slice(0, 2), [0, 0]);
  t.same(await row(client, "SELECT stats_reset <= now() FROM pg_stat_database WHERE datname = 'actors'"), [true]);
  await t.rejects(client.query("SELECT pg_stat_reset_shared('nonsense')"), { code: '22023' });
  await client.query('CREATE ROLE somebody; SET ROLE somebody');
  await t.rejects(client.query('SELECT pg_stat_reset()'), { code: '42501' });
});

t.test('the log and checkpoints', async (t) => {
  const client = await connect(t);
  const log = 'SELECT wal_records, wal_bytes, wal_write FROM pg_stat_wal';
  const checkpoints =
    'SELECT checkpoints_timed, checkpoints_req, buffers_checkpoint > 0, checkpoint_write_time > 0 FROM pg_stat_bgwriter';
  await client.query("SELECT pg_stat_reset_shared('wal'), pg_stat_reset_shared('bgwriter')");
  t.same((await row(client, checkpoints)).slice(0, 2), [0, 0]);
  await client.query("CREATE TABLE logged AS SELECT repeat('x', 10000) AS v");
  const [records, bytes, writes] = (await row(client, log)).map(Number);
  t.ok(records >= 1 && bytes > 10000 && writes >= 1);
  await client.query('CHECKPOINT');
  t.same(await row(client, checkpoints), [0, 1, true, true]);
  t.ok(Number((await row(client, 'SELECT extract(epoch FROM now() - stats_reset) FROM pg_stat_wal'))[0]) >= 0);
});

t.test('one backend', async (t) => {
  const [client, other] = [await connect(t), await connect(t)];
  await other.query('SET application_name = me');
  const { rows } = await other.query('SELECT pg_backend_pid() AS pid');
  const { pid } = rows[0];
  const asked = `SELECT pg_stat_get_backend_pid($1), pg_stat_get_backend_activity($1), pg_stat_get_backend_wait_event($1),
    pg_stat_get_backend_start($1) <= now(), host(pg_stat_get_backend_client_addr($1)), pg_stat_get_backend_userid($1)`;
  t.same(await row(client, asked, [pid]), [pid, 'SELECT pg_backend_pid() AS pid', 'ClientRead', true, '127.0.0.1', 10]);
  const none = '<backend information not available>';
  t.same(await row(client, asked, [77777]), [null, none, none, null, null, null]);
  await client.query('CREATE ROLE nosy; SET ROLE nosy');
  t.same((await row(client, asked, [pid])).slice(0, 3), [pid, '<insufficient privilege>', '<insufficient privilege>']);
});

t.test('what there is nothing of', async (t) => {
  const client = await connect(t);
  await t.rejects(client.query("SELECT pg_stat_reset_replication_slot('x')"), {
    code: '22023',
    message: /slot "x" does not exist/,
  });
  await t.rejects(client.query('SELECT pg_stat_reset_subscription_stats(0)'), { code: '22023' });
  await t.rejects(client.query("SELECT pg_stat_have_stats('x', 0, 0)"), {
    code: '22023',
    message: 'invalid statistics kind: "x"',
  });
  t.same(await row(client, "SELECT pg_stat_have_stats('wal', 0, 0), pg_stat_have_stats('replslot', 0, 0)"), [
    true,
    false,
  ]);
  t.same(await row(client, 'SELECT * FROM pg_stat_wal_receiver'), []);
  t.same(await row(client, "SELECT * FROM pg_stat_get_replication_slot('x')"), ['x', 0, 0, 0, 0, 0, 0, 0, 0, null]);
});

t.test('calls of functions', async (t) => {
  const client = await connect(t);
  await client.query(`CREATE FUNCTION add_one(a int) RETURNS int LANGUAGE plpgsql AS 'begin return a + 1; end';
    CREATE FUNCTION twice(a int) RETURNS int VOLATILE LANGUAGE sql AS 'SELECT add_one(add_one(a))'`);
  const counts = async (view: string): Promise<unknown[]> => {
    const { rows } = await client.query({
      text: `SELECT funcname, calls::int, total_time >= self_time AND self_time > 0 FROM ${view} ORDER BY 1`,
      rowMode: 'array',
    });
    return rows;
  };
  await client.query('SELECT twice(1)');
  t.same(await counts('pg_stat_user_functions'), [], 'nothing is counted unless it is asked for');
  await client.query("SET track_functions = 'pl'");
  await client.query('SELECT twice(1)');
  t.same(await counts('pg_stat_user_functions'), [['add_one', 2, true]]);
  await client.query("SET track_functions = 'all'");
  await client.query('BEGIN');
  await client.query('SELECT twice(i) FROM generate_series(1, 3) i');
  t.same(await counts('pg_stat_xact_user_functions'), [
    ['add_one', 6, true],
    ['twice', 3, true],
  ]);
  await client.query('ROLLBACK');
  t.same(await counts('pg_stat_user_functions'), [
    ['add_one', 8, true],
    ['twice', 3, true],
  ]);
  await client.query("SELECT pg_stat_reset_single_function_counters('add_one'::regproc)");
  t.same((await counts('pg_stat_user_functions'))[0], ['add_one', 0, false]);
});

/** Asks until something is seen; gives up after a while. */
async function seen(client: pg.Client, sql: string): Promise<unknown[]> {
  for (let i = 0; i < 2000; i++) {
    const found = await row(client, sql);
    if (found.length > 0) return found;
  }
  return [];
}

t.test('progress of long commands', async (t) => {
  const [client, watcher] = [await connect(t), await connect(t)];
  await client.query('CREATE TABLE long (a int); INSERT INTO long SELECT g FROM generate_series(1, 200000) g');
  const building = client.query('CREATE INDEX CONCURRENTLY ON long ((a * 2))');
  const [table, command, phase, blocks] = await seen(
    watcher,
    "SELECT relid::regclass, command, phase, blocks_total FROM pg_stat_progress_create_index WHERE phase <> 'initializing'",
  );
  t.same([table, command], ['long', 'CREATE INDEX CONCURRENTLY']);
  t.match(phase, /^building index: (scanning table|loading tuples in tree)$/);
  t.ok(Number(blocks) >= 781, 'pages of 256 rows');
  await building;
  t.same(await row(watcher, 'SELECT * FROM pg_stat_progress_create_index'), [], 'over');

  await client.query('TRUNCATE long');
  const stream = client.query(copyFrom('COPY long FROM STDIN WHERE a > 10'));
  stream.write('1\n11\n12\n2\n');
  t.same(
    await seen(
      watcher,
      'SELECT relid::regclass, command, type, bytes_processed, tuples_processed, tuples_excluded FROM pg_stat_progress_copy WHERE tuples_excluded = 2',
    ),
    ['long', 'COPY FROM', 'PIPE', 10, 2, 2],
  );
  await watcher.query('CREATE ROLE curious; SET ROLE curious');
  t.same(await row(watcher, 'SELECT relid, command, bytes_processed FROM pg_stat_progress_copy'), [null, null, null]);
  stream.end();
  await new Promise((resolve) => stream.on('finish', resolve));
  await watcher.query('RESET ROLE');
  await t.rejects(watcher.query("SELECT * FROM pg_stat_get_progress_info('nothing')"), { code: '22023' });
});
