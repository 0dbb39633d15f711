/** The clients that `npm run test:clients` runs, with what each needs. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Client, Program } from './client.js';
import type { Sandbox } from './sandbox.js';

/** A Python program, with packages from PyPI. */
function python(name: string, folder: string, ...packages: string[]): Client {
  const prepare = async (sandbox: Sandbox, program: string): Promise<Program> => ({
    command: await sandbox.python(...packages),
    parameters: [join(program, 'main.py')],
  });
  return { name, folder, prepare };
}

/** A program of an interpreter from Debian. */
function debian(
  name: string,
  folder: string,
  packages: readonly string[],
  command: string,
  file: string,
  options: readonly string[] = [],
): Client {
  const prepare = async (sandbox: Sandbox, program: string): Promise<Program> => {
    await sandbox.debian(...packages);
    return sandbox.within({ command, parameters: [...options, join(program, file)] });
  };
  return { name, folder, prepare };
}

/** Their configuration files are made when the packages are installed, which they are not. */
const PHP_EXTENSIONS = ['pdo', 'pgsql', 'pdo_pgsql'].flatMap((name) => ['-d', `extension=${name}`]);

/**
 * A program that is compiled with packages from Debian: `build` says how, its output is `client` in the sandbox. `versionOf`: packages
 * whose versions the program cannot know.
 */
function compiled(
  name: string,
  folder: string,
  packages: readonly string[],
  build: (source: string, output: string) => Program,
  versionOf: readonly string[] = [],
): Client {
  const prepare = async (sandbox: Sandbox, program: string): Promise<Program> => {
    await sandbox.debian(...packages);
    const env = { CLIENT_VERSION: versionOf.map((name) => sandbox.debianVersion(name) ?? 'installed').join(', ') };
    const output = sandbox.path('client');
    await sandbox.tool(sandbox.within(build(program, output)));
    return sandbox.within({ command: output, parameters: [], env });
  };
  return { name, folder, prepare };
}

const compiler =
  (command: string, file: string, ...libraries: string[]) =>
  (source: string, output: string): Program => ({
    command,
    parameters: [join(source, file), '-o', output, ...libraries],
  });

/** Debian's Go packages are sources below /usr/share/gocode. */
const goBuild = (source: string, output: string): Program => ({
  command: '/usr/lib/go-1.19/bin/go',
  parameters: ['build', '-o', output, join(source, 'main.go')],
  env: {
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: `${output}-cache`,
    GOFLAGS: '-buildvcs=false',
    CGO_ENABLED: '0',
  },
});

/** The newest jar in the local Maven repository; else Debian's. */
async function jdbcDriver(sandbox: Sandbox): Promise<string> {
  const repository = join(homedir(), '.m2/repository/org/postgresql/postgresql');
  const versions = existsSync(repository) ? readdirSync(repository).sort(byVersion) : [];
  const jars = versions.map((version) => join(repository, version, `postgresql-${version}.jar`)).filter(existsSync);
  if (jars.length > 0) return jars[jars.length - 1];
  await sandbox.debian('libpostgresql-jdbc-java');
  return sandbox.path('root/usr/share/java/postgresql.jar');
}

const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

const pgjdbc: Client = {
  name: 'pgjdbc',
  folder: 'pgjdbc',
  prepare: async (sandbox, program) => ({
    command: await sandbox.installed('java'),
    parameters: ['-cp', await jdbcDriver(sandbox), join(program, 'Main.java')],
  }),
};

export const CLIENTS: readonly Client[] = [
  python('psycopg2', 'psycopg2', 'psycopg2-binary'),
  python('psycopg 3', 'psycopg', 'psycopg[binary]'),
  python('asyncpg', 'asyncpg', 'asyncpg'),
  python('SQLAlchemy and Alembic', 'sqlalchemy', 'sqlalchemy', 'alembic', 'psycopg2-binary', 'psycopg[binary]'),
  python('Django', 'django', 'django', 'psycopg[binary]'),
  pgjdbc,
  debian('DBD::Pg', 'perl-dbd-pg', ['libdbd-pg-perl'], 'perl', 'main.pl'),
  debian('PHP PDO and pgsql', 'php-pdo', ['php-cli', 'php-pgsql'], 'php8.2', 'main.php', PHP_EXTENSIONS),
  debian('ruby-pg', 'ruby-pg', ['ruby-pg'], 'ruby3.1', 'main.rb'),
  debian('ActiveRecord', 'activerecord', ['ruby-pg', 'ruby-activerecord'], 'ruby3.1', 'main.rb'),
  compiled(
    'lib/pq and pgx',
    'go',
    ['golang-go', 'golang-github-lib-pq-dev', 'golang-github-jackc-pgx-v4-dev'],
    goBuild,
    ['golang-github-lib-pq-dev', 'golang-github-jackc-pgx-v4-dev'],
  ),
  compiled('libpqxx', 'libpqxx', ['libpqxx-dev'], compiler('g++', 'main.cpp', '-std=c++17', '-w', '-lpqxx', '-lpq')),
  compiled('psqlodbc', 'psqlodbc', ['unixodbc-dev', 'odbc-postgresql'], compiler('gcc', 'main.c', '-w', '-lodbc')),
];
