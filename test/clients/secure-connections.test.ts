/**
 * TLS and passwords end to end: the server as a process with a certificate, and node-postgres, psql and psycopg2 as its
 * clients.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { TEST_CERTIFICATE, TEST_KEY } from '../pgwire/tls-fixture.js';
import { installed, run, ServerProcess } from './server-process.js';

const PASSWORD = 'correct horse ü';

interface Secured {
  readonly server: ServerProcess;
  readonly certificate: string;
}

async function start(t: Test, settings: Record<string, string>): Promise<Secured> {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-secure-'));
  const certificate = join(directory, 'server.crt');
  const key = join(directory, 'server.key');
  writeFileSync(certificate, TEST_CERTIFICATE);
  writeFileSync(key, TEST_KEY, { mode: 0o600 });
  const server = await ServerProcess.start(join(directory, 'data'), 0, {
    ORBIT_SECURITY_ENABLE_TLS: 'true',
    ORBIT_SECURITY_CERT_PATH: certificate,
    ORBIT_SECURITY_KEY_PATH: key,
    ...settings,
  });
  t.teardown(async () => {
    await server.stop('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  return { server, certificate };
}

/** What comes of connecting and asking who one is. */
async function attempt(port: number, options: pg.ClientConfig): Promise<string> {
  const client = new pg.Client({ host: '127.0.0.1', port, database: 'actors', ...options });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS name');
    await client.end();
    return `in as ${rows[0].name}`;
  } catch (error) {
    await client.end().catch(() => {});
    if (error instanceof pg.DatabaseError) return `${error.severity} ${error.code} ${error.message}`;
    return error instanceof Error ? error.message : String(error);
  }
}

const TLS = { ca: TEST_CERTIFICATE, servername: 'localhost' };

