/**
 * Bytes that no client should send, to the whole server: the answer is PostgreSQL's or none, the connection ends where
 * PostgreSQL ends it, and a second connection goes on throughout.
 */
import { connect, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';
import { describe, ScriptClient, type ScriptTarget } from './protocol-script.js';

/** A message with its length word. */
function message(type: string, body: Buffer | string, length?: number): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(length ?? bytes.length + 4, 1);
  return Buffer.concat([header, bytes]);
}

const STARTUP = serialize.startup({ user: 'orbit', database: 'actors' });
const SYNC = serialize.sync();
const ends = /^error ".*" "FATAL"/;

/** Everything the server says to the bytes until it closes, or until it has been silent for a while. */
function answerTo(target: ScriptTarget, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(target.port, target.host, () => socket.write(bytes));
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    };
    socket.setTimeout(1000, done);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', done);
  });
}

async function withServer(t: Test, work: (target: ScriptTarget) => Promise<void>): Promise<void> {
  const server = await startTestServer();
  const target = { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' };
  const steady = await ScriptClient.open(target);
  await work(target);
  steady.send(serialize.query('SELECT 1'));
  t.equal((await steady.until('readyForQuery')).length, 4, 'everybody else goes on');
  steady.destroy();
  await server.stop();
}

/** Sends messages, then a query; what came before the query's own answer. */
async function exchange(target: ScriptTarget, ...bytes: Buffer[]): Promise<string[]> {
  const client = await ScriptClient.open(target);
  client.send(...bytes);
  client.send(message('X', ''));
  const answers = (await client.until('close')).map(describe);
  client.destroy();
  return answers;
}

t.test('before the session', async (t) => {
  await withServer(t, async (target) => {
    const silent: Readonly<Record<string, Buffer>> = {
      'HTTP GET': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
      'HTTP POST of a megabyte': Buffer.concat([Buffer.from('POST / HTTP/1.1\r\n\r\n'), Buffer.alloc(1 << 20, 'x')]),
      'TLS ClientHello': Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1'),
      'SSH banner': Buffer.from('SSH-2.0-OpenSSH_9.0\r\n'),
      zeros: Buffer.alloc(64),
      ones: Buffer.alloc(64, 0xff),
      'two gigabytes announced': Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]),
      'a negative length': Buffer.from([0xff, 0xff, 0xff, 0xf0, 0, 3, 0, 0]),
      'a length that ends in itself': Buffer.from([0, 0, 0, 4]),
      'half a startup packet, then nothing': STARTUP.subarray(0, 10),
    };
    for (const [name, bytes] of Object.entries(silent)) t.equal(await answerTo(target, bytes), '', name);
    const startup = (body: string): Buffer => {
      const bytes = Buffer.from(`\0\0\0\0\0\x03\0\0${body}`, 'latin1');
      bytes.writeInt32BE(bytes.length);
      return bytes;
    };
    t.match(await answerTo(target, startup('user\0orbit')), /C08P01.*expected terminator as last byte/s);
    t.match(await answerTo(target, startup('user\0orbit\0\0extra\0')), /C08P01.*expected terminator as last byte/s);
    t.match(await answerTo(target, startup('\0')), /C28000.*no PostgreSQL user name/s);
    t.match(await answerTo(target, startup('user\0orbit\0database\0nowhere\0\0')), /C3D000/);
    t.match(await answerTo(target, startup('user\0orbit\0database\0actors\0nonsense\0x\0\0')), /C42704/);
    t.match(await answerTo(target, startup('user\0orbit\0database\0actors\0options\0-c nonsense\0\0')), /C42601/);
    t.match(await answerTo(target, startup('user\0\xff\xfe\0database\0actors\0\0')), /C28000|C22021/);
    t.match(
      await answerTo(target, Buffer.from([0, 0, 0, 8, 0, 2, 0, 0])),
      /C0A000.*unsupported frontend protocol 2.0/s,
    );
    t.match(await answerTo(target, serialize.cancel(1, 2)), /^$/);
  });
});

