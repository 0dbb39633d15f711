/** Ways in which large transactions end other than by a commit: others run meanwhile, and find everything free afterwards. */
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';

const ROWS = 20_000;
const FAILING = `UPDATE large SET v = 1 / (id - ${ROWS})`;
const DIVISION = { code: '22012' };

interface Clients {
  readonly large: pg.Client;
  readonly other: pg.Client;
  open(): Promise<pg.Client>;
}

async function withClients(t: Test, work: (clients: Clients) => Promise<void>): Promise<void> {
  const server = await startTestServer({ dataDir: t.testdir() });
  const clients: pg.Client[] = [];
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  t.teardown(async () => {
    for (const client of clients) await client.end();
    await server.stop();
  });
  const [large, other] = [await open(), await open()];
  await large.query('CREATE TABLE large (id int PRIMARY KEY, v int)');
  await large.query(`INSERT INTO large SELECT i, 0 FROM generate_series(1, ${ROWS}) i`);
  await work({ large, other, open });
}

/** Every row can be locked, and is as it was but for those that have another value. */
async function isFree(client: pg.Client, sum = 0): Promise<boolean> {
  await client.query('BEGIN');
  const { rows } = await client.query('SELECT v FROM large FOR UPDATE NOWAIT');
  await client.query('COMMIT');
  return rows.length === ROWS && rows.reduce((total, { v }) => total + v, 0) === sum;
}

t.test('the ends of large transactions', { timeout: 120_000 }, (t) =>
  withClients(t, async ({ large, other, open }) => {
    await t.test('ROLLBACK of updates, of inserts with keys, of locks', async (t) => {
      for (const sql of [
        'UPDATE large SET v = v + 1',
        'UPDATE large SET id = -id',
        `INSERT INTO large SELECT -i, 5 FROM generate_series(1, ${ROWS}) i`,
        'SELECT id FROM large FOR UPDATE',
      ]) {
        await large.query('BEGIN');
        await large.query(sql);
        t.equal((await large.query('ROLLBACK')).command, 'ROLLBACK');
        t.ok(await isFree(other), sql);
        await other.query('INSERT INTO large VALUES (-1, 0); DELETE FROM large WHERE id = -1');
      }
    });
    await t.test('an error: simple and extended protocol, without a block, in one, behind a savepoint', async (t) => {
      await t.rejects(large.query(FAILING), DIVISION);
      t.ok(await isFree(other));
      await t.rejects(large.query({ text: FAILING, name: 'failing' }), DIVISION);
      t.ok(await isFree(other));
      await large.query('BEGIN');
      await t.rejects(large.query(FAILING), DIVISION);
      t.ok(await isFree(other), 'nothing is held in a failed block');
      await t.rejects(large.query('SELECT 1'), { code: '25P02' });
      await large.query('ROLLBACK');
      await large.query('BEGIN; UPDATE large SET v = 1 WHERE id = 7; SAVEPOINT s');
      await t.rejects(large.query(FAILING), DIVISION);
      t.equal((await other.query('SELECT id FROM large FOR UPDATE SKIP LOCKED')).rows.length, ROWS - 1);
      await large.query('ROLLBACK TO s; UPDATE large SET v = v + 1 WHERE id IN (7, 8); COMMIT');
      t.ok(await isFree(other, 3));
      await other.query('UPDATE large SET v = 0 WHERE v > 0');
    });
    await t.test('an error of a statement that waits for nothing, after a large one', async (t) => {
      const divide = { text: 'SELECT 1 / $1::int', name: 'divide' };
      await large.query({ ...divide, values: ['1'] });
      for (const values of [['0'], ['no number']]) {
        await large.query('BEGIN');
        await large.query('UPDATE large SET v = v + 1');
        await t.rejects(large.query({ ...divide, values }));
        t.ok(await isFree(other));
        await t.rejects(large.query({ ...divide, values: ['1'] }), { code: '25P02' });
        t.equal((await large.query('COMMIT')).command, 'ROLLBACK');
      }
      t.same((await large.query({ ...divide, values: ['1'] })).rows.length, 1);
    });
    await t.test('COMMIT that fails, and the end of the session', async (t) => {
      await large.query('CREATE TABLE parent (id int PRIMARY KEY)');
      await large.query(
        'ALTER TABLE large ADD FOREIGN KEY (v) REFERENCES parent DEFERRABLE INITIALLY DEFERRED NOT VALID',
      );
      await large.query('BEGIN; UPDATE large SET v = 4 WHERE id <= 8000');
      await t.rejects(large.query('COMMIT'), { code: '23503' });
      t.ok(await isFree(other));
      const third = await open();
      await third.query('BEGIN; UPDATE large SET v = 4 WHERE id <= 8000');
      await third.end();
      // Waits for whoever is still going.
      await other.query('BEGIN; LOCK TABLE large; COMMIT');
      t.ok(await isFree(other));
    });
    await t.test('COMMIT after ROLLBACK TO of changed keys', async (t) => {
      await large.query('BEGIN; SAVEPOINT s');
      await large.query('UPDATE large SET id = -id');
      await large.query('ROLLBACK TO s; UPDATE large SET v = v WHERE id = 5');
      t.equal((await large.query('COMMIT')).command, 'COMMIT');
      t.ok(await isFree(other));
      t.equal((await other.query('SELECT id FROM large WHERE id < 0')).rows.length, 0);
      t.equal((await other.query('SELECT id FROM large WHERE id > 0')).rows.length, ROWS);
    });
    await t.test('a cancel request does not stop a rollback', async (t) => {
      const { rows } = await large.query('SELECT pg_backend_pid() AS pid');
      await large.query('BEGIN');
      await large.query('UPDATE large SET v = NULL');
      const rollback = large.query('ROLLBACK');
      await other.query('SELECT pg_cancel_backend($1)', [rows[0].pid]);
      t.equal((await rollback).command, 'ROLLBACK');
      t.ok(await isFree(other));
    });
  }),
);
