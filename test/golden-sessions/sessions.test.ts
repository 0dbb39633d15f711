/**
 * Every session script against the server, in both query protocols. A case under `-- todo: reason` is expected to differ still: it is run, and
 * its difference is told without failing. ORBIT_SESSIONS names a part of the paths to run only those.
 */
import t, { type Test } from 'tap';
import { goldenFiles, type Protocol } from '../golden/golden-file.js';
import { startTestServer } from '../test-server.js';
import { SessionRunner } from './session-runner.js';
import { readSessionScript, type SessionCase, stepText } from './session-script.js';

const only = process.env.ORBIT_SESSIONS;

// Many cases, and a busy machine should not fail them.
t.setTimeout(400_000);

/** The case as its script shows it, with the given outcomes. */
function transcript({ steps }: SessionCase, outcomes: readonly (readonly string[])[]): string[] {
  return steps.flatMap((step, i) => [stepText(step), ...(outcomes[i] ?? ['(not reached)'])]);
}

async function replay(t: Test, path: string, protocol: Protocol): Promise<void> {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const config = { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' };
  const runner = await SessionRunner.connect(config, protocol);
  const { setup, cases } = readSessionScript(path);
  for (const one of cases) {
    await runner.prepare(setup);
    const expected = one.steps.map((step) => step.expected);
    const options = one.todo === undefined ? {} : { todo: one.todo };
    const outcomes = await runner.run(one).catch((error: Error) => [[error.message]]);
    t.same(transcript(one, outcomes), transcript(one, expected), one.title, options);
  }
  await runner.close();
}

for (const path of goldenFiles('test/golden-sessions')) {
  if (only !== undefined && !path.includes(only)) continue;
  for (const protocol of ['simple', 'extended'] as const)
    t.test(`${path} (${protocol})`, (t) => replay(t, path, protocol));
}
