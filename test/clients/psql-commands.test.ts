/** psql's backslash commands give what they give with PostgreSQL 15 (psql/expected.txt, recorded by test/tools/record-psql-commands.ts). */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { startTestServer } from '../test-server.js';
import { COMMANDS, commandOutputs, comparable, EXPECTED_FILE, SCHEMA_FILE } from './psql/commands.js';
import { installed, run } from './server-process.js';

const skip = installed('psql') ? false : 'psql is not installed';

t.test('backslash commands', { skip, timeout: 240_000 }, async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const connection = ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'orbit', '-d', 'actors'];
  const loaded = await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...connection, '-f', SCHEMA_FILE]);
  t.equal(loaded.stderr, '', 'the schema can be made');
  const sections = readFileSync(EXPECTED_FILE, 'utf8').split('===== ').slice(1);
  const expected = new Map(
    sections.map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]),
  );
  const outputs = await commandOutputs(connection);
  for (const command of COMMANDS) {
    t.equal(comparable(command, outputs.get(command) ?? ''), expected.get(command), command);
  }
});