t.test('passwords', async (t) => {
  const { server } = await start(t, {
    ORBIT_SECURITY_LOCAL_AUTHENTICATION: 'scram-sha-256',
    ORBIT_SECURITY_PASSWORD: PASSWORD,
  });
  const { port } = server;
  const as = (user: string, password: string, ssl: pg.ClientConfig['ssl'] = false): Promise<string> =>
    attempt(port, { user, password, ssl });

  t.equal(await as('orbit', PASSWORD), 'in as orbit', "the superuser's password is in the settings");
  t.equal(await as('orbit', PASSWORD, TLS), 'in as orbit');
  t.equal(await as('orbit', 'wrong'), 'FATAL 28P01 password authentication failed for user "orbit"');
  t.equal(await as('orbit', 'wrong', TLS), 'FATAL 28P01 password authentication failed for user "orbit"');
  t.equal(await as('nobody', PASSWORD), 'FATAL 28P01 password authentication failed for user "nobody"');

  const owner = new pg.Client({ host: '127.0.0.1', port, user: 'orbit', password: PASSWORD, database: 'actors' });
  await owner.connect();
  await owner.query("CREATE ROLE anna LOGIN PASSWORD 'first'");
  await owner.query('CREATE ROLE team NOLOGIN');
  await owner.query('CREATE ROLE bare LOGIN');
  await owner.query("ALTER ROLE team PASSWORD 'team'");
  t.equal(await as('anna', 'first'), 'in as anna');
  await owner.query("ALTER ROLE anna PASSWORD 'second'");
  t.equal(await as('anna', 'first'), 'FATAL 28P01 password authentication failed for user "anna"', 'changed');
  t.equal(await as('anna', 'second', TLS), 'in as anna');
  t.equal(await as('bare', 'x'), 'FATAL 28P01 password authentication failed for user "bare"', 'no password is set');
  t.equal(await as('team', 'team'), 'FATAL 28000 role "team" is not permitted to log in');
  t.match(
    (await owner.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'anna'")).rows[0].rolpassword,
    /^SCRAM-SHA-256\$4096:/,
  );
  await owner.end();

  await t.test('psql', { skip: installed('psql') ? false : 'psql is not installed' }, async (t) => {
    const psql = (sslmode: string, password: string) =>
      run(
        'psql',
        [
          '-X',
          '-At',
          '-w',
          '-c',
          'SELECT current_user',
          `host=127.0.0.1 port=${port} user=orbit dbname=actors sslmode=${sslmode}`,
        ],
        {
          env: { PGPASSWORD: password },
        },
      );
    t.match(await psql('require', PASSWORD), { code: 0, stdout: 'orbit\n' });
    t.match(await psql('disable', PASSWORD), { code: 0, stdout: 'orbit\n' });
    t.match(await psql('require', 'wrong'), { code: 2, stderr: /password authentication failed for user "orbit"/ });
    t.match(await psql('require', ''), { code: 2, stderr: /no password supplied/ });
  });

  const python = await run('python3', ['-c', 'import psycopg2']);
  await t.test(
    'psycopg2',
    { skip: python.code === 0 ? false : 'python3 with psycopg2 is not installed' },
    async (t) => {
      const script = `import psycopg2
c = psycopg2.connect(host='127.0.0.1', port=${port}, user='orbit', password='${PASSWORD}', dbname='actors', sslmode='require')
with c, c.cursor() as q:
    q.execute('CREATE TABLE p (id int PRIMARY KEY, t text, b bytea)')
    q.execute('INSERT INTO p VALUES (%s, %s, %s)', (1, "it's", b'\\x00\\xff'))
    q.execute('SELECT id, t, b FROM p')
    print(q.fetchone()[0:2])
try:
    with c, c.cursor() as q: q.execute('SELECT 1 / 0')
except psycopg2.errors.DivisionByZero as e: print(e.pgcode)
`;
      t.match(await run('python3', ['-c', script]), { code: 0, stdout: `(1, "it's")\n22012\n` });
    },
  );
});

t.test('TLS', async (t) => {
  const { server, certificate } = await start(t, { ORBIT_SECURITY_REQUIRE_TLS: 'true' });
  const { port } = server;
  t.equal(
    await attempt(port, { user: 'orbit' }),
    'FATAL 28000 no pg_hba.conf entry for host "127.0.0.1", user "orbit", database "actors", no encryption',
    'asked for',
  );
  t.equal(await attempt(port, { user: 'orbit', ssl: TLS }), 'in as orbit');
  t.match(await attempt(port, { user: 'orbit', ssl: { rejectUnauthorized: true } }), /self-signed certificate/);
  t.equal(await attempt(port, { user: 'nobody', ssl: TLS }), 'FATAL 28000 role "nobody" does not exist');

  const client = new pg.Client({ host: '127.0.0.1', port, user: 'orbit', database: 'actors', ssl: TLS });
  await client.connect();
  const long = 'ä'.repeat(3_000_000);
  t.equal((await client.query('SELECT $1::text AS t', [long])).rows[0].t, long, 'a long value both ways');
  await t.rejects(client.query('SELECT 1 / 0'), { code: '22012' });
  t.equal((await client.query("SELECT repeat('x', 100) FROM generate_series(1, 50000)")).rowCount, 50_000);
  await client.end();

  await t.test('psql', { skip: installed('psql') ? false : 'psql is not installed' }, async (t) => {
    const psql = (connection: string) =>
      run('psql', ['-X', '-At', '-w', '-c', 'SELECT 1', `port=${port} user=orbit dbname=actors ${connection}`]);
    t.match(await psql('host=127.0.0.1 sslmode=require'), { code: 0, stdout: '1\n' });
    t.match(await psql(`host=localhost hostaddr=127.0.0.1 sslmode=verify-full sslrootcert=${certificate}`), {
      code: 0,
      stdout: '1\n',
    });
    t.match(await psql('host=127.0.0.1 sslmode=prefer'), { code: 0 });
    t.match(await psql('host=127.0.0.1 sslmode=disable'), {
      code: 2,
      stderr: /no pg_hba.conf entry for host "127.0.0.1"/,
    });
  });
});

t.test('a certificate that cannot be used', async (t) => {
  await t.rejects(start(t, { ORBIT_SECURITY_CERT_PATH: '/nowhere/server.crt' }), {
    message: /\[security\] cert_path: ENOENT/,
  });
  await t.rejects(start(t, { ORBIT_SECURITY_ENABLE_TLS: 'false', ORBIT_SECURITY_REQUIRE_TLS: 'true' }));
});
