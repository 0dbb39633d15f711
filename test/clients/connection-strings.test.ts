/** libpq's connection strings through psql: lists of hosts, what a session must be, options, services, URIs, Unix sockets. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { installed, run, ServerProcess } from './server-process.js';

const skip = installed('psql') ? false : 'psql is not installed';
const directory = mkdtempSync(join(tmpdir(), 'orbit-connect-'));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

t.test('connection strings', { skip, timeout: 120_000 }, async (t) => {
  const socket = join(directory, 'socket');
  mkdirSync(socket);
  const server = await ServerProcess.start(join(directory, 'data'), 0, {
    ORBIT_PROTOCOLS_POSTGRES_UNIX_SOCKET_DIR: socket,
  });
  t.teardown(() => server.stop());
  const { port } = server;
  const base = `host=127.0.0.1 port=${port} user=orbit dbname=actors`;
  const answer = async (connection: string, sql: string, env: Record<string, string> = {}): Promise<string> => {
    const { code, stdout, stderr } = await run('psql', ['-XAtq', connection, '-c', sql], { env });
    if (code === 0) return stdout.trim();
    return /failed: (?:FATAL: {2})?(.*)/.exec(stderr)?.[1] ?? stderr;
  };

  await t.test('several hosts', async (t) => {
    const hosts = `host=127.0.0.1,127.0.0.1 port=1,${port} user=orbit dbname=actors`;
    t.equal(await answer(hosts, 'SELECT 1'), '1', 'the second one answers');
    t.equal(await answer(`postgresql://orbit@127.0.0.1:1,127.0.0.1:${port}/actors?connect_timeout=5`, 'SELECT 2'), '2');
  });

  await t.test('target_session_attrs', async (t) => {
    const readOnly = "options='-c default_transaction_read_only=on'";
    for (const [attributes, options, outcome] of [
      ['any', '', '1'],
      ['read-write', '', '1'],
      ['primary', '', '1'],
      ['prefer-standby', '', '1'],
      ['read-only', '', 'session is not read-only'],
      ['standby', '', 'server is not in hot standby mode'],
      ['read-only', readOnly, '1'],
      ['read-write', readOnly, 'session is read-only'],
    ])
      t.equal(
        await answer(`${base} target_session_attrs=${attributes} ${options}`, 'SELECT 1'),
        outcome,
        `${attributes} ${options}`,
      );
  });

  await t.test('options', async (t) => {
    const show =
      "SELECT concat_ws(' ', current_setting('work_mem'), current_setting('search_path'), current_setting('trial.x', true))";
    t.equal(
      await answer(`${base} options='-c work_mem=7MB -csearch_path=pg_catalog --trial.x=a\\\\ b'`, show),
      '7MB pg_catalog a b',
    );
    t.equal(await answer(base, show, { PGOPTIONS: '--work-mem=8MB' }), '8MB "$user", public');
    const both = await answer(`${base} options='-c work_mem=9MB'`, 'SET work_mem = 100; RESET work_mem; SHOW work_mem');
    t.equal(both, '9MB', 'what RESET goes back to');
    for (const [options, message] of [
      ['-c bogus_x=1', 'unrecognized configuration parameter "bogus_x"'],
      ['-c work_mem=x', 'invalid value for parameter "work_mem": "x"'],
      ['-c statement_timeout', '-c statement_timeout requires a value'],
      ['-Z', 'invalid command-line argument for server process: -Z'],
    ])
      t.equal(await answer(`${base} options='${options}'`, 'SELECT 1'), message, options);
  });

  await t.test('other words of the string', async (t) => {
    const words = `${base} application_name='it\\'s' client_encoding=UTF8 keepalives=1 keepalives_idle=5 tcp_user_timeout=1000 sslmode=disable`;
    t.equal(
      await answer(words, "SELECT current_setting('application_name'), current_setting('client_encoding')"),
      "it's|UTF8",
    );
    t.match(await answer(`${base} sslmode=require`, 'SELECT 1'), /server does not support SSL/);
    t.equal(await answer(`${base} dbname=nowhere`, 'SELECT 1'), 'database "nowhere" does not exist');
    const service = join(directory, 'services.conf');
    writeFileSync(
      service,
      `[trial]\nhost=127.0.0.1\nport=${port}\nuser=orbit\ndbname=actors\napplication_name=by service\n`,
    );
    t.equal(await answer('service=trial', 'SHOW application_name', { PGSERVICEFILE: service }), 'by service');
    const uri = `postgresql://or%62it@127.0.0.1:${port}/actors?application_name=by%20uri&options=-c%20work_mem%3D5MB`;
    t.equal(await answer(uri, "SELECT current_setting('application_name'), current_setting('work_mem')"), 'by uri|5MB');
  });

  await t.test('Unix sockets', async (t) => {
    const local = `host=${socket} port=${port} user=orbit dbname=actors`;
    t.equal(await answer(local, 'SELECT inet_server_addr() IS NULL, inet_client_addr() IS NULL'), 't|t');
    t.equal(await answer(`postgresql://orbit@${encodeURIComponent(socket)}:${port}/actors`, 'SELECT 3'), '3');
    t.equal(await answer(`host=${socket},127.0.0.1 port=1,${port} user=orbit dbname=actors`, 'SELECT 4'), '4');
    const { stdout } = await run('psql', ['-XAt', local, '-c', '\\conninfo']);
    t.match(stdout, `via socket in "${socket}" at port "${port}"`);
    const activity = 'SELECT client_addr IS NULL, client_port FROM pg_stat_activity WHERE pid = pg_backend_pid()';
    t.equal(await answer(local, activity), 't|-1');
  });
});
