/**
 * Who may connect, and how: the server as a process with rules in its settings file, certificates of clients, passwords in all
 * of PostgreSQL's forms, reloading. The messages are those of PostgreSQL 15 with the same pg_hba.conf.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import pg from 'pg';
import { serialize } from 'pg-protocol';
import t, { type Test } from 'tap';
import {
  ANNA_CERTIFICATE,
  ANNA_KEY,
  ANNA_REVOKED,
  CLIENT_AUTHORITY,
  NOTHING_REVOKED,
  SECOND_CERTIFICATE,
  SECOND_KEY,
  STRANGER_CERTIFICATE,
  STRANGER_KEY,
  TEST_CERTIFICATE,
  TEST_KEY,
} from '../pgwire/tls-fixture.js';
import { installed, run, ServerProcess } from './server-process.js';

const RULES = `
[[security.rules]]
type = "hostssl"
user = "anna"
address = "127.0.0.1/32"
method = "cert"
[[security.rules]]
type = "hostssl"
user = "mapped"
address = "127.0.0.1/32"
method = "cert"
map = "people"
[[security.rules]]
type = "hostssl"
user = "vouched"
address = "127.0.0.1/32"
method = "scram-sha-256"
clientcert = "verify-ca"
[[security.rules]]
type = "host"
user = ["hashed", "salted", "expired"]
address = "127.0.0.1/32"
method = "md5"
[[security.rules]]
type = "host"
user = "clear"
address = "127.0.0.0/8"
method = "password"
[[security.rules]]
type = "host"
user = "unwanted"
address = "all"
method = "reject"
[[security.rules]]
type = "host"
database = "postgres"
user = "+team"
address = "127.0.0.1"
method = "trust"
[[security.rules]]
type = "host"
database = ["sameuser", "actors"]
user = ["orbit", "few", "nologin"]
address = "samehost"
method = "trust"
[[security.user_maps]]
map = "people"
system_user = "/@actors$"
database_user = "mapped"
`;

const directory = mkdtempSync(join(tmpdir(), 'orbit-rules-'));
const at = (name: string): string => join(directory, name);
let server: ServerProcess;
let owner: pg.Client;

/** Files are replaced as a whole, as programs that renew certificates do. */
function put(name: string, text: string): void {
  writeFileSync(at('next'), text, { mode: 0o600 });
  renameSync(at('next'), at(name));
}

function putSettings(rules: string, more = ''): void {
  put(
    'orbit-server.toml',
    `[security]
enable_tls = true
cert_path = "${at('server.crt')}"
key_path = "${at('server.key')}"
client_ca_path = "${at('ca.crt')}"
${more}
${rules}`,
  );
}

t.before(async () => {
  put('server.crt', TEST_CERTIFICATE);
  put('server.key', TEST_KEY);
  put('ca.crt', CLIENT_AUTHORITY);
  put('anna.crt', ANNA_CERTIFICATE);
  put('anna.key', ANNA_KEY);
  putSettings(RULES);
  server = await ServerProcess.start(at('data'), 0, { ORBIT_CONFIG: at('orbit-server.toml') });
  owner = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await owner.connect();
  await owner.query(`
    CREATE ROLE anna LOGIN; CREATE ROLE mapped LOGIN; CREATE ROLE vouched LOGIN PASSWORD 'x'; CREATE ROLE unwanted LOGIN;
    CREATE ROLE salted LOGIN PASSWORD 'x'; CREATE ROLE clear LOGIN PASSWORD 'x'; CREATE ROLE nologin;
    CREATE ROLE few LOGIN CONNECTION LIMIT 1; CREATE ROLE expired LOGIN PASSWORD 'x' VALID UNTIL '2001-01-01';
    CREATE ROLE team; CREATE ROLE part IN ROLE team; CREATE ROLE tina LOGIN IN ROLE part;`);
  await owner.query(`SET password_encryption = md5; CREATE ROLE hashed LOGIN PASSWORD 'x'; RESET password_encryption`);
});

