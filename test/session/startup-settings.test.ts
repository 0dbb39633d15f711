/** Settings that the startup packet gives: what RESET goes back to. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

t.test('settings of the startup packet', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'orbit',
    database: 'actors',
    options: '-c datestyle=Postgres,DMY -c TimeZone=PST8PDT',
  });
  await client.connect();
  t.teardown(() => client.end());
  const show = async (): Promise<string> => {
    const style = await client.query('SHOW datestyle');
    const zone = await client.query('SHOW timezone');
    return `${style.rows[0].DateStyle}; ${zone.rows[0].TimeZone}`;
  };
  t.equal(await show(), 'Postgres, DMY; PST8PDT');

  await client.query("SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'");
  t.equal(await show(), 'ISO, YMD; UTC');
  await client.query('RESET datestyle; SET timezone TO DEFAULT');
  t.equal(await show(), 'Postgres, DMY; PST8PDT');

  await client.query("SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'");
  await client.query('DISCARD ALL');
  t.equal(await show(), 'Postgres, DMY; PST8PDT');

  await client.query("BEGIN; SET datestyle = 'ISO, YMD'");
  await client.query('ROLLBACK');
  t.equal(await show(), 'Postgres, DMY; PST8PDT');
});
