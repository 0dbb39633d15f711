/**
 * The client programs that work on databases and roles as a whole: createdb, dropdb, createuser, dropuser, pg_dumpall,
 * pg_dump and pg_restore with --create, and those that visit all databases. What pg_dumpall gives restores into a fresh
 * server, whose dump is then the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';
import { comparableDump } from './psql/dump.js';
import { installed, type ProgramResult, run } from './server-process.js';

const skip = ['createdb', 'pg_dumpall', 'vacuumdb', 'psql'].every(installed)
  ? false
  : 'the client programs are not installed';

/** Runs programs against one server. */
class Client {
  private constructor(
    private readonly t: Test,
    private readonly connection: readonly string[],
  ) {}

  static async start(t: Test): Promise<Client> {
    const { port, stop } = await startTestServer();
    t.teardown(stop);
    return new Client(t, ['-h', '127.0.0.1', '-p', String(port), '-U', 'orbit']);
  }

  /** The program does its work and says nothing on stderr. */
  async run(program: string, ...parameters: string[]): Promise<ProgramResult> {
    const result = await run(program, [...this.connection, ...parameters]);
    this.t.equal(result.stderr, '', `${program}: no complaint`);
    this.t.equal(result.code, 0, `${program} ${parameters.join(' ')}`);
    return result;
  }

  /** The program fails with this on stderr. */
  async fail(message: RegExp, program: string, ...parameters: string[]): Promise<void> {
    const result = await run(program, [...this.connection, ...parameters]);
    this.t.match(result.stderr, message);
    this.t.equal(result.code, 1, `${program} ${parameters.join(' ')} fails`);
  }

  async sql(database: string, ...commands: string[]): Promise<string> {
    const list = commands.flatMap((command) => ['-c', command]);
    const { stdout } = await this.run('psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', database, ...list);
    return stdout;
  }

  /** Errors do not end the script; they are returned. */
  async script(database: string, input: string): Promise<string[]> {
    const result = await run('psql', ['-X', '-q', ...this.connection, '-d', database], { input });
    return result.stderr.split('\n').filter((line) => line !== '');
  }
}

async function filled(t: Test): Promise<Client> {
  const client = await Client.start(t);
  await client.run('createuser', '--createdb', '--createrole', 'alice');
  await client.run('createuser', '-S', '-D', '-R', '-l', '-c', '3', '--role=alice', 'bob');
  await client.run('createdb', '-O', 'alice', 'one');
  await client.run('createdb', '-E', 'UTF8', '-l', 'C', '-T', 'template0', 'Two Words', 'the second');
  await client.sql('template1', 'CREATE TABLE everywhere (a int)');
  await client.sql(
    'one',
    'CREATE TABLE item (id serial PRIMARY KEY, tag text UNIQUE)',
    "INSERT INTO item (tag) SELECT 'tag ' || g FROM generate_series(1, 500) g",
    'CREATE VIEW few AS SELECT tag FROM item WHERE id < 4',
    'GRANT SELECT ON item TO bob',
    'GRANT CONNECT ON DATABASE one TO bob',
    "ALTER DATABASE one SET work_mem = '3MB'",
    "ALTER ROLE bob IN DATABASE one SET work_mem = '5MB'",
    'ALTER ROLE bob SET enable_sort = off',
    'ALTER DATABASE "Two Words" CONNECTION LIMIT 5',
    "COMMENT ON ROLE bob IS 'the builder'",
  );
  return client;
}

