/** Rows and errors wait, on their way out, for what the session says; what shows nothing does not. */
import pg from 'pg';
import t, { type Test } from 'tap';
import { PgWireServer } from '../../src/pgwire/server.js';
import { Signal } from '../../src/util/task.js';
import { FakeDatabase, type FakeSession } from './fake-session.js';

interface Held {
  readonly client: pg.Client;
  readonly session: FakeSession;
  /** Whether the answer has come. */
  ask(sql: string): { readonly answer: Promise<unknown>; has: boolean };
}

async function connected(t: Test): Promise<Held> {
  const fake = new FakeDatabase();
  const server = new PgWireServer({ sessions: fake, authMethod: () => ({ method: 'trust' }) });
  const { port } = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close('immediate'));
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'tester', database: 'x' });
  client.on('error', () => undefined);
  await client.connect();
  const [session] = fake.sessions;
  const ask = (sql: string) => {
    const answer = client.query(sql).then(
      ({ rows }) => rows.length,
      (error: unknown) => (error instanceof pg.DatabaseError ? error.code : 'no answer'),
    );
    const asked = { answer, has: false };
    void answer.then(() => {
      asked.has = true;
    });
    return asked;
  };
  return { client, session, ask };
}

/** As long as an answer may take that nothing holds. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2));
}

function letGo(session: FakeSession, next: Signal | null = null): void {
  const signal = session.untold;
  session.untold = next;
  signal?.fire();
}

t.test('rows and errors are held', async (t) => {
  const { client, session, ask } = await connected(t);
  for (const [sql, expected] of [
    ['rows 3', 3],
    ['error', '42P01'],
  ] as const) {
    session.untold = new Signal();
    const asked = ask(sql);
    await quiet();
    t.equal(asked.has, false, sql);
    letGo(session, new Signal());
    await quiet();
    t.equal(asked.has, false, 'it is asked again');
    letGo(session);
    t.equal(await asked.answer, expected);
  }
  await client.end();
});

t.test('what shows nothing is not held', async (t) => {
  const { client, session, ask } = await connected(t);
  session.untold = new Signal();
  t.equal(await ask('begin').answer, 0);
  letGo(session);
  await client.end();
});

t.test('a long result is not gathered without end', async (t) => {
  const { client, session, ask } = await connected(t);
  session.untold = new Signal();
  const asked = ask('rows 200000');
  await quiet();
  t.equal(asked.has, false);
  letGo(session);
  t.equal(await asked.answer, 200_000);
  await client.end();
});

t.test('a client that is sent away has the answer before', async (t) => {
  const { session, ask } = await connected(t);
  session.untold = new Signal();
  const asked = ask('rows 2; fatal');
  await quiet();
  t.equal(asked.has, false);
  letGo(session);
  t.not(await asked.answer, 'no answer');
});

t.test('a client that leaves meanwhile', async (t) => {
  const { client, session, ask } = await connected(t);
  session.untold = new Signal();
  const asked = ask('rows 2');
  await quiet();
  const ended = client.end();
  await quiet();
  letGo(session);
  await ended;
  t.equal(await asked.answer, 'no answer');
  t.equal(session.terminated, 1);
});
