/**
 * The server with a fake database behind it: authentication, cancellation, limits, shutdown, and clients that do
 * not behave.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import fc from 'fast-check';
import pg from 'pg';
import { serialize } from 'pg-protocol';
import t, { type Test } from 'tap';
import { sqlError } from '../../src/errors/sql-error.js';
import { certificateHash } from '../../src/pgwire/certificate-hash.js';
import { makeScramVerifier } from '../../src/pgwire/scram.js';
import { PgWireServer } from '../../src/pgwire/server.js';
import { encryptPassword } from '../../src/pgwire/stored-password.js';
import { SILENT_LOGGER } from '../../src/pgwire/wire-logger.js';
import type { PgWireOptions } from '../../src/pgwire/wire-options.js';
import { FakeDatabase, fakeRole, WAKE_EVENTS } from './fake-session.js';
import { describe, ScriptClient, type ScriptTarget } from './protocol-script.js';
import { TEST_CERTIFICATE, TEST_KEY } from './tls-fixture.js';

const TEST_TLS = {
  context: createSecureContext({ key: TEST_KEY, cert: TEST_CERTIFICATE }),
  asksCertificates: false,
  binding: certificateHash(Buffer.from(TEST_CERTIFICATE)),
};

async function start(
  t: Test,
  options: Partial<PgWireOptions> = {},
): Promise<{ server: PgWireServer; fake: FakeDatabase; target: ScriptTarget }> {
  const fake = new FakeDatabase();
  fake.roles.set('anna', fakeRole(makeScramVerifier('geheim')));
  fake.roles.set('group', fakeRole(null, false));
  const server = new PgWireServer({ sessions: fake, authMethod: () => ({ method: 'trust' }), ...options });
  const { port } = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close('immediate'));
  return { server, fake, target: { host: '127.0.0.1', port, user: 'tester', database: 'x' } };
}

/** Polls for something that the server does in its own time. */
async function eventually(t: Test, holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  t.ok(holds(), what);
}

