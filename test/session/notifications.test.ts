/** LISTEN and NOTIFY between sessions: what arrives, in which order, and when a client in a transaction gets it. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

class Listener {
  readonly heard: string[] = [];

  constructor(readonly client: pg.Client) {
    client.on('notification', ({ channel, payload, processId }) => {
      this.heard.push(`${channel} ${payload} ${processId}`);
    });
  }

  /** Ends when so many have arrived. */
  async count(wanted: number): Promise<void> {
    while (this.heard.length < wanted) await new Promise((resolve) => this.client.once('notification', resolve));
  }
}

t.test('notifications', async (t) => {
  const server = await startTestServer();
  const clients: pg.Client[] = [];
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
    await client.connect();
    clients.push(client);
    return client;
  };
  t.teardown(async () => {
    for (const client of clients) await client.end();
    await server.stop();
  });
  const sender = await open();
  const { pid } = (await sender.query('SELECT pg_backend_pid() AS pid')).rows[0];
  const listener = new Listener(await open());
  await listener.client.query('LISTEN news');

  await t.test('an idle session gets them when they are committed, in order', async (t) => {
    await sender.query("BEGIN; NOTIFY news, 'one'; SAVEPOINT s; NOTIFY news, 'undone'; ROLLBACK TO s");
    await sender.query("NOTIFY news, 'two'; NOTIFY news, 'one'; NOTIFY other, 'unheard'");
    await listener.client.query('SELECT 1');
    t.same(listener.heard, []);
    await sender.query('COMMIT');
    await listener.count(2);
    t.same(listener.heard, [`news one ${pid}`, `news two ${pid}`]);
  });

  await t.test('a session in a transaction gets them at its end', async (t) => {
    listener.heard.length = 0;
    await listener.client.query('BEGIN');
    await sender.query("SELECT pg_notify('news', 'later')");
    await listener.client.query('SELECT 1');
    t.same(listener.heard, []);
    await listener.client.query('ROLLBACK');
    await listener.count(1);
    t.same(listener.heard, [`news later ${pid}`]);
  });

  await t.test('UNLISTEN counts from the commit on', async (t) => {
    listener.heard.length = 0;
    await listener.client.query('BEGIN; UNLISTEN *; ROLLBACK');
    await sender.query('NOTIFY news');
    await listener.count(1);
    await listener.client.query('UNLISTEN news');
    await sender.query('NOTIFY news');
    await listener.client.query('SELECT 1');
    t.same(listener.heard, [`news  ${pid}`]);
  });

  await t.test('sessions that have ended get none, and leave nothing waiting', async (t) => {
    const usage = 'SELECT pg_notification_queue_usage() AS used';
    const gone = await open();
    await gone.query('LISTEN news');
    await gone.query('BEGIN');
    await sender.query(`SELECT pg_notify('news', repeat('x', 7000) || g) FROM generate_series(1, 100) g`);
    t.ok((await sender.query(usage)).rows[0].used > 0, 'they wait');
    clients.splice(clients.indexOf(gone), 1);
    await gone.end();
    while ((await sender.query(usage)).rows[0].used > 0) await new Promise(setImmediate);
    t.pass('nothing waits');
  });

  await t.test('a client that does not read: the queue is limited', async (t) => {
    const busy = await open();
    await busy.query('LISTEN news');
    await busy.query('BEGIN');
    const many = `SELECT pg_notify('news', repeat('x', 7000) || $1 || g) FROM generate_series(1, 1000) g`;
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) await sender.query(many, [String(i)]);
    };
    await t.rejects(flood(), { code: '54000', message: 'too many notifications in the NOTIFY queue' });
    const heard = new Listener(busy);
    await busy.query('COMMIT');
    await heard.count(1000);
    t.match(heard.heard[0], /^news x+01 /);
  });
});
