/** The migration guide's walk with the real psql against the server as a child process that keeps its data in a directory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { installed, type ProgramResult, run, ServerProcess } from './server-process.js';

const skip = installed('psql') ? false : 'psql is not installed';

t.test('the walk of the migration guide', { skip }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-walk-'));
  const dataDir = join(directory, 'orbit_integrated_data', 'postgresql');
  let server = await ServerProcess.start(dataDir);
  t.teardown(async () => {
    await server.stop('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const psql = (...parameters: string[]): Promise<ProgramResult> =>
    run(
      'psql',
      [
        '-X',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        '127.0.0.1',
        '-p',
        String(server.port),
        '-U',
        'orbit',
        '-d',
        'actors',
        ...parameters,
      ],
      { cwd: directory },
    );
  const rows = async (sql: string): Promise<string> => {
    const result = await psql('-At', '-c', sql);
    t.equal(result.stderr, '', sql);
    return result.stdout.trimEnd();
  };
  const script = async (sql: string): Promise<string> => {
    writeFileSync(join(directory, 'script.sql'), sql);
    const result = await psql('-f', 'script.sql');
    t.equal(result.stderr, '', 'no error');
    t.equal(result.code, 0);
    return result.stdout;
  };

  await t.test('phase 1: a first table', async (t) => {
    const output = await script(`
      CREATE TABLE migration_test (id INTEGER PRIMARY KEY, test_data TEXT, created_at TIMESTAMP DEFAULT NOW());
      INSERT INTO migration_test (id, test_data) VALUES (1, 'Migration test successful');
      SELECT id, test_data, created_at <= now() AS past FROM migration_test;`);
    t.match(output, /CREATE TABLE\nINSERT 0 1\n id \|/);
    t.match(output, / {2}1 \| Migration test successful \| t\n\(1 row\)/);
  });

  await t.test('phase 2: schema, import of CSV, inserts', async (t) => {
    await script(`
      CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT NOT NULL, email TEXT, created_at TIMESTAMP DEFAULT NOW());
      CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, title TEXT NOT NULL, content TEXT,
        published_at TIMESTAMP DEFAULT NOW());
      INSERT INTO users (id, username, email) VALUES (1, 'alice', 'alice@example.com');
      INSERT INTO posts (id, user_id, title) VALUES (1, 1, 'first'), (2, 1, 'second'), (3, 2, 'third');`);
    writeFileSync(
      join(directory, 'users_backup.csv'),
      'id,username,email,created_at\n2,bob,bob@example.com,2024-02-29 12:00:00\n3,"O""Neil, C",,2024-03-01 00:00:00.5\n',
    );
    const copied = await psql('-c', "\\COPY users(id,username,email,created_at) FROM 'users_backup.csv' CSV HEADER;");
    t.equal(copied.stdout, 'COPY 2\n', copied.stderr);
    t.equal(
      await rows('SELECT * FROM users WHERE id > 1 ORDER BY id'),
      '2|bob|bob@example.com|2024-02-29 12:00:00\n3|O"Neil, C||2024-03-01 00:00:00.5',
    );
    const out = await psql('-c', "\\copy (SELECT id, username FROM users ORDER BY id) TO 'out.csv' CSV HEADER");
    t.equal(out.stdout, 'COPY 3\n', out.stderr);
    const back = await psql(
      '-c',
      'CREATE TABLE again (id int, username text)',
      '-c',
      "\\copy again FROM 'out.csv' CSV HEADER",
    );
    t.match(back.stdout, /COPY 3/, back.stderr);
    t.equal(await rows('SELECT username FROM again ORDER BY id'), 'alice\nbob\nO"Neil, C');
  });

  await t.test('phase 3: validation queries', async (t) => {
    t.equal(
      await rows(
        "SELECT 'users' as table_name, COUNT(*) as row_count FROM users UNION ALL SELECT 'posts', COUNT(*) FROM posts",
      ),
      'users|3\nposts|3',
    );
    t.equal(
      await rows(
        'SELECT u.username, COUNT(p.id) as post_count FROM users u LEFT JOIN posts p ON u.id = p.user_id GROUP BY u.username ORDER BY 1',
      ),
      'O"Neil, C|0\nalice|2\nbob|1',
    );
    const timed = await script(
      "\\timing\nSELECT id FROM users WHERE username = 'alice';\nSELECT COUNT(*) FROM posts WHERE user_id = 1;",
    );
    t.match(timed, /Timing is on\.[\s\S]*\n +1\n\(1 row\)\n\nTime: [\d.]+ ms/);
    t.equal(await rows('SELECT id FROM posts ORDER BY id LIMIT 2 OFFSET 1'), '2\n3');
    t.equal(
      await rows("SELECT username FROM users WHERE email LIKE '%@example.com' ORDER BY created_at DESC, id LIMIT 50"),
      'alice\nbob',
    );
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await t.test(`the data outlives ${signal}`, async (t) => {
      t.equal(
        await rows(`INSERT INTO posts (id, user_id, title) VALUES (${signal === 'SIGTERM' ? 10 : 11}, 3, '${signal}')`),
        'INSERT 0 1',
      );
      const code = await server.stop(signal);
      if (signal === 'SIGTERM') t.equal(code, 0, 'an orderly end');
      server = await ServerProcess.start(dataDir);
      t.equal(await rows(`SELECT title FROM posts WHERE user_id = 3 AND title = '${signal}'`), signal);
      t.equal(await rows('SELECT test_data FROM migration_test'), 'Migration test successful');
      t.equal(await rows('SELECT count(*) FROM users'), '3');
      t.match(
        (await psql('-c', "INSERT INTO users VALUES (1, 'twice')")).stderr,
        /duplicate key value violates unique constraint "users_pkey"/,
      );
    });
  }

  await t.test('upsert and CREATE TABLE AS', async (t) => {
    const upsert =
      "INSERT INTO users (id, username) VALUES (1, 'al') ON CONFLICT (id) DO UPDATE SET username = excluded.username RETURNING username";
    t.equal(await rows(upsert), 'al\nINSERT 0 1');
    t.equal(await rows('CREATE TABLE user_email_index AS SELECT id, username, email FROM users'), 'SELECT 3');
    t.equal(await rows('SELECT id, email FROM user_email_index WHERE id = 2'), '2|bob@example.com');
  });

  await t.test('meta commands', async (t) => {
    const tables = (await psql('-c', '\\dt')).stdout;
    for (const name of ['migration_test', 'posts', 'users', 'user_email_index'])
      t.match(tables, new RegExp(` public \\| ${name} +\\| table \\| orbit`));
    t.equal(
      (await psql('-c', '\\d users')).stdout,
      [
        '                           Table "public.users"',
        '   Column   |            Type             | Collation | Nullable | Default ',
        '------------+-----------------------------+-----------+----------+---------',
        ' id         | integer                     |           | not null | ',
        ' username   | text                        |           | not null | ',
        ' email      | text                        |           |          | ',
        ' created_at | timestamp without time zone |           |          | now()',
        'Indexes:',
        '    "users_pkey" PRIMARY KEY, btree (id)',
        '',
        '',
      ].join('\n'),
    );
    t.match((await psql('-c', '\\l')).stdout, / actors +\| orbit +\| UTF8/);
    t.match((await psql('-c', '\\du')).stdout, / orbit +\| Superuser/);
    t.match((await psql('-c', '\\dn')).stdout, / public \| /);
    for (const command of [
      '\\d',
      '\\di',
      '\\dt+',
      '\\d+ users',
      '\\l+',
      '\\dn+',
      '\\df',
      '\\dv',
      '\\ds',
      '\\dT',
      '\\db',
      '\\dp',
      '\\conninfo',
      '\\encoding',
    ]) {
      const result = await psql('-c', command);
      t.equal(result.code, 0, command);
      t.notMatch(result.stderr, 'ERROR', command);
    }
  });

  await t.test('pg_tables, sizes', async (t) => {
    t.equal(
      await rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'user%' ORDER BY 1"),
      'user_email_index\nusers',
    );
    t.match(await rows('SELECT COUNT(*) FROM pg_tables'), /^\d+$/);
    const sizes = await rows(
      "SELECT schemaname, tablename, pg_total_relation_size(schemaname||'.'||tablename) as size_bytes FROM pg_tables ORDER BY size_bytes DESC",
    );
    t.match(sizes, /^public\|users\|\d+$/m);
  });

  await t.test('the health check script', { skip: installed('bash') ? false : 'bash is not installed' }, async (t) => {
    writeFileSync(join(directory, 'health-check.sh'), healthCheck(server.port));
    for (let round = 0; round < 2; round++) {
      const result = await run('bash', ['health-check.sh'], { cwd: directory });
      t.equal(result.code, 0, result.stdout + result.stderr);
      t.match(result.stdout, 'Write/Read operations: OK');
    }
  });

  await t.test('several statements, variables, errors', async (t) => {
    t.equal(await rows('SELECT 1; SELECT 2'), '1\n2');
    const failed = await psql('-c', 'SELECT nope FROM users');
    t.equal(failed.code, 1);
    t.equal(failed.stderr, 'ERROR:  column "nope" does not exist\nLINE 1: SELECT nope FROM users\n               ^\n');
    const transaction = await psql('-1', '-c', 'INSERT INTO again VALUES (7)', '-c', 'SELECT 1/0');
    t.match(transaction.stderr, 'division by zero');
    t.equal(await rows('SELECT count(*) FROM again WHERE id = 7'), '0');
    t.match(await script("\\set who 'bob'\nSELECT :'who' AS who \\gset\n\\echo got :who\n"), /got bob/);
  });
});

/** The guide's script, with the server's port and IPv4 address, and the WAL's folder beside it. */
function healthCheck(port: number): string {
  const psql = `psql -X -h 127.0.0.1 -p ${port} -U orbit -d actors`;
  return `#!/bin/bash
HEALTH_CHECK_TIMEOUT=20
if timeout $HEALTH_CHECK_TIMEOUT ${psql} -c "SELECT 1;" > /dev/null 2>&1; then
    echo "PostgreSQL connection: OK"
else
    echo "PostgreSQL connection: FAILED"
    exit 1
fi
if [ -d "./orbit_integrated_data/postgresql" ] && [ "$(ls -A ./orbit_integrated_data/postgresql)" ]; then
    echo "Persistence: OK"
else
    echo "Persistence: FAILED"
    exit 1
fi
${psql} -v ON_ERROR_STOP=1 -c "
CREATE TABLE IF NOT EXISTS health_check (
    id INTEGER PRIMARY KEY,
    check_time TIMESTAMP DEFAULT NOW()
);
INSERT INTO health_check (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET check_time = NOW();
SELECT 'Health check successful' FROM health_check WHERE id = 1;
" > /dev/null 2>&1
if [ $? -eq 0 ]; then
    echo "Write/Read operations: OK"
else
    echo "Write/Read operations: FAILED"
    exit 1
fi
`;
}
