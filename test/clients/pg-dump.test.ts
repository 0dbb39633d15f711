/**
 * pg_dump and pg_restore: the dump of psql/schema.sql is the one that PostgreSQL 15 gives (psql/expected-dump.sql), in every
 * format it can be restored, and the dump of what was restored is the same again. The other client programs do their work.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';
import { SCHEMA_FILE } from './psql/commands.js';
import { comparableDump, dump, EXPECTED_DUMP, PROGRAMS } from './psql/dump.js';
import { installed, type ProgramResult, run } from './server-process.js';

const skip = installed('pg_dump') && installed('psql') ? false : 'pg_dump is not installed';
const directory = mkdtempSync(join(tmpdir(), 'orbit-dump-'));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

/** A fresh server; gives the parameters that name it. */
async function server(t: Test): Promise<string[]> {
  const { port, stop } = await startTestServer();
  t.teardown(stop);
  return ['-h', '127.0.0.1', '-p', String(port), '-U', 'orbit', '-d', 'actors'];
}

async function succeed(t: Test, program: string, parameters: readonly string[], input = ''): Promise<ProgramResult> {
  const result = await run(program, parameters, { input });
  t.equal(result.stderr, '', `${program}: no complaint`);
  t.equal(result.code, 0, `${program} ${parameters.slice(8).join(' ')}`);
  return result;
}