t.teardown(async () => {
  await owner?.end();
  await server?.stop('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** What comes of connecting and asking who one is. */
async function attempt(user: string, options: pg.ClientConfig = {}): Promise<string> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user, database: 'actors', ...options });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      'SELECT current_user AS name, client_dn, client_serial::text AS serial FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    await client.end();
    const [{ name, client_dn, serial }] = rows;
    return `in as ${name}${client_dn === null ? '' : ` with ${client_dn} ${serial}`}`;
  } catch (error) {
    await client.end().catch(() => {});
    if (error instanceof pg.DatabaseError) return `${error.severity} ${error.code} ${error.message}`;
    throw error;
  }
}

const TLS = { ca: [TEST_CERTIFICATE, SECOND_CERTIFICATE], servername: 'localhost' };
const AS_ANNA = { ...TLS, cert: ANNA_CERTIFICATE, key: ANNA_KEY };
const AS_STRANGER = { ...TLS, cert: STRANGER_CERTIFICATE, key: STRANGER_KEY };
const PASSWORD = { password: 'x' };

t.test('certificates of clients', async (t) => {
  const needed = 'FATAL 28000 connection requires a valid client certificate';
  t.equal(await attempt('anna', { ssl: AS_ANNA }), 'in as anna with /O=Actors/CN=anna 4711');
  t.equal(await attempt('anna', { ssl: TLS }), needed);
  t.equal(await attempt('anna', { ssl: AS_STRANGER }), needed);
  t.match(await attempt('anna'), /^FATAL 28000 no pg_hba.conf entry for host .* no encryption$/);
  t.equal(await attempt('mapped', { ssl: AS_ANNA }), 'FATAL 28000 certificate authentication failed for user "mapped"');
  t.equal(await attempt('vouched', { ssl: AS_ANNA, ...PASSWORD }), 'in as vouched with /O=Actors/CN=anna 4711');
  t.equal(
    await attempt('vouched', { ssl: AS_ANNA, password: 'y' }),
    'FATAL 28P01 password authentication failed for user "vouched"',
  );
  t.equal(await attempt('vouched', { ssl: TLS, ...PASSWORD }), needed);
  t.equal(await attempt('tina', { ssl: AS_STRANGER, database: 'postgres' }), needed, 'a bad one is never accepted');
});

t.test('certificates that are revoked', async (t) => {
  put('authority.crl', NOTHING_REVOKED);
  putSettings(RULES, `crl_path = "${at('authority.crl')}"`);
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await attempt('anna', { ssl: AS_ANNA }), 'in as anna with /O=Actors/CN=anna 4711');
  put('authority.crl', ANNA_REVOKED);
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await attempt('anna', { ssl: AS_ANNA }), 'FATAL 28000 connection requires a valid client certificate');
  putSettings(RULES);
  await owner.query('SELECT pg_reload_conf()');
});

t.test('sessions of TLS are not taken up again', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const before = await handshake(maxVersion);
    t.notOk(before.reused);
    t.notOk((await handshake(maxVersion, before.session)).reused, `${maxVersion}: the certificate is looked at again`);
  }
});

/** A connection as anna; what TLS gives for the next one. */
function handshake(
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
  session?: Buffer,
): Promise<{ reused: boolean; session: Buffer | undefined }> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { ...AS_ANNA, host: '127.0.0.1', port: server.port, ALPNProtocols: ['postgresql'], maxVersion, session },
      () => socket.write(serialize.startup({ user: 'anna', database: 'actors' })),
    );
    socket.on('error', reject);
    socket.on('data', () => {
      resolve({ reused: socket.isSessionReused(), session: socket.getSession() });
      socket.destroy();
    });
  });
}