/** What the server says to these bytes until it closes. */
function answerTo(target: ScriptTarget, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(target.port, target.host, () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

const tell = (error: unknown): string => (error instanceof pg.DatabaseError ? `${error.severity} ${error.code}` : '?');

t.test('trust, and who is refused', async (t) => {
  const { target, fake } = await start(t);
  const connectAs = async (user: string, database: string): Promise<string> => {
    const client = new pg.Client({ ...target, user, database, options: '-c work_mem=5MB', application_name: 'me' });
    try {
      await client.connect();
      await client.end();
      return 'in';
    } catch (error) {
      return `${tell(error)} ${error instanceof Error ? error.message : ''}`;
    }
  };
  t.equal(await connectAs('tester', 'x'), 'in');
  t.same(
    [...fake.sessions[0].request.settings].filter(([name]) => name !== 'client_encoding'),
    [
      ['work_mem', '5MB'],
      ['application_name', 'me'],
    ],
  );
  t.equal(await connectAs('nobody', 'x'), 'FATAL 28000 role "nobody" does not exist');
  t.equal(await connectAs('group', 'x'), 'FATAL 28000 role "group" is not permitted to log in');
  t.equal(await connectAs('tester', 'nosuch'), 'FATAL 3D000 database "nosuch" does not exist');
  await eventually(t, () => fake.sessions[0].terminated === 1, 'the session is ended');
});

t.test('SCRAM: right, wrong and unknown', async (t) => {
  const { target } = await start(t, { authMethod: () => ({ method: 'scram-sha-256' }) });
  const attempt = async (user: string, password: string): Promise<string> => {
    const client = new pg.Client({ ...target, user, password });
    try {
      await client.connect();
      const { rows } = await client.query('select 1');
      await client.end();
      return JSON.stringify(rows);
    } catch (error) {
      return `${tell(error)} ${error instanceof Error ? error.message : ''}`;
    }
  };
  t.equal(await attempt('anna', 'geheim'), '[{"?column?":1}]');
  t.equal(await attempt('anna', 'falsch'), 'FATAL 28P01 password authentication failed for user "anna"');
  t.equal(await attempt('nobody', 'x'), 'FATAL 28P01 password authentication failed for user "nobody"');
  t.equal(await attempt('tester', 'x'), 'FATAL 28P01 password authentication failed for user "tester"');
});

t.test('other ways to ask for a password', async (t) => {
  const { target, fake } = await start(t, {
    authMethod: ({ database }) => ({ method: database === 'md5' ? 'md5' : 'password' }),
  });
  const log: object[] = [];
  const { target: logged } = await start(t, {
    authMethod: () => ({ method: 'password', rule: 7 }),
    log: { ...SILENT_LOGGER, info: (fields) => log.push(fields) },
  });
  fake.roles.set('hashed', fakeRole(encryptPassword('geheim', 'hashed', 'md5')));
  fake.roles.set('late', fakeRole(encryptPassword('geheim', 'late', 'md5'), true, true));
  const attempt = async (place: ScriptTarget, user: string, password: string, database: string): Promise<string> => {
    const client = new pg.Client({ ...place, user, password, database });
    try {
      await client.connect();
      await client.end();
      return 'in';
    } catch (error) {
      return error instanceof pg.DatabaseError ? `${error.severity} ${error.code}` : String(error);
    }
  };
  for (const database of ['md5', 'x']) {
    t.equal(await attempt(target, 'hashed', 'geheim', database), 'in', 'stored as MD5');
    t.equal(await attempt(target, 'anna', 'geheim', database), 'in', 'stored for SCRAM');
    for (const user of ['hashed', 'anna', 'nobody', 'tester'])
      t.equal(await attempt(target, user, 'falsch', database), 'FATAL 28P01', user);
    t.equal(await attempt(target, 'late', 'geheim', database), 'FATAL 28P01', 'expired');
  }
  t.equal(await attempt(logged, 'nobody', 'x', 'x'), 'FATAL 28P01');
  t.match(log, [{ code: '28P01', user: 'nobody', rule: 7, role: 'the role does not exist' }], 'the log is told why');
  const answer = await answerTo(target, Buffer.concat([serialize.startup({ user: 'anna' }), serialize.password('')]));
  t.match(answer, /C28P01.*empty password returned by client/s);
  const two = Buffer.concat([serialize.startup({ user: 'anna' }), Buffer.from('p\0\0\0\x08a\0b\0', 'latin1')]);
  t.match(await answerTo(target, two), /C08P01.*invalid password packet size/s);
  const query = Buffer.concat([serialize.startup({ user: 'anna' }), serialize.query('select 1')]);
  t.match(await answerTo(target, query), /C08P01.*expected password response, got message type 81/s);
});

t.test('reject', async (t) => {
  const { target } = await start(t, { authMethod: () => ({ method: 'reject' }) });
  await t.rejects(new pg.Client(target).connect(), { code: '28000', severity: 'FATAL' });
});

t.test('TLS', async (t) => {
  const seen: boolean[] = [];
  const { target } = await start(t, {
    tls: () => TEST_TLS,
    authMethod: ({ tls }) => {
      seen.push(tls);
      return { method: 'scram-sha-256' };
    },
  });
  const client = new pg.Client({
    ...target,
    user: 'anna',
    password: 'geheim',
    ssl: { ca: TEST_CERTIFICATE, servername: 'localhost' },
  });
  await client.connect();
  t.equal((await client.query('wide 3000')).rows.length, 3000);
  await client.end();
  t.same(seen, [true]);
  const slipped = await answerTo(target, Buffer.concat([serialize.requestSsl(), Buffer.from('x')]));
  t.match(slipped, /received unencrypted data after SSL request/);
});

t.test('bytes that are no startup packet', async (t) => {
  const { target } = await start(t);
  const gssenc = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);
  t.equal(await answerTo(target, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')), '');
  t.equal(await answerTo(target, Buffer.from('\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 'latin1')), '');
  t.equal(await answerTo(target, Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0])), '');
  t.match(await answerTo(target, Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0])), /C28000.*no PostgreSQL user name/s);
  t.match(
    await answerTo(target, Buffer.from([0, 0, 0, 9, 0, 2, 0, 0, 0])),
    /C0A000.*unsupported frontend protocol 2\.0/s,
  );
  t.match(await answerTo(target, Buffer.concat([serialize.requestSsl(), gssenc, Buffer.from('GET ')])), /^NN$/);
  const newer = Buffer.from('\0\0\0\x1f\0\x03\0\x01user\0tester\0_pq_.a\0b\0\0', 'latin1');
  newer.writeInt32BE(newer.length);
  const answer = await answerTo(target, Buffer.concat([newer, serialize.end()]));
  t.equal(answer.slice(0, 21), 'v\0\0\0\x13\0\x03\0\0\0\0\0\x01_pq_.a\0R');
  const client = await ScriptClient.open(target);
  client.send(Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff]));
  t.same(await client.until('close'), [], 'a message of two gigabytes');
});