t.test('wrong insides', async (t) => {
  await withServer(t, async (target) => {
    const bind = (rest: string): Buffer => message('B', `\0s\0${rest}`);
    const parse = serialize.parse({ name: 's', text: 'SELECT $1::int4, $2::text', types: [] });
    const cases: Readonly<Record<string, readonly [Buffer[], RegExp]>> = {
      'Query without an end': [[message('Q', 'SELECT 1')], /"08P01"/],
      'Query with a zero byte inside': [
        [message('Q', 'SELECT 1\0; SELECT 2\0')],
        /"invalid message format" "ERROR" "08P01"/,
      ],
      'Query that is no UTF-8': [
        [message('Q', "SELECT '\xc3\x28'\0")],
        /invalid byte sequence for encoding \\"UTF8\\": 0xc3 0x28" "ERROR" "22021"/,
      ],
      'Query with half a character': [[message('Q', "SELECT '\xe2\x82\0")], /"22021"/],
      'Query with a surrogate': [[message('Q', "SELECT '\xed\xa0\x80'\0")], /"22021"/],
      'Parse with more types than it says': [[message('P', '\0SELECT 1\0\0\0\0\0\0\x17'), SYNC], /"08P01"/],
      'Parse with fewer types than it says': [
        [message('P', '\0SELECT 1\0\0\x05\0\0\0\x17'), SYNC],
        /"insufficient data left in message" "ERROR" "08P01"/,
      ],
      'Parse without a count': [[message('P', '\0SELECT 1\0'), SYNC], /"08P01"/],
      'Parse of two statements': [
        [message('P', '\0SELECT 1; SELECT 2\0\0\0'), SYNC],
        /"cannot insert multiple commands into a prepared statement" "ERROR" "42601"/,
      ],
      'Parse with an unknown type': [[message('P', '\0SELECT $1\0\0\x01\0\x0f\xff\xff'), SYNC], /"42704"/],
      'Bind with too few parameters': [
        [parse, bind('\0\0\0\x01\0\0\0\x011\0\0'), SYNC],
        /bind message supplies 1 parameters, but prepared statement \\"s\\" requires 2" "ERROR" "08P01"/,
      ],
      'Bind with too many parameters': [
        [parse, bind(`\0\0\0\x03${'\0\0\0\x011'.repeat(3)}\0\0`), SYNC],
        /supplies 3 parameters/,
      ],
      'Bind with two formats for three': [
        [parse, bind(`\0\x02\0\0\0\0\0\x03${'\0\0\0\x011'.repeat(3)}\0\0`), SYNC],
        /bind message has 2 parameter formats but 3 parameters" "ERROR" "08P01"/,
      ],
      'Bind with a format that is none': [
        [parse, bind('\0\x01\0\x07\0\x02\0\0\0\x011\0\0\0\x011\0\0'), SYNC],
        /unsupported format code: 7" "ERROR" "22023"/,
      ],
      'Bind with a length beyond the end': [
        [parse, bind('\0\0\0\x02\0\0\0\x631'), SYNC],
        /"insufficient data left in message" "ERROR" "08P01"/,
      ],
      'Bind with a negative length': [[parse, bind('\0\0\0\x02\xff\xff\xff\xf01'), SYNC], /"08P01"/],
      'Bind with a length of two gigabytes': [[parse, bind('\0\0\0\x02\x7f\xff\xff\xff1'), SYNC], /"08P01"/],
      'Bind with a text that is no UTF-8': [
        [parse, bind('\0\0\0\x02\0\0\0\x011\0\0\0\x02\xc3\x28\0\0'), SYNC],
        /invalid byte sequence for encoding \\"UTF8\\": 0xc3 0x28" "ERROR" "22021"/,
      ],
      'Bind with a zero byte in a text': [
        [parse, bind('\0\0\0\x02\0\0\0\x011\0\0\0\x03a\0b\0\0'), SYNC],
        /invalid byte sequence for encoding \\"UTF8\\": 0x00" "ERROR" "22021"/,
      ],
      'Bind with a binary text that is no UTF-8': [
        [parse, bind('\0\x01\0\x01\0\x02\0\0\0\x04\0\0\0\x01\0\0\0\x02\xc3\x28\0\0'), SYNC],
        /"22021"/,
      ],
      'Bind with a binary integer of three bytes': [
        [parse, bind('\0\x01\0\x01\0\x02\0\0\0\x03\0\0\x01\0\0\0\x01x\0\0'), SYNC],
        /"(08P01|22P03)"/,
      ],
      'Bind with too many result formats': [
        [parse, bind('\0\0\0\x02\0\0\0\x011\0\0\0\x011\0\x03\0\0\0\0\0\0'), SYNC],
        /bind message has 3 result formats but query has 2 columns" "ERROR" "08P01"/,
      ],
      'Bind of a statement that is not there': [[bind('\0\0\0\0\0\0'), SYNC], /"26000"/],
      'Execute of a portal that is not there': [[message('E', 'p\0\0\0\0\0'), SYNC], /"34000"/],
      'Execute without a count': [[message('E', '\0'), SYNC], /"08P01"/],
      'Describe of something else': [
        [message('D', 'Xs\0'), SYNC],
        /invalid DESCRIBE message subtype 88" "ERROR" "08P01"/,
      ],
      'Close of something else': [[message('C', 'Xs\0'), SYNC], /invalid CLOSE message subtype 88" "ERROR" "08P01"/],
      'Sync with a body': [[message('S', 'x')], /"08P01"/],
      'Flush with a body': [[message('H', 'x'), SYNC], /"08P01"/],
      'a function call': [[message('F', '\0\0\0\x01\0\0\0\0\0\0')], /"0A000"/],
    };
    for (const [name, [bytes, expected]] of Object.entries(cases)) {
      const answers = await exchange(target, ...bytes);
      t.match(answers.find((answer) => answer.startsWith('error')) ?? answers.join('\n'), expected, name);
      t.match(answers.at(-1), 'readyForQuery', `${name}: the connection goes on`);
    }
  });
});

t.test('the wrong phase', async (t) => {
  await withServer(t, async (target) => {
    t.match((await exchange(target, message('p', 'secret\0')))[0], ends, 'a password');
    t.match((await exchange(target, message('y', '')))[0], /invalid frontend message type 121" "FATAL" "08P01"/);
    t.same(await exchange(target, message('Q', '', 3)), [], 'a length that does not hold itself');
    t.same(await exchange(target, message('Q', '', -1)), [], 'a negative length');
    t.same(await exchange(target, message('Q', '', 0x7fffffff)), [], 'two gigabytes');
    t.same(await exchange(target, message('S', '', 100_000)), [], 'a Sync of 100 kB');
    t.same(
      await exchange(
        target,
        message('d', 'x'),
        message('c', ''),
        message('f', 'why\0'),
        serialize.query('SELECT 1'),
      ).then((answers) => answers.length),
      4,
      'COPY messages without COPY are dropped',
    );
    const copy = serialize.query('COPY held FROM STDIN');
    const make = serialize.query('CREATE TEMP TABLE held (a int)');
    t.match((await exchange(target, make, copy, message('Q', 'SELECT 1\0'))).at(-1), ends, 'a Query during COPY');
    t.match((await exchange(target, make, copy, message('p', 'x\0'))).at(-1), ends, 'a password during COPY');
    t.match(
      (await exchange(target, make, copy, message('d', '1\n'), message('f', 'no more\0'))).slice(-2).join(),
      /COPY from stdin failed: no more" "ERROR" "57014"/,
    );
    t.match(
      (await exchange(target, make, copy, message('d', '\xff\xfe\n'), message('c', ''))).slice(-2).join(),
      /"22021"/,
      'COPY data that is no UTF-8',
    );
  });
});

/** Sends bytes, waits until they are on their way, and resets the connection. */
function cutOff(target: ScriptTarget, bytes: Buffer, how: 'reset' | 'half-closed'): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(target.port, target.host, () => {
      socket.write(bytes, () => {
        if (how === 'reset') socket.resetAndDestroy();
        else socket.end();
      });
    });
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

t.test('connections that end in the middle of a message', async (t) => {
  await withServer(t, async (target) => {
    const conversation = Buffer.concat([
      STARTUP,
      serialize.query('CREATE TEMP TABLE held (a int)'),
      serialize.parse({ name: 's', text: 'SELECT $1::int4, pg_sleep(0)', types: [] }),
      serialize.bind({ statement: 's', values: ['1'] }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
      SYNC,
      serialize.query('BEGIN'),
      serialize.query('COPY held FROM STDIN'),
      message('d', '1\n'),
      message('c', ''),
      serialize.query('SELECT pg_sleep(0)'),
    ]);
    for (let at = 1; at < conversation.length; at += 3) {
      await cutOff(target, conversation.subarray(0, at), at % 2 === 0 ? 'reset' : 'half-closed');
    }
    const client = await ScriptClient.open(target);
    let left = '';
    for (let i = 0; i < 200 && left !== '"2"'; i++) {
      client.send(serialize.query('SELECT count(*) FROM pg_stat_activity'));
      const row = (await client.until('readyForQuery')).map(describe).find((text) => text.startsWith('dataRow'));
      left = /"\d+"/.exec(row ?? '')?.[0] ?? '';
      if (left !== '"2"') await new Promise((resolve) => setTimeout(resolve, 10));
    }
    t.equal(left, '"2"', 'no session is left behind');
    client.destroy();
  });
});