t.test('passwords', async (t) => {
  for (const user of ['hashed', 'salted', 'clear']) {
    t.equal(await attempt(user, PASSWORD), `in as ${user}`);
    const wrong = `FATAL 28P01 password authentication failed for user "${user}"`;
    t.equal(await attempt(user, { password: 'y' }), wrong);
    await owner.query(`ALTER ROLE ${user} VALID UNTIL '2001-01-01'`);
    t.equal(await attempt(user, PASSWORD), wrong, 'expired');
    await owner.query(`ALTER ROLE ${user} VALID UNTIL 'infinity'`);
    t.equal(await attempt(user, PASSWORD), `in as ${user}`);
  }
  const { rows } = await owner.query("SELECT left(rolpassword, 5) AS form FROM pg_authid WHERE rolname = 'hashed'");
  t.match(rows[0].form, /^md5[0-9a-f]{2}$/);
});

t.test('the first rule that fits counts', async (t) => {
  const noEntry = (user: string, database: string): string =>
    `FATAL 28000 no pg_hba.conf entry for host "127.0.0.1", user "${user}", database "${database}", no encryption`;
  t.equal(
    await attempt('unwanted'),
    'FATAL 28000 pg_hba.conf rejects connection for host "127.0.0.1", user "unwanted", database "actors", no encryption',
  );
  t.equal(await attempt('tina', { database: 'postgres' }), 'in as tina', 'in a group of the group');
  t.equal(await attempt('tina'), noEntry('tina', 'actors'));
  t.equal(await attempt('nobody'), noEntry('nobody', 'actors'), 'before anything is said of the role');
  t.equal(await attempt('orbit', { database: 'postgres' }), noEntry('orbit', 'postgres'));
  t.equal(await attempt('nologin'), 'FATAL 28000 role "nologin" is not permitted to log in');
  const one = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'few', database: 'actors' });
  await one.connect();
  t.equal(await attempt('few'), 'FATAL 53300 too many connections for role "few"');
  await one.end();
  const { rows } = await owner.query({
    text: 'SELECT * FROM pg_hba_file_rules WHERE line_number IN (3, 5)',
    rowMode: 'array',
  });
  t.same(rows, [
    [
      3,
      'hostssl',
      ['all'],
      ['vouched'],
      '127.0.0.1',
      '255.255.255.255',
      'scram-sha-256',
      ['clientcert=verify-ca'],
      null,
    ],
    [5, 'host', ['all'], ['clear'], '127.0.0.0', '255.0.0.0', 'password', null, null],
  ]);
});

/** The text that the server answers to the first bytes of a connection that is TLS from its start. */
function direct(protocols: string[]): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket: TLSSocket = connectTls(
      { host: '127.0.0.1', port: server.port, ALPNProtocols: protocols, ca: TEST_CERTIFICATE, servername: 'localhost' },
      () => socket.write(serialize.startup({ user: 'salted', database: 'actors' })),
    );
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(said));
  });
}

t.test('a database with as many sessions as it may have', async (t) => {
  await owner.query('CREATE DATABASE narrow CONNECTION LIMIT 0');
  await owner.query('CREATE ROLE narrow LOGIN');
  putSettings(`[[security.rules]]\ntype = "host"\naddress = "all"\nmethod = "trust"\n`);
  await owner.query('SELECT pg_reload_conf()');
  const options = { database: 'narrow' };
  t.equal(await attempt('narrow', options), 'FATAL 53300 too many connections for database "narrow"');
  t.equal(await attempt('orbit', options), 'in as orbit', 'superusers may');
  await owner.query('ALTER DATABASE narrow ALLOW_CONNECTIONS false');
  t.equal(await attempt('orbit', options), 'FATAL 55000 database "narrow" is not currently accepting connections');
  t.equal(await attempt('nobody', options), 'FATAL 28000 role "nobody" does not exist');
  t.equal(await attempt('orbit', { database: 'none' }), 'FATAL 3D000 database "none" does not exist');
  await t.rejects(owner.query('ALTER ROLE narrow CONNECTION LIMIT -2'), {
    code: '22023',
    message: 'invalid connection limit: -2',
  });
  putSettings(RULES);
  await owner.query('SELECT pg_reload_conf()');
});