t.test('cancel requests', async (t) => {
  const { target, fake } = await start(t);
  const client = ScriptClient.raw(target);
  client.send(serialize.startup({ user: 'tester', database: 'x' }));
  const greeting = await client.until('readyForQuery');
  const key = greeting.find((message) => message.name === 'backendKeyData');
  if (key === undefined || !('processID' in key) || !('secretKey' in key)) throw new Error('no key');
  const [pid, secret] = [Number(key.processID), Number(key.secretKey)];
  t.equal(await answerTo(target, serialize.cancel(pid, secret)), '', 'idle: nothing happens');
  t.equal(fake.sessions[0].cancelled, 0);
  client.send(serialize.query('sleep'), serialize.query('select 1'));
  await eventually(t, () => fake.sessions[0].lastSink !== null, 'the statement runs');
  t.equal(await answerTo(target, serialize.cancel(pid, secret + 1)), '');
  t.equal(fake.sessions[0].cancelled, 0, 'a wrong secret');
  await answerTo(target, serialize.cancel(pid, secret));
  t.same((await client.until('readyForQuery')).map(describe), [
    'error "canceling statement due to user request" "ERROR" "57014"',
    'readyForQuery "I"',
  ]);
  t.match((await client.until('readyForQuery')).map(describe), [/^row/, /^dataRow/, /^command/, /^ready/]);
  client.send(serialize.query('copy in'));
  await client.until('copyInResponse');
  await answerTo(target, serialize.cancel(pid, secret));
  t.match((await client.until('readyForQuery')).map(describe), [/57014/, /^ready/], 'waiting for COPY data');
  client.destroy();
});

t.test('too many clients', async (t) => {
  const { target, server } = await start(t, { maxConnections: 2 });
  const first = await ScriptClient.open(target);
  const second = await ScriptClient.open(target);
  await t.rejects(new pg.Client(target).connect(), {
    code: '53300',
    severity: 'FATAL',
    message: 'sorry, too many clients already',
  });
  first.send(serialize.end());
  await first.until('close');
  await eventually(t, () => server.registry.size === 1, 'a slot is free');
  const third = await ScriptClient.open(target);
  for (const client of [second, third]) client.destroy();
});

t.test('shutdown', async (t) => {
  const { target, server, fake } = await start(t);
  const idle = await ScriptClient.open(target);
  const busy = await ScriptClient.open(target);
  const copying = await ScriptClient.open(target);
  busy.send(serialize.query('sleep'));
  copying.send(serialize.query('copy in'));
  await copying.until('copyInResponse');
  await eventually(t, () => fake.sessions[1].lastSink !== null, 'the statement runs');
  const closed = server.close('fast');
  for (const client of [idle, busy, copying]) {
    t.same((await client.until('close')).map(describe), [
      'error "terminating connection due to administrator command" "FATAL" "57P01"',
    ]);
  }
  await closed;
  t.same(
    fake.sessions.map((session) => session.terminated),
    [1, 1, 1],
  );
  await t.rejects(ScriptClient.open(target));
});

