/** A full disk below the store: clients get 53100 for what they write, go on reading, and write again when there is space. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';

/** Inserts the next numbers until an insert is refused; returns the error. */
async function untilRefused(client: pg.Client, numbers: number[]): Promise<pg.DatabaseError> {
  for (;;) {
    const n = numbers.length + 1;
    try {
      await client.query('INSERT INTO kept VALUES ($1)', [n]);
    } catch (error) {
      if (error instanceof pg.DatabaseError) return error;
      throw error;
    }
    numbers.push(n);
  }
}

t.test('a write of the store finds no space', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-full-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const maker = await connect(await first.mustListen());
  await maker.query('CREATE TABLE kept (n int PRIMARY KEY)');
  await maker.end();
  await first.end('SIGTERM');
  const server = new CrashServer(dataDir, { failpoints: 'store-write:ENOSPC@4' });
  const client = await connect(await server.mustListen());
  const numbers: number[] = [];
  const { code, message } = await untilRefused(client, numbers);
  t.equal(code, '53100');
  t.match(message, /^could not write to file ".*store": No space left on device$/);
  const count = async (on: pg.Client): Promise<number> =>
    (await on.query('SELECT count(*)::int AS c FROM kept')).rows[0].c;
  t.equal(await count(client), numbers.length, 'reading goes on');
  await t.rejects(client.query('CHECKPOINT'), { code: '53100' });
  await t.rejects(client.query('CREATE TABLE other (n int)'), { code: '53100' });
  for (;;) {
    try {
      await client.query('INSERT INTO kept VALUES ($1)', [numbers.length + 1]);
      break;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '53100') throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  numbers.push(numbers.length + 1);
  await client.query('CHECKPOINT');
  await client.query('INSERT INTO kept VALUES ($1)', [numbers.length + 1]);
  numbers.push(numbers.length + 1);
  t.equal(await count(client), numbers.length);
  client.on('error', () => undefined);
  await server.end('SIGKILL');
  const again = new CrashServer(dataDir);
  const reader = await connect(await again.mustListen());
  t.equal(await count(reader), numbers.length, 'everything that was answered is there');
  await reader.end();
  t.equal((await again.end('SIGTERM')).code, 0);
});