t.test(
  'passwords that are changed',
  { skip: installed('psql') && installed('setsid') ? false : 'psql and setsid are not installed' },
  async (t) => {
    const stored = async (name: string): Promise<string | null> =>
      (await owner.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [name])).rows[0].rolpassword;
    for (const [encryption, form] of [
      ['md5', /^md5[0-9a-f]{32}$/],
      ['scram-sha-256', /^SCRAM-SHA-256\$4096:/],
    ] as const) {
      await owner.query(`ALTER ROLE orbit SET password_encryption = '${encryption}'`);
      const connection = `host=127.0.0.1 port=${server.port} user=orbit dbname=actors`;
      // Without a terminal psql reads the password from its input.
      const command = ['-w', 'psql', '-X', '-c', '\\password salted', connection];
      t.match(await run('setsid', command, { input: 'fresh\nfresh\n' }), { code: 0 });
      t.match(await stored('salted'), form, encryption);
      t.equal(await attempt('salted', { password: 'fresh' }), 'in as salted');
    }
    await owner.query('ALTER ROLE orbit RESET password_encryption');
    const told: string[] = [];
    owner.on('notice', ({ message }) => told.push(message ?? ''));
    await owner.query('ALTER ROLE hashed RENAME TO other');
    t.equal(await stored('other'), null);
    await owner.query("ALTER ROLE clear PASSWORD ''");
    t.equal(await stored('clear'), null);
    // The hash of no password at all is none either.
    await owner.query("ALTER ROLE vouched PASSWORD 'md5409b5f613012fe5a63789e2d225b50d6'");
    const empty = 'empty string is not a valid password, clearing password';
    t.equal(await stored('vouched'), null);
    t.same(told, ['MD5 password cleared because of role rename', empty, empty]);
    await owner.query("ALTER ROLE other RENAME TO hashed; ALTER ROLE hashed PASSWORD 'x'");
    await owner.query("SET password_encryption = md5; ALTER ROLE hashed PASSWORD 'x'; RESET password_encryption");
    await owner.query("ALTER ROLE salted PASSWORD 'x'");
  },
);

t.test('TLS without a request for it', async (t) => {
  t.match(await direct(['postgresql']), /SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0/);
  t.equal(await direct([]), '', 'only for those who name the protocol');
  t.equal(await direct(['http/1.1']), '');
});

t.test('channel binding', { skip: installed('psql') ? false : 'psql is not installed' }, async (t) => {
  const psql = (more: string) =>
    run(
      'psql',
      ['-X', '-At', '-w', '-c', 'SELECT current_user', `host=127.0.0.1 port=${server.port} dbname=actors ${more}`],
      {
        env: { PGPASSWORD: 'x' },
      },
    );
  t.match(await psql('user=salted sslmode=require channel_binding=require'), { code: 0, stdout: 'salted\n' });
  t.match(await psql('user=salted sslmode=require channel_binding=disable'), { code: 0, stdout: 'salted\n' });
  t.match(await psql('user=hashed sslmode=require channel_binding=require'), {
    code: 2,
    stderr: /channel binding required/,
  });
});

