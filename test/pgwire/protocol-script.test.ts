/**
 * Runs test/pgwire/scripts/*.script. UPDATE_GOLDEN=1 rewrites them; PROTOCOL_TARGET=host:port:user:database runs
 * common.script against that server (PostgreSQL, say) instead.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { PgWireServer } from '../../src/pgwire/server.js';
import { FakeDatabase } from './fake-session.js';
import { runScript, type ScriptTarget } from './protocol-script.js';

const outside = process.env.PROTOCOL_TARGET;

for (const name of outside === undefined ? ['common', 'fake'] : ['common']) {
  t.test(name, async (t) => {
    const path = fileURLToPath(new URL(`../../../test/pgwire/scripts/${name}.script`, import.meta.url));
    const expected = await readFile(path, 'utf8');
    const server = new PgWireServer({ sessions: new FakeDatabase(), authMethod: () => ({ method: 'trust' }) });
    const target = outside === undefined ? await listen(server) : parseTarget(outside);
    const actual = await runScript(expected, target);
    await server.close();
    if (process.env.UPDATE_GOLDEN === '1') await writeFile(path, actual);
    else t.equal(actual, expected);
  });
}

async function listen(server: PgWireServer): Promise<ScriptTarget> {
  const { port } = await server.listen('127.0.0.1', 0);
  return { host: '127.0.0.1', port, user: 'tester', database: 'x' };
}

function parseTarget(text: string): ScriptTarget {
  const [host, port, user, database] = text.split(':');
  return { host, port: Number(port), user, database };
}