const psql = (t: Test, connection: readonly string[], input: string): Promise<ProgramResult> =>
  succeed(t, 'psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...connection], input);

async function loaded(t: Test): Promise<string[]> {
  const connection = await server(t);
  await psql(t, connection, readFileSync(SCHEMA_FILE, 'utf8'));
  return connection;
}

t.test('dumps', { skip, timeout: 240_000 }, async (t) => {
  const expected = readFileSync(EXPECTED_DUMP, 'utf8');
  const source = await loaded(t);
  const roles = 'CREATE ROLE rich_owner;\n';

  await t.test('are those of PostgreSQL', async (t) => {
    t.equal(await dump(source), expected);
  });

  await t.test('of PostgreSQL can be restored', async (t) => {
    const target = await server(t);
    await psql(t, target, roles + expected);
    t.equal(await dump(target), expected);
  });

  await t.test('of functions, triggers and collations are those of PostgreSQL, and can be restored', async (t) => {
    const wanted = readFileSync(PROGRAMS.dump, 'utf8');
    const first = await server(t);
    await psql(t, first, readFileSync(PROGRAMS.schema, 'utf8'));
    t.equal(await dump(first), wanted);
    const second = await server(t);
    await psql(t, second, wanted);
    t.equal(await dump(second), wanted);
  });

  for (const format of ['custom', 'directory', 'tar']) {
    await t.test(`in format ${format}`, async (t) => {
      const file = join(directory, format);
      const jobs = format === 'directory' ? ['-j', '2'] : [];
      await succeed(t, 'pg_dump', [...source, '-F', format, '-f', file, ...jobs]);
      const target = await server(t);
      await psql(t, target, roles);
      const parallel = format === 'tar' ? [] : ['-j', '2'];
      await succeed(t, 'pg_restore', [...target, ...parallel, file]);
      t.equal(await dump(target), expected);
    });
  }

  for (const options of [['--inserts'], ['--column-inserts'], ['--rows-per-insert=2'], ['--clean', '--if-exists']]) {
    await t.test(`with ${options.join(' ')}`, async (t) => {
      const script = await dump(source, ...options);
      const target = options[0] === '--clean' ? await loaded(t) : await server(t);
      await psql(t, target, options[0] === '--clean' ? script : roles + script);
      t.equal(await dump(target), expected);
    });
  }

  await t.test('in parts', async (t) => {
    const target = await server(t);
    await psql(t, target, roles + (await dump(source, '--section=pre-data')));
    await psql(t, target, await dump(source, '--section=data'));
    await psql(t, target, await dump(source, '--section=post-data'));
    t.equal(await dump(target), expected);
    const schema = await dump(source, '--schema-only');
    t.notMatch(schema, /^COPY /m);
    t.match(schema, /^CREATE TABLE shop\.book/m);
    t.match(await dump(source, '--data-only', '--disable-triggers'), /^COPY shop\.book /m);
    t.match(await dump(source, '--create'), /^CREATE DATABASE actors /m);
  });

  await t.test('of tables and schemas', async (t) => {
    const book = await dump(source, '-t', 'shop.book');
    t.match(book, /^CREATE TABLE shop\.book/m);
    t.notMatch(book, /^CREATE TABLE shop\.author/m);
    const odd = await dump(source, '-n', '"Odd Name"');
    t.match(odd, /^CREATE SCHEMA "Odd Name"/m);
    t.notMatch(odd, /shop/);
    t.notMatch(await dump(source, '-N', 'shop'), /^CREATE TABLE shop/m);
  });
});

const PRIVILEGES = `
CREATE ROLE reader; CREATE ROLE writer; CREATE SCHEMA office; CREATE TABLE office.letter (id int, body text);
CREATE SEQUENCE office.numbers; CREATE FUNCTION office.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT USAGE ON SCHEMA office TO reader; GRANT SELECT ON office.letter TO reader WITH GRANT OPTION;
GRANT UPDATE (body) ON office.letter TO writer; GRANT USAGE ON office.numbers TO writer; GRANT reader TO writer WITH ADMIN OPTION;
REVOKE EXECUTE ON FUNCTION office.one() FROM PUBLIC; REVOKE USAGE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE writer IN SCHEMA office GRANT SELECT ON TABLES TO reader;
ALTER TABLE office.letter OWNER TO writer;
`;

t.test('privileges', { skip, timeout: 120_000 }, async (t) => {
  const source = await server(t);
  await psql(t, source, PRIVILEGES);
  const text = await dump(source);
  for (const line of [
    'ALTER DEFAULT PRIVILEGES FOR ROLE writer IN SCHEMA office GRANT SELECT ON TABLES  TO reader;',
    'ALTER TABLE office.letter OWNER TO writer;',
    'GRANT SELECT ON TABLE office.letter TO reader WITH GRANT OPTION;',
    'GRANT UPDATE(body) ON TABLE office.letter TO writer;',
    'REVOKE ALL ON FUNCTION office.one() FROM PUBLIC;',
    'REVOKE USAGE ON SCHEMA public FROM PUBLIC;',
  ])
    t.ok(text.includes(line), line);
  const target = await server(t);
  await psql(t, target, `CREATE ROLE reader; CREATE ROLE writer;${text}`);
  t.equal(await dump(target), text, 'restored as it was');
  const globals = (await succeed(t, 'pg_dumpall', [...source.slice(0, 6), '-l', 'actors', '-g'])).stdout;
  t.match(globals, 'GRANT reader TO writer WITH ADMIN OPTION GRANTED BY orbit;');
});

t.test('pg_dumpall', { skip }, async (t) => {
  const source = await loaded(t);
  const connection = [...source.slice(0, 6), '-l', 'actors'];
  const all = comparableDump(await succeed(t, 'pg_dumpall', connection));
  t.match(all, /^CREATE ROLE rich_reader;$/m);
  t.match(all, /^ALTER ROLE rich_reader WITH .* LOGIN .*CONNECTION LIMIT 5;$/m);
  t.match(all, /^CREATE TABLE shop\.book/m);
  const globals = comparableDump(await succeed(t, 'pg_dumpall', [...connection, '--globals-only']));
  t.notMatch(globals, /CREATE TABLE/);
});

t.test('other programs', { skip: skip || (installed('vacuumdb') ? false : 'vacuumdb is not installed') }, async (t) => {
  const source = await loaded(t);
  const host = source.slice(0, 6);
  await succeed(t, 'vacuumdb', [...source, '--analyze', '-q']);
  await succeed(t, 'vacuumdb', [...source, '-q', '-t', 'shop.book', '-z', '-j', '2']);
  await succeed(t, 'reindexdb', [...source, '-q', '-t', 'shop.book']);
  await succeed(t, 'reindexdb', [...source, '-q']);
  await succeed(t, 'clusterdb', [...source, '-q', '-t', 'shop.book']);
  await succeed(t, 'clusterdb', [...source, '-q']);
  const ready = await run('pg_isready', host);
  t.equal(ready.code, 0, ready.stdout);
});