/** The number of the certificate that the server shows. */
function shownCertificate(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { host: '127.0.0.1', port: server.port, ALPNProtocols: ['postgresql'], rejectUnauthorized: false },
      () => {
        resolve(socket.getPeerX509Certificate()?.toString() ?? '');
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

async function eventually(t: Test, holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 300 && !(await holds()); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  t.ok(await holds(), what);
}

t.test('reloading', async (t) => {
  t.equal(await shownCertificate(), TEST_CERTIFICATE);
  put('server.crt', SECOND_CERTIFICATE);
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await shownCertificate(), TEST_CERTIFICATE, 'the key does not belong to it');
  put('server.key', SECOND_KEY);
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await shownCertificate(), SECOND_CERTIFICATE);
  t.equal(await attempt('anna', { ssl: AS_ANNA }), 'in as anna with /O=Actors/CN=anna 4711');

  putSettings(RULES.replaceAll('"people"', '"nobody"').replace('"/@actors$"', '"/("'));
  await owner.query('SELECT pg_reload_conf()');
  t.equal(
    (await owner.query('SELECT count(*)::int AS n FROM pg_hba_file_rules')).rows[0].n,
    8,
    'what is wrong changes nothing',
  );
  putSettings(RULES.replace('"/@actors$"', '"/^anna$"'));
  process.kill(server.pid, 'SIGHUP');
  await eventually(t, async () => (await attempt('mapped', { ssl: AS_ANNA })).startsWith('in as mapped'), 'maps');
  t.same((await owner.query({ text: 'SELECT * FROM pg_ident_file_mappings', rowMode: 'array' })).rows, [
    [1, 'people', '/^anna$', 'mapped', null],
  ]);

  const show = async (name: string): Promise<string> => (await owner.query(`SHOW ${name}`)).rows[0][name.toLowerCase()];
  t.equal(await show('ssl'), 'on');
  t.equal(await show('port'), String(server.port));
  t.equal(await show('hba_file'), at('orbit-server.toml'));
  putSettings(`${RULES}\n[parameters]\nwork_mem = "7MB"\nlock_timeout = "3s"\nmax_connections = 7`);
  await owner.query("SET lock_timeout = '5s'; SELECT pg_reload_conf()");
  t.equal(await show('work_mem'), '7MB', 'open sessions, too');
  t.equal(await show('lock_timeout'), '5s', 'unless they have their own');
  const sources = "SELECT source FROM pg_settings WHERE name IN ('work_mem', 'lock_timeout') ORDER BY name";
  t.same((await owner.query({ text: sources, rowMode: 'array' })).rows, [['session'], ['configuration file']]);
  await owner.query('RESET lock_timeout');
  t.equal(await show('lock_timeout'), '3s');
  t.equal(await show('max_connections'), '500', 'not for the life of the server');
  t.ok((await owner.query('SELECT pg_conf_load_time() > pg_postmaster_start_time() AS later')).rows[0].later);
  putSettings(`${RULES}\n[parameters]\nwork_mem = "much"`);
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await show('work_mem'), '7MB');
  putSettings(RULES);
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await show('work_mem'), '4MB');
  await owner.query('SET ROLE tina');
  await t.rejects(owner.query('SHOW hba_file'), {
    code: '42501',
    message: 'must be superuser or have privileges of pg_read_all_settings to examine "hba_file"',
  });
  t.same((await owner.query("SELECT name FROM pg_settings WHERE name IN ('hba_file', 'ssl')")).rows, [{ name: 'ssl' }]);
  await owner.query('RESET ROLE');

  putSettings('', 'min_tls_version = "TLSv1.3"\nlocal_authentication = "scram-sha-256"\npassword = "s3cret"');
  await owner.query('SELECT pg_reload_conf()');
  t.equal(await attempt('orbit', PASSWORD), 'FATAL 28P01 password authentication failed for user "orbit"');
  t.equal(await attempt('orbit', { password: 's3cret' }), 'in as orbit');
  await t.rejects(attempt('orbit', { password: 's3cret', ssl: { ...TLS, maxVersion: 'TLSv1.2' } }), {
    message: /alert protocol version/,
  });
});

t.test('files that are exchanged are noticed', async (t) => {
  put('server.crt', TEST_CERTIFICATE);
  put('server.key', TEST_KEY);
  await eventually(t, async () => (await shownCertificate()) === TEST_CERTIFICATE, 'without a word to the server');
});

t.test('a rule that cannot be meant keeps the server from starting', async (t) => {
  putSettings('[[security.rules]]\ntype = "local"\nmethod = "peer"');
  const result = await run(process.execPath, ['dist/bin/orbit-server.js', '--port', '0', '--data-dir', at('none')], {
    env: { ORBIT_CONFIG: at('orbit-server.toml') },
  });
  t.equal(result.code, 2, 'exit code');
  t.match(result.stderr, /rules\]\] number 1: peer authentication is not supported/);
});
