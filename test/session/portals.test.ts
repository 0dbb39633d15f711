/**
 * Portals and cursors over the wire: portals.script against the server. PROTOCOL_TARGET=host:port:user:database records
 * the script from that server (PostgreSQL) instead.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runScript, type ScriptTarget } from '../pgwire/protocol-script.js';
import { startTestServer } from '../test-server.js';

const path = fileURLToPath(new URL('../../../test/session/portals.script', import.meta.url));
const outside = process.env.PROTOCOL_TARGET;

/** Tables have other OIDs elsewhere. */
async function answers(script: string, target: ScriptTarget): Promise<string> {
  return (await runScript(script, target)).replaceAll(/"tableID":[1-9]\d*/g, '"tableID":1');
}

t.test('portals', async (t) => {
  const script = await readFile(path, 'utf8');
  if (outside !== undefined) {
    const [host, port, user, database] = outside.split(':');
    await writeFile(path, await answers(script, { host, port: Number(port), user, database }));
    return;
  }
  const server = await startTestServer();
  t.teardown(() => server.stop());
  t.equal(await answers(script, { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' }), script);
});