const goAway = sqlError('admin_shutdown', 'terminating connection due to administrator command', { severity: 'FATAL' });

t.test('one backend is sent away', async (t) => {
  const { target, server, fake } = await start(t);
  const client = await ScriptClient.open(target);
  const other = await ScriptClient.open(target);
  t.notOk(server.registry.stop(4711, goAway));
  t.ok(server.registry.stop(1, goAway));
  t.match((await client.until('close')).map(describe), [/57P01/]);
  t.equal(fake.sessions[0].terminated, 1);
  other.send(serialize.query('select 1'));
  t.equal((await other.until('readyForQuery')).length, 4);
  other.destroy();
});

t.test('clients that vanish', async (t) => {
  const { target, fake, server } = await start(t);
  for (const sql of ['sleep', 'copy in', 'wide 100000', 'select 1']) {
    const client = await ScriptClient.open(target);
    const session = fake.sessions[fake.sessions.length - 1];
    if (sql.startsWith('wide')) client.pause();
    client.send(serialize.query(sql));
    await eventually(t, () => session.lastSink !== null, `${sql} has begun`);
    client.destroy();
    if (sql === 'sleep') server.registry.cancel(fake.sessions.length);
    await eventually(t, () => session.terminated === 1, `${sql} is over`);
  }
  await eventually(t, () => server.registry.size === 0, 'no backend is left');
});

t.test('a client that does not read is waited for', async (t) => {
  const { target, fake } = await start(t, { unsentLimit: 256 * 1024 });
  const slow = await ScriptClient.open(target);
  slow.pause();
  slow.send(serialize.query('wide 60000'), serialize.query('select 1'));
  await eventually(t, () => fake.sessions[0].lastSink !== null, 'the statement runs');
  const quick = await ScriptClient.open(target);
  quick.send(serialize.query('select 1'));
  await quick.until('readyForQuery');
  t.equal(fake.sessions[0].lastSink?.backpressure() === null, false, 'the producer waits');
  slow.resume();
  t.equal((await slow.until('readyForQuery')).length, 60_000 + 3);
  t.equal((await slow.until('readyForQuery')).length, 4);
  for (const client of [slow, quick]) client.destroy();
});