t.test('createdb, dropdb, createuser, dropuser', { skip }, async (t) => {
  const client = await filled(t);
  t.equal(
    await client.sql(
      'one',
      'SELECT datname, datdba::regrole FROM pg_database WHERE datname ~ $$^one|^Two$$ ORDER BY 1',
    ),
    'Two Words|orbit\none|alice\n',
  );
  await client.fail(/database "one" already exists/, 'createdb', 'one');
  await client.fail(/role "bob" already exists/, 'createuser', 'bob');
  await client.fail(/DETAIL: {2}privileges for database one/, 'dropuser', 'bob');
  await client.run('dropdb', 'one');
  await client.fail(/database "one" does not exist/, 'dropdb', 'one');
  await client.run('dropdb', '--force', 'Two Words');
  await client.run('dropuser', 'bob');
  await client.fail(/role "bob" does not exist/, 'dropuser', 'bob');
});

t.test('pg_dumpall restores into a fresh server', { skip, timeout: 120_000 }, async (t) => {
  const source = await filled(t);
  const dump = comparableDump(await source.run('pg_dumpall'));
  for (const expected of [
    /^CREATE DATABASE one WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C';$/m,
    /^ALTER DATABASE one OWNER TO alice;$/m,
    /^ALTER DATABASE one SET work_mem TO '3MB';$/m,
    /^ALTER ROLE bob IN DATABASE one SET work_mem TO '5MB';$/m,
    /^ALTER ROLE bob SET enable_sort TO 'off';$/m,
    /^ALTER DATABASE "Two Words" CONNECTION LIMIT = 5;$/m,
    /^COMMENT ON DATABASE "Two Words" IS 'the second';$/m,
    /^GRANT alice TO bob/m,
    /^GRANT CONNECT ON DATABASE one TO bob;$/m,
  ])
    t.match(dump, expected);
  const target = await Client.start(t);
  const complaints = await target.script('postgres', dump);
  // As with PostgreSQL: what a fresh server has anyway is there already.
  t.match(complaints, [/role "orbit" already exists/, /database "actors" already exists/]);
  t.equal(complaints.length, 2, complaints.join('\n'));
  t.equal(comparableDump(await target.run('pg_dumpall')), dump);
  t.equal(await target.sql('one', 'SELECT count(*) FROM item'), '500\n');
});

t.test('pg_dump --create and pg_restore --create', { skip }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-restore-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'one.dump');
  const client = await filled(t);
  await client.run('pg_dump', '--create', '-Fc', '-f', file, 'one');
  await client.run('dropdb', 'one');
  await client.run('pg_restore', '--create', '-d', 'postgres', file);
  t.equal(await client.sql('one', 'SELECT count(*) FROM item', 'SHOW work_mem'), '500\n3MB\n');
  await client.run('pg_restore', '--create', '--clean', '--if-exists', '-d', 'postgres', file);
  t.equal(await client.sql('one', 'SELECT count(*) FROM few'), '3\n');
});

t.test('programs that visit all databases', { skip }, async (t) => {
  const client = await filled(t);
  const visited = ['Two Words', 'actors', 'one', 'postgres', 'template1'];
  for (const [program, what] of [
    ['vacuumdb', 'vacuuming'],
    ['reindexdb', 'reindexing'],
    ['clusterdb', 'clustering'],
  ] as const) {
    const { stdout } = await client.run(program, '--all');
    t.same(
      stdout.trim().split('\n'),
      visited.map((name) => `${program}: ${what} database "${name}"`),
      program,
    );
  }
});

t.test('psql between databases', { skip }, async (t) => {
  const client = await filled(t);
  const { stdout } = await client.run(
    'psql',
    '-X',
    '-A',
    '-t',
    '-d',
    'actors',
    '-c',
    '\\c one',
    '-c',
    'SELECT count(*) FROM item',
    '-c',
    '\\c "Two Words"',
    '-c',
    'SELECT current_database()',
    '-c',
    '\\l+ one',
  );
  const lines = stdout.split('\n');
  t.same(lines.slice(0, 4), [
    'You are now connected to database "one" as user "orbit".',
    '500',
    'You are now connected to database "Two Words" as user "orbit".',
    'Two Words',
  ]);
  t.match(lines[4], /^one\|alice\|UTF8\|C\|C\|\|libc\|/);
});