t.test('a message that comes in small pieces, and thousands in one', async (t) => {
  const { target } = await start(t);
  const client = await ScriptClient.open(target);
  const message = serialize.query(`select ${'x'.repeat(100)}`);
  for (let i = 0; i < message.length; i += 9) {
    client.send(message.subarray(i, i + 9));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal((await client.until('readyForQuery')).length, 4);
  const one = serialize.query('select 1');
  client.send(Buffer.concat(Array.from({ length: 20_000 }, () => one)));
  let answers = 0;
  while (answers < 20_000 && (await client.until('readyForQuery')).length === 4) answers++;
  t.equal(answers, 20_000);
  const long = 3_000_000;
  client.send(serialize.query(`select '${'y'.repeat(long)}'`));
  t.equal((await client.until('readyForQuery')).length, 4, 'a statement of megabytes');
  client.destroy();
});

t.test('messages nobody asked for reach an idle client', async (t) => {
  const { target, fake } = await start(t);
  const client = await ScriptClient.open(target);
  client.send(serialize.query('select 1'));
  await client.until('readyForQuery');
  fake.sessions[0].lastSink?.notification(7, 'news', 'payload');
  t.equal(describe((await client.next()) ?? undefined), 'notification 7 "news" "payload"');
  client.destroy();
});

t.test('a client that only closes its sending side gets its answers', async (t) => {
  const { target } = await start(t);
  const client = await ScriptClient.open(target);
  client.send(serialize.query('busy 5'), serialize.query('select 1'));
  client.end();
  t.equal((await client.until('close')).length, 6);
});

t.test('startup that takes too long', async (t) => {
  const { target } = await start(t, { authenticationTimeout: 50, authMethod: () => ({ method: 'scram-sha-256' }) });
  t.equal(await answerTo(target, Buffer.alloc(0)), '');
  const answer = await answerTo(target, serialize.startup({ user: 'anna' }));
  t.match(answer, /SCRAM-SHA-256.*C57014.*canceling authentication due to timeout/s);
});

t.test('input piles up no further than a bound while a statement waits', async (t) => {
  const { target, server, fake } = await start(t);
  const client = await ScriptClient.open(target);
  const filler = serialize.query(`select ${'x'.repeat(10_000)}`);
  client.send(serialize.query('sleep'), ...Array.from({ length: 400 }, () => filler));
  await eventually(t, () => fake.sessions[0].lastSink !== null, 'the statement runs');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.ok(server.registry.cancel(1));
  t.match((await client.until('readyForQuery')).map(describe), [/57014/, /^ready/]);
  for (let i = 0; i < 400; i++) {
    if ((await client.until('readyForQuery')).length !== 4) t.fail(`answer ${i}`);
  }
  client.destroy();
});

t.test('random messages hurt nobody else', async (t) => {
  const { target, fake } = await start(t);
  const steady = await ScriptClient.open(target);
  const letters = 'QPBEDCSHdcfFXp'.split('');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...letters), fc.uint8Array({ maxLength: 30 })), { maxLength: 8 }),
      async (messages) => {
        const client = await ScriptClient.open(target);
        for (const [type, body] of messages) {
          const header = Buffer.alloc(5);
          header.write(type, 0, 'latin1');
          header.writeInt32BE(body.length + 4, 1);
          client.send(header, body);
        }
        client.send(Buffer.from([0xff]));
        const answer = await client.until('close');
        return answer.every((message) => describe(message).includes('XX000') === false);
      },
    ),
    { numRuns: 60 },
  );
  steady.send(serialize.query('select 1'));
  t.equal((await steady.until('readyForQuery')).length, 4);
  steady.destroy();
  await eventually(t, () => fake.sessions.every((session) => session.terminated === 1), 'all sessions are ended');
});

t.test('a Unix socket', async (t) => {
  const addresses: string[] = [];
  const { server } = await start(t, {
    authMethod: ({ remoteAddress }) => {
      addresses.push(remoteAddress);
      return { method: 'trust' };
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'pgwire-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await server.listen(directory, 5432);
  const client = new pg.Client({ host: directory, port: 5432, user: 'tester', database: 'x' });
  await client.connect();
  t.equal((await client.query('rows 3')).rows.length, 3);
  await client.end();
  t.same(addresses, ['[local]']);
});

t.test('who is woken by another runs after it, not inside it', async (t) => {
  const { target, fake } = await start(t);
  const sleeper = await ScriptClient.open(target);
  const waker = await ScriptClient.open(target);
  sleeper.send(serialize.query('sleep; select 1'));
  await eventually(t, () => fake.sessions[0].lastSink !== null, 'the statement runs');
  WAKE_EVENTS.length = 0;
  waker.send(serialize.query('wake'));
  t.equal((await sleeper.until('readyForQuery')).length, 5);
  t.equal((await waker.until('readyForQuery')).length, 2);
  t.same(WAKE_EVENTS, ['waking', 'woke', 'slept']);
  waker.send(serialize.query('instant'));
  t.equal((await waker.until('readyForQuery')).length, 2, 'waits that are over at once need no deep stack');
  for (const client of [sleeper, waker]) client.destroy();
});
